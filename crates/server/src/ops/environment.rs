//! Environments as deployments make and wake them (reference section 9), and what all commands about them share.

use landfall_domain::{
    environment::{AutoStopSetting, Environment, EnvironmentName, Invalid, State, Tier, check_external_url, slug},
    event::{Event, Kind},
    ids::{EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, environments, events};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Refusal;

/// The chain of webhooks that something belongs to (neighbours, 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What it is called.
    pub uuid: Uuid,
    /// When it came here with what is done now. Hooks that were told in it by then have been through.
    pub came_at: Timestamp,
}

/// Who does something, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    /// `None` where it is nobody of this instance.
    pub(crate) user: Option<UserId>,
    pub(crate) now: Timestamp,
    /// The chain of webhooks that led here, if one did.
    pub(crate) chain: Option<Chain>,
}

/// Finds the environment by its exact name, or makes it, with the given `external_url` if there is one.
pub(crate) fn find_or_create(
    tx: &mut Tx<'_>,
    project: ProjectId,
    name: &str,
    external_url: Option<&str>,
    by: By,
) -> Result<Environment, Refusal> {
    if let Some(found) = environments::by_name(tx, project, name)? {
        return Ok(found);
    }
    EnvironmentName::parse(name)
        .map_err(|errors| Refusal::Environment(errors.into_iter().map(Invalid::Name).collect()))?;
    let mut environment = blank(project, name, by.now);
    if let Some(url) = external_url.filter(|url| !url.is_empty()) {
        check_external_url(url).map_err(|error| Refusal::Environment(vec![Invalid::ExternalUrl(error)]))?;
        environment.external_url = Some(url.to_owned());
    }
    let Some(id) = environments::insert(tx, &environment)? else {
        // Another node made it just now, or another name has its slug.
        let found = environments::by_name(tx, project, name)?;
        return found.ok_or_else(|| Refusal::Environment(vec![Invalid::SlugTaken]));
    };
    environment.id = id;
    note(tx, Kind::EnvironmentCreated, &environment, by.user, by.now)?;
    Ok(environment)
}

/// A new environment of which nothing is known but its name. Its id is not one yet.
pub(super) fn blank(project: ProjectId, name: &str, now: Timestamp) -> Environment {
    Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.to_owned(),
        slug: slug(name),
        external_url: None,
        tier: Tier::guess(name),
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        auto_delete_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Completes an environment with what a sender tells of it: an address where it has none, and the tier where it has only
/// the one that its name suggests.
pub(crate) fn complete(
    tx: &mut Tx<'_>,
    environment: &mut Environment,
    tier: Option<Tier>,
    external_url: Option<String>,
    by: By,
) -> Result<(), Refusal> {
    let is_guessed = environment.tier == Tier::guess(&environment.name);
    let tier = tier.filter(|tier| is_guessed && *tier != environment.tier);
    let external_url = external_url.filter(|_| environment.external_url.is_none());
    if tier.is_none() && external_url.is_none() {
        return Ok(());
    }
    environment.tier = tier.unwrap_or(environment.tier);
    environment.external_url = external_url.or(environment.external_url.take());
    environment.updated_at = by.now;
    environments::update(tx, environment)?;
    note(tx, Kind::EnvironmentUpdated, environment, by.user, by.now)
}

/// A success brings a stopped environment back.
pub(crate) fn wake(tx: &mut Tx<'_>, environment: &mut Environment, by: By) -> Result<(), Refusal> {
    if !environment.start(by.now) {
        return Ok(());
    }
    environments::update(tx, environment)?;
    note(tx, Kind::EnvironmentStarted, environment, by.user, by.now)
}

/// Notes what happened to an environment; `actor` is `None` where its time had come.
pub(super) fn note(
    tx: &mut Tx<'_>,
    kind: Kind,
    environment: &Environment,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    note_with(tx, kind, environment, actor, now, &json!({ "name": environment.name }))
}

/// As [`note`], with what there is to tell beside the name in `data`.
pub(super) fn note_with(
    tx: &mut Tx<'_>,
    kind: Kind,
    environment: &Environment,
    actor: Option<UserId>,
    now: Timestamp,
    data: &Value,
) -> Result<(), Refusal> {
    let event = Event {
        kind,
        project_id: Some(environment.project_id),
        deployment_id: None,
        environment_id: Some(environment.id),
        actor_id: actor,
        data: data.to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}
