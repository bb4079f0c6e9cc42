//! Access tokens (neighbours, section 6). The secret is among the keys only once, when the token is made.

use jiff::civil::Date;
use landfall_domain::{
    access::AccessLevel,
    member::Source,
    token::{AccessToken, Secret, TokenStatus},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire};

/// A token as its owner sees it in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessTokenBasic)]
pub struct TokenBasic<'a> {
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
}

impl<'a> TokenBasic<'a> {
    /// The token on a day, which decides whether it is active.
    #[must_use]
    pub fn new(token: &'a AccessToken, today: Date) -> TokenBasic<'a> {
        TokenBasic {
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
        }
    }
}

/// A token by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessToken)]
pub struct TokenView<'a> {
    #[serde(flatten)]
    basic: TokenBasic<'a>,
    last_used_ips: Empty,
}

impl<'a> TokenView<'a> {
    /// The token on a day. Addresses of its users are not kept.
    #[must_use]
    pub fn new(token: &'a AccessToken, today: Date) -> TokenView<'a> {
        TokenView {
            basic: TokenBasic::new(token, today),
            last_used_ips: EMPTY,
        }
    }
}

/// A token that was made just now, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewAccessToken)]
pub struct NewTokenView<'a> {
    #[serde(flatten)]
    basic: TokenBasic<'a>,
    token: &'a str,
}

impl<'a> NewTokenView<'a> {
    /// The token with its secret.
    #[must_use]
    pub fn new(token: &'a AccessToken, secret: &'a Secret, today: Date) -> NewTokenView<'a> {
        NewTokenView {
            basic: TokenBasic::new(token, today),
            token: secret.expose(),
        }
    }
}

/// A token of a project or a group.
#[derive(Serialize, ToSchema)]
#[schema(as = ResourceAccessToken)]
pub struct ResourceTokenView<'a> {
    #[serde(flatten)]
    basic: TokenBasic<'a>,
    access_level: Option<i64>,
    resource_type: &'static str,
    resource_id: i64,
    /// Only when it was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

impl<'a> ResourceTokenView<'a> {
    /// The token, and the level of its bot, which has none after the token's end.
    #[must_use]
    pub fn new(
        token: &'a AccessToken,
        source: Source,
        level: Option<AccessLevel>,
        secret: Option<&'a Secret>,
        today: Date,
    ) -> ResourceTokenView<'a> {
        ResourceTokenView {
            basic: TokenBasic::new(token, today),
            access_level: level.map(AccessLevel::number),
            resource_type: source.as_str(),
            resource_id: source.id(),
            token: secret.map(Secret::expose),
        }
    }
}
