//! Events: what happened to a deployment, with all that was said about it.

use std::collections::BTreeMap;

use landfall_domain::{event::Event, user::User};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{Wire, user::UserBasic};
use crate::urls::Urls;

/// An event. What `data` holds depends on its kind; times in it have six decimals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView<'a> {
    id: i64,
    kind: &'static str,
    /// When it came to pass here.
    at: Wire,
    user: Option<UserBasic<'a>>,
    #[schema(value_type = Object)]
    data: Option<&'a RawValue>,
}

impl<'a> EventView<'a> {
    /// The event with this number; `users` are those whom events name.
    #[must_use]
    pub fn new(id: i64, event: &'a Event, users: &'a BTreeMap<i64, User>, urls: &Urls) -> EventView<'a> {
        let user = event.actor_id.and_then(|actor| users.get(&actor.0));
        EventView {
            id,
            kind: event.kind.as_str(),
            at: Wire(event.at),
            user: user.map(|user| UserBasic::new(user, urls)),
            data: serde_json::from_str(&event.data).ok(),
        }
    }
}
