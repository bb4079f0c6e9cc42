//! Environments as deployments make and wake them (reference section 9).

use landfall_domain::{
    environment::{AutoStopSetting, Environment, EnvironmentName, State, Tier, slug},
    event::{Event, Kind},
    ids::{EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, environments, events};
use serde_json::json;

use super::Refusal;

/// Who does something, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    pub(crate) user: UserId,
    pub(crate) now: Timestamp,
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
    let name = EnvironmentName::parse(name).map_err(Refusal::EnvironmentName)?;
    let mut environment = Environment {
        id: EnvironmentId(0),
        project_id: project,
        name: name.as_str().to_owned(),
        slug: slug(name.as_str()),
        external_url: check_external_url(external_url)?,
        tier: Tier::guess(name.as_str()),
        state: State::Available,
        description: None,
        auto_stop_setting: AutoStopSetting::Always,
        auto_stop_at: None,
        created_at: by.now,
        updated_at: by.now,
    };
    let Some(id) = environments::insert(tx, &environment)? else {
        // Another node made it just now, or another name has its slug.
        let found = environments::by_name(tx, project, name.as_str())?;
        return found.ok_or_else(|| Refusal::field("slug", "has already been taken"));
    };
    environment.id = id;
    append(tx, Kind::EnvironmentCreated, &environment, by)?;
    Ok(environment)
}

/// The most characters of an address.
const LONGEST_URL: usize = 255;

/// Where an environment can be seen (neighbours, section 1.3): nearly anything, for it may hold variables, but nothing
/// that runs when a page links to it. Browsers pass over blanks and control characters in front of a scheme.
pub(crate) fn check_external_url(told: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(url) = told.filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let refused = |text: String| Err(Refusal::field("external_url", text));
    if url.chars().count() > LONGEST_URL {
        return refused(format!("is too long (maximum is {LONGEST_URL} characters)"));
    }
    if url.chars().any(char::is_control) {
        return refused(String::from("URI is invalid"));
    }
    let scheme = url
        .trim_start()
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if matches!(scheme.as_str(), "javascript" | "data" | "vbscript") {
        return refused(format!("{scheme} scheme is not allowed"));
    }
    Ok(Some(url.to_owned()))
}

/// A success brings a stopped environment back.
pub(crate) fn wake(tx: &mut Tx<'_>, environment: &mut Environment, by: By) -> Result<(), Refusal> {
    if environment.state == State::Available {
        return Ok(());
    }
    environment.state = State::Available;
    environment.updated_at = by.now;
    environments::update(tx, environment)?;
    append(tx, Kind::EnvironmentStarted, environment, by)
}

fn append(tx: &mut Tx<'_>, kind: Kind, environment: &Environment, by: By) -> Result<(), Refusal> {
    let event = Event {
        kind,
        project_id: Some(environment.project_id),
        deployment_id: None,
        environment_id: Some(environment.id),
        actor_id: Some(by.user),
        data: json!({ "name": environment.name }).to_string(),
        at: by.now,
    };
    Ok(events::append(tx, &event)?)
}
