//! Sources of hooks and what they have sent. Our own additions; a secret is shown once, by whoever made it.

use landfall_domain::{
    hook::{Delivery, HookSource, Scope},
    time::Timestamp,
};
use landfall_store::inbox::Content;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Wire;
use crate::urls::Urls;

/// A source of hooks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HookSource)]
pub struct HookSourceView<'a> {
    id: i64,
    sender: &'static str,
    name: &'a str,
    /// Where its sender sends to.
    url: String,
    project_id: Option<i64>,
    group_id: Option<i64>,
    user_id: Option<i64>,
    created_at: Wire,
    /// Only in the answer to the request that set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

impl<'a> HookSourceView<'a> {
    /// A source; with its secret, if it was set just now.
    #[must_use]
    pub fn new(source: &'a HookSource, secret: Option<&'a str>, urls: &Urls) -> HookSourceView<'a> {
        let (project_id, group_id) = match source.scope {
            Scope::Project(id) => (Some(id.0), None),
            Scope::Group(id) => (None, Some(id.0)),
        };
        HookSourceView {
            id: source.id.0,
            sender: source.sender.as_str(),
            name: &source.name,
            url: format!("{}/hooks/{}/{}", urls.instance(), source.sender, source.id),
            project_id,
            group_id,
            user_id: source.user_id.map(|id| id.0),
            created_at: Wire(source.created_at),
            secret,
        }
    }
}

/// A delivery.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView<'a> {
    id: i64,
    hook_source_id: i64,
    sender: &'static str,
    project_id: Option<i64>,
    /// The sender's own id.
    external_id: Option<&'a str>,
    event: Option<&'a str>,
    /// `waiting`, `done`, `ignored` or `failed`.
    state: &'static str,
    /// Why it was ignored, what failed, or what was left out.
    note: Option<&'a str>,
    attempts: i64,
    received_at: Wire,
    processed_at: Option<Wire>,
    /// The headers without secrets (only for a single delivery).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    headers: Option<&'a RawValue>,
    /// The body as text (only for a single delivery).
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl<'a> DeliveryView<'a> {
    /// A delivery, and what was sent with it where that is asked for.
    #[must_use]
    pub fn new(delivery: &'a Delivery, content: Option<&'a Content>) -> DeliveryView<'a> {
        DeliveryView {
            id: delivery.id.0,
            hook_source_id: delivery.source_id.0,
            sender: delivery.sender.as_str(),
            project_id: delivery.project_id.map(|id| id.0),
            external_id: delivery.external_id.as_deref(),
            event: delivery.event.as_deref(),
            state: delivery.state.as_str(),
            note: delivery.note.as_deref(),
            attempts: delivery.attempts,
            received_at: Wire(delivery.received_at),
            processed_at: delivery.processed_at.map(|at: Timestamp| Wire(at)),
            headers: content.and_then(|content| serde_json::from_str(&content.headers).ok()),
            body: content.map(|content| String::from_utf8_lossy(&content.body).into_owned()),
        }
    }
}
