//! Access tokens: how they look, what they allow, when they end.

use jiff::civil::Date;

use crate::{
    ids::{TokenId, UserId},
    time::Timestamp,
};

/// What a token allows (reference 4.3). Unknown scopes of other systems do not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything its user may.
    Api,
    /// Reading everything its user may read.
    ReadApi,
    /// Reading the user's own profile, and `/version`.
    ReadUser,
    /// Acting as somebody else; for administrators.
    Sudo,
}

/// A set of scopes, in GitLab's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// A personal access token as it is stored: the secret itself is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Global id.
    pub id: TokenId,
    /// Whose rights it carries.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What its owner notes about it.
    pub description: Option<String>,
    /// What it allows.
    pub scopes: Scopes,
    /// Ended by hand.
    pub revoked: bool,
    /// Dead from 00:00 UTC of this day on.
    pub expires_at: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<Timestamp>,
}
