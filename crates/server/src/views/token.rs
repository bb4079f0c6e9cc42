//! Access tokens (neighbours, section 6). The secret is never among the keys.

use jiff::civil::Date;
use landfall_domain::token::{AccessToken, TokenStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire};

/// A token as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessToken)]
pub struct TokenView<'a> {
    id: i64,
    name: &'a str,
    revoked: bool,
    created_at: Wire,
    description: Option<&'a str>,
    scopes: Vec<&'static str>,
    user_id: i64,
    last_used_at: Option<Wire>,
    active: bool,
    expires_at: Option<String>,
    last_used_ips: Empty,
}

impl<'a> TokenView<'a> {
    /// The token on a day, which decides whether it is active. Addresses of its users are not kept.
    #[must_use]
    pub fn new(token: &'a AccessToken, today: Date) -> TokenView<'a> {
        TokenView {
            id: token.id.0,
            name: &token.name,
            revoked: token.revoked,
            created_at: Wire(token.created_at),
            description: token.description.as_deref(),
            scopes: token.scopes.as_strs(),
            user_id: token.user_id.0,
            last_used_at: token.last_used_at.map(Wire),
            active: token.status(today) == TokenStatus::Active,
            expires_at: token.expires_at.map(|day| day.to_string()),
            last_used_ips: EMPTY,
        }
    }
}
