//! Environments of other instances.

use landfall_domain::{
    environment::{Environment, EnvironmentName, Invalid, State, check_external_url},
    event::Kind,
    ids::ProjectId,
    time::Timestamp,
};
use landfall_store::{Tx, environments};
use serde_json::json;

use super::{ImportEnvironments, Outcome, Refused};
use crate::{
    imports::EnvironmentRecord,
    ops::{Refusal, environment},
};

/// The most characters of a slug that is taken over.
const LONGEST_SLUG: usize = 63;

/// Brings environments to what their instance says about them, and makes those that are missing.
pub fn import_environments(tx: &mut Tx<'_>, wanted: &ImportEnvironments) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::default();
    for record in &wanted.records {
        let at = (wanted.project_id, wanted.now);
        match import(tx, record, at, &mut outcome) {
            Ok(()) => {}
            Err(Refusal::Store(error)) => return Err(error.into()),
            Err(refusal) => {
                outcome.refused.insert(Refused {
                    what: format!("environment {}", record.name),
                    why: refusal.to_string(),
                });
            }
        }
    }
    Ok(outcome)
}

fn import(
    tx: &mut Tx<'_>,
    record: &EnvironmentRecord,
    (project, now): (ProjectId, Timestamp),
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let found = find_or_create(tx, record, project, now, outcome)?;
    let updated = Environment {
        external_url: shown_url(record),
        tier: record.tier.unwrap_or(found.tier),
        state: record.state.unwrap_or(found.state),
        description: record.description.clone(),
        auto_stop_setting: record.auto_stop_setting.unwrap_or(found.auto_stop_setting),
        auto_stop_at: record.auto_stop_at,
        auto_delete_at: found.auto_delete_at.filter(|_| record.state != Some(State::Available)),
        updated_at: record.updated_at.unwrap_or(found.updated_at),
        ..found.clone()
    };
    if updated == found {
        return Ok(());
    }
    environments::update(tx, &updated)?;
    outcome.environments_updated.insert(found.name.clone());
    let kind = match (found.state, updated.state) {
        (before, after) if before == after => Kind::EnvironmentUpdated,
        (_, State::Available) => Kind::EnvironmentStarted,
        (_, State::Stopping | State::Stopped) => Kind::EnvironmentStopped,
    };
    append(tx, kind, &updated, now)
}

/// Finds the environment of a record by its name, or makes it; the slug is the one that it has there, if that is free
/// here.
pub(super) fn find_or_create(
    tx: &mut Tx<'_>,
    record: &EnvironmentRecord,
    project: ProjectId,
    now: Timestamp,
    outcome: &mut Outcome,
) -> Result<Environment, Refusal> {
    let wrong = |errors: Vec<_>| Refusal::Environment(errors.into_iter().map(Invalid::Name).collect());
    let name = EnvironmentName::near(&record.name).map_err(wrong)?;
    if let Some(found) = environments::by_name(tx, project, name.as_str())? {
        return Ok(found);
    }
    let blank = environment::blank(project, name.as_str(), now);
    let own_slug = blank.slug.clone();
    let mut new = Environment {
        slug: record
            .slug
            .clone()
            .filter(|slug| is_slug(slug))
            .unwrap_or_else(|| own_slug.clone()),
        external_url: shown_url(record),
        tier: record.tier.unwrap_or(blank.tier),
        state: record.state.unwrap_or(blank.state),
        description: record.description.clone(),
        auto_stop_setting: record.auto_stop_setting.unwrap_or(blank.auto_stop_setting),
        auto_stop_at: record.auto_stop_at,
        created_at: record.created_at.unwrap_or(now),
        updated_at: record.updated_at.or(record.created_at).unwrap_or(now),
        ..blank
    };
    let mut made = environments::insert(tx, &new)?;
    if made.is_none() {
        new.slug = own_slug;
        made = environments::insert(tx, &new)?;
    }
    new.id = made.ok_or_else(|| Refusal::Environment(vec![Invalid::SlugTaken]))?;
    append(tx, Kind::EnvironmentCreated, &new, now)?;
    outcome.environments_created.insert(new.name.clone());
    Ok(new)
}

/// Takes over from a deployment what it tells of its environment, if that is newer than what is known: not every
/// instance has a list of environments.
pub(super) fn refresh(
    tx: &mut Tx<'_>,
    found: &Environment,
    record: &EnvironmentRecord,
    now: Timestamp,
    outcome: &mut Outcome,
) -> Result<(), Refusal> {
    let Some(updated_at) = record.updated_at.filter(|told| *told > found.updated_at) else {
        return Ok(());
    };
    let updated = Environment {
        external_url: shown_url(record),
        updated_at,
        ..found.clone()
    };
    environments::update(tx, &updated)?;
    outcome.environments_updated.insert(found.name.clone());
    append(tx, Kind::EnvironmentUpdated, &updated, now)
}

/// The address, unless it is one that no page may link to.
fn shown_url(record: &EnvironmentRecord) -> Option<String> {
    record
        .external_url
        .clone()
        .filter(|url| check_external_url(url).is_ok())
}

fn is_slug(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= LONGEST_SLUG && text.chars().all(is_allowed)
}

fn append(tx: &mut Tx<'_>, kind: Kind, changed: &Environment, now: Timestamp) -> Result<(), Refusal> {
    let data = json!({ "name": changed.name, "source": "import" });
    environment::note_with(tx, kind, changed, None, now, &data)
}
