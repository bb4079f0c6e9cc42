//! Making, changing and deleting webhooks.

use landfall_domain::{
    event::{Event, Kind},
    ids::{UserId, WebhookId},
    time::Timestamp,
    webhook::{Owner, Webhook},
};
use landfall_store::{Tx, events, webhooks};
use serde_json::json;
use thiserror::Error;

use super::Refusal;

/// Hooks that one owner may have.
const MOST: i64 = 100;

/// Who does something to a hook, and when.
#[derive(Clone, Copy, Debug)]
pub struct ByWhom {
    /// The user.
    pub user: UserId,
    /// The time.
    pub now: Timestamp,
}

/// What a hook's settings cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Nothing can be sent to the address, or nothing may.
    #[error("Invalid url given")]
    Url,
    /// A header or variable has a name or value that it cannot have.
    #[error("Illegal key or value")]
    Pair,
    /// A field does not hold what it must.
    #[error("{0} {1}")]
    Field(&'static str, String),
}

/// Makes a hook; the id that it has is passed over.
pub fn create_webhook(tx: &mut Tx<'_>, wanted: &Webhook, by: ByWhom) -> Result<Webhook, Refusal> {
    if webhooks::total(tx, wanted.owner)? >= MOST {
        let kind = match wanted.owner {
            Owner::Project(_) => "project hooks",
            Owner::Group(_) => "group hooks",
            Owner::Instance => "system hooks",
        };
        return Err(Unfit::Field("base", format!("Maximum number of {kind} ({MOST}) exceeded")).into());
    }
    let id = webhooks::insert(tx, wanted)?;
    append(tx, Kind::WebhookCreated, wanted.owner, id, by)?;
    Ok(Webhook { id, ..wanted.clone() })
}

/// Changes a hook as `change` has it.
pub fn update_webhook(
    tx: &mut Tx<'_>,
    (owner, id): (Owner, WebhookId),
    by: ByWhom,
    change: impl FnOnce(&mut Webhook) -> Result<(), Refusal>,
) -> Result<Webhook, Refusal> {
    let mut hook = webhooks::get(tx, owner, id)?.ok_or(Refusal::NotFound)?;
    change(&mut hook)?;
    webhooks::update(tx, &hook)?;
    append(tx, Kind::WebhookUpdated, owner, id, by)?;
    Ok(hook)
}

/// Deletes a hook.
pub fn delete_webhook(tx: &mut Tx<'_>, (owner, id): (Owner, WebhookId), by: ByWhom) -> Result<(), Refusal> {
    webhooks::get(tx, owner, id)?.ok_or(Refusal::NotFound)?;
    webhooks::delete(tx, id)?;
    append(tx, Kind::WebhookDeleted, owner, id, by)
}

fn append(tx: &mut Tx<'_>, kind: Kind, owner: Owner, id: WebhookId, by: ByWhom) -> Result<(), Refusal> {
    let project_id = match owner {
        Owner::Project(project) => Some(project),
        Owner::Group(_) | Owner::Instance => None,
    };
    let event = Event {
        kind,
        project_id,
        deployment_id: None,
        environment_id: None,
        actor_id: Some(by.user),
        data: json!({ "hook_id": id.0 }).to_string(),
        at: by.now,
    };
    Ok(events::append(tx, &event)?)
}
