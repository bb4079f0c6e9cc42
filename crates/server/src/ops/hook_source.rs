//! Sources of hooks: making them, giving them another secret, deleting them; and replaying what they have sent.

use std::collections::BTreeMap;

use landfall_domain::{
    event::{Event, Kind},
    hook::{Delivery, HookSource, Proof, Scope, Sender, validate_secret},
    ids::{DeliveryId, HookSourceId, UserId},
    project::ProjectPath,
    time::Timestamp,
    token::Secret,
};
use landfall_store::{
    Tx,
    hook_sources::{self, NewHookSource},
    inbox,
};
use serde_json::json;

use super::Refusal;

/// The most characters of a name.
const LONGEST_NAME: usize = 255;

/// What is to be made. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct CreateHookSource {
    /// Which kind of sender it is.
    pub sender: Sender,
    /// What its deliveries may be about.
    pub scope: Scope,
    /// What it is called; empty for nothing.
    pub name: String,
    /// As whom its deployments count where the sender names nobody.
    pub user_id: Option<UserId>,
    /// Projects that have another path here: the sender's path to ours. For sources of groups.
    pub projects: BTreeMap<String, String>,
    /// The secret, which the caller shows once.
    pub secret: Secret,
    /// Who makes it; `None` for the command line.
    pub actor_id: Option<UserId>,
    /// The time.
    pub now: Timestamp,
}

/// Makes it. Two sources of one kind cannot have the same secret, because the secret tells them apart.
pub fn create_hook_source(tx: &mut Tx<'_>, wanted: &CreateHookSource) -> Result<HookSource, Refusal> {
    if wanted.name.chars().count() > LONGEST_NAME {
        return Err(Refusal::field("name", "is too long (maximum is 255 characters)"));
    }
    for path in wanted.projects.values() {
        ProjectPath::parse(path).map_err(|error| Refusal::field("projects", error.to_string()))?;
    }
    let new = NewHookSource {
        sender: wanted.sender,
        scope: wanted.scope,
        name: wanted.name.clone(),
        user_id: wanted.user_id,
        projects: wanted
            .projects
            .iter()
            .map(|(theirs, ours)| (theirs.to_lowercase(), ours.clone()))
            .collect(),
        proof: proof(tx, wanted.sender, &wanted.secret, None)?,
        created_at: wanted.now,
    };
    let source = hook_sources::insert(tx, &new)?;
    append(tx, Kind::HookSourceCreated, &source, wanted.actor_id, wanted.now)?;
    Ok(source)
}

/// Gives a source another secret; the old one counts no longer.
pub fn rotate_hook_source(
    tx: &mut Tx<'_>,
    id: HookSourceId,
    secret: &Secret,
    actor_id: Option<UserId>,
    now: Timestamp,
) -> Result<HookSource, Refusal> {
    let source = hook_sources::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    let proof = proof(tx, source.sender, secret, Some(id))?;
    hook_sources::set_proof(tx, id, &proof)?;
    append(tx, Kind::HookSourceRotated, &source, actor_id, now)?;
    Ok(HookSource { proof, ..source })
}

/// Deletes a source. What it has sent stays, and what of it waits to be read fails.
pub fn delete_hook_source(
    tx: &mut Tx<'_>,
    id: HookSourceId,
    actor_id: Option<UserId>,
    now: Timestamp,
) -> Result<HookSource, Refusal> {
    let source = hook_sources::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    hook_sources::delete(tx, id, now)?;
    append(tx, Kind::HookSourceDeleted, &source, actor_id, now)?;
    Ok(source)
}

/// Lets a delivery be read again; one that waits to be read goes on waiting.
pub fn replay_delivery(tx: &mut Tx<'_>, id: DeliveryId, now: Timestamp) -> Result<Delivery, Refusal> {
    inbox::replay(tx, id, now)?;
    inbox::by_id(tx, id)?.ok_or(Refusal::NotFound)
}

fn proof(tx: &mut Tx<'_>, sender: Sender, secret: &Secret, but: Option<HookSourceId>) -> Result<Proof, Refusal> {
    validate_secret(secret.expose()).map_err(|error| Refusal::field("secret", error.to_string()))?;
    let proof = Proof::of(sender, secret);
    let others = hook_sources::of_sender(tx, sender)?;
    if others.iter().any(|other| other.proof == proof && Some(other.id) != but) {
        return Err(Refusal::field("secret", "has already been taken"));
    }
    Ok(proof)
}

fn append(
    tx: &mut Tx<'_>,
    kind: Kind,
    source: &HookSource,
    actor_id: Option<UserId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let project_id = match source.scope {
        Scope::Project(id) => Some(id),
        Scope::Group(_) => None,
    };
    let event = Event {
        kind,
        project_id,
        deployment_id: None,
        environment_id: None,
        actor_id,
        data: json!({ "hook_source_id": source.id.0, "sender": source.sender, "name": source.name }).to_string(),
        at: now,
    };
    Ok(landfall_store::events::append(tx, &event)?)
}
