//! Groups: what projects stand in, and who may do what with them.

use crate::{
    access::{AccessLevel, Actor, Decision},
    project::{Namespace, Visibility},
    time::Timestamp,
};

/// A group as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its place among the paths.
    pub namespace: Namespace,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// When somebody asked for its deletion; it ends some days later.
    pub marked_for_deletion_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What the `:id` of a request's path names. Unlike a project's, a group's path may be one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRef {
    /// A group's number.
    Id(i64),
    /// A group's whole path, in any letter case.
    Path(String),
    /// Nothing that a group could have.
    Nothing,
}

impl GroupRef {
    /// Reads `:id` after percent-decoding. Digits are always a number and never a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map_or(Self::Nothing, Self::Id);
        }
        if text.is_empty() {
            Self::Nothing
        } else {
            Self::Path(text.to_owned())
        }
    }
}

/// What somebody wants to do with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupAction {
    /// See that it is there, and who is in it.
    Read,
    /// Make a group below it.
    CreateSubgroup,
    /// Change its settings.
    Admin,
    /// Set and remove memberships.
    ManageMembers,
    /// Make and revoke the group's own access tokens.
    ManageAccessTokens,
    /// Delete it.
    Destroy,
}

impl GroupAction {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::Read,
        Self::CreateSubgroup,
        Self::Admin,
        Self::ManageMembers,
        Self::ManageAccessTokens,
        Self::Destroy,
    ];

    const fn least_level(self) -> AccessLevel {
        match self {
            Self::Read => AccessLevel::Minimal,
            Self::CreateSubgroup => AccessLevel::Maintainer,
            Self::Admin | Self::ManageMembers | Self::ManageAccessTokens | Self::Destroy => AccessLevel::Owner,
        }
    }
}

/// The group, as far as it matters to what an actor may do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSubject {
    /// Who may see the group.
    pub visibility: Visibility,
    /// The actor's role in it, its own or that of a group above.
    pub level: Option<AccessLevel>,
    /// Whether the actor is a member of something in it: the way there must be seen.
    pub is_member_below: bool,
}

/// Decides whether `actor` (`None`: not signed in) may do `action` with a group. Who may not see it learns nothing of it.
#[must_use]
pub fn decide_group(actor: Option<&Actor>, subject: &GroupSubject, action: GroupAction) -> Decision {
    let is_admin = actor.is_some_and(|actor| actor.admin);
    let level = subject.level.filter(|_| actor.is_some());
    let is_open = match subject.visibility {
        Visibility::Public => true,
        Visibility::Internal => actor.is_some_and(|actor| !actor.external),
        Visibility::Private => false,
    };
    let sees = is_admin || is_open || level.is_some() || actor.is_some() && subject.is_member_below;
    if !sees {
        return Decision::NotFound;
    }
    // Making a group is nothing that external users do, whatever they are in the one above.
    let is_kept_off = action == GroupAction::CreateSubgroup && actor.is_some_and(|actor| actor.external);
    let passes = action == GroupAction::Read
        || is_admin
        || level.is_some_and(|level| level >= action.least_level()) && !is_kept_off;
    if passes { Decision::Allowed } else { Decision::Forbidden }
}
