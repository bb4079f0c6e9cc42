//! Changing an environment's settings (neighbours, 1.4).

use landfall_domain::{
    environment::{Environment, Settings},
    event::Kind,
    ids::{EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, environments};
use serde_json::json;

use super::{Refusal, environment};

/// What is to be changed. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct UpdateEnvironment {
    /// Where.
    pub project_id: ProjectId,
    /// Which.
    pub id: EnvironmentId,
    /// By whom.
    pub user_id: UserId,
    /// What was told about it.
    pub settings: Settings,
    /// The time.
    pub now: Timestamp,
}

/// Changes it. What is told and is so already is no change.
pub fn update_environment(tx: &mut Tx<'_>, wanted: &UpdateEnvironment) -> Result<Environment, Refusal> {
    let before = environments::by_id(tx, wanted.project_id, wanted.id)?.ok_or(Refusal::NotFound)?;
    let mut environment = before.clone();
    let invalid = wanted.settings.apply(&mut environment);
    if !invalid.is_empty() {
        return Err(Refusal::Environment(invalid));
    }
    if environment == before {
        return Ok(environment);
    }
    environment.updated_at = wanted.now;
    environments::update(tx, &environment)?;
    let data = json!({ "name": environment.name, "changed": changed(&before, &environment) });
    let actor = Some(wanted.user_id);
    environment::note_with(tx, Kind::EnvironmentUpdated, &environment, actor, wanted.now, &data)?;
    Ok(environment)
}

/// The names of the settings that are not as they were.
fn changed(before: &Environment, after: &Environment) -> Vec<&'static str> {
    let settings = [
        ("external_url", before.external_url != after.external_url),
        ("tier", before.tier != after.tier),
        ("description", before.description != after.description),
        ("auto_stop_setting", before.auto_stop_setting != after.auto_stop_setting),
        ("auto_stop_at", before.auto_stop_at != after.auto_stop_at),
    ];
    settings
        .into_iter()
        .filter(|(_, changed)| *changed)
        .map(|(name, _)| name)
        .collect()
}
