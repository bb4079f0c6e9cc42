//! Making an environment for itself (neighbours, 1.3).

use landfall_domain::{
    environment::{AutoStopSetting, Environment, EnvironmentName, Invalid, Settings},
    event::Kind,
    ids::{ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, environments};

use super::{Refusal, environment};

/// What is to be made. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct CreateEnvironment {
    /// Where.
    pub project_id: ProjectId,
    /// By whom.
    pub user_id: UserId,
    /// Its name.
    pub name: String,
    /// Everything else that was told about it.
    pub settings: Settings,
    /// The time.
    pub now: Timestamp,
}

/// Makes it.
pub fn create_environment(tx: &mut Tx<'_>, wanted: &CreateEnvironment) -> Result<Environment, Refusal> {
    let mut environment = environment::blank(wanted.project_id, &wanted.name, wanted.now);
    let mut invalid = check_name(tx, &environment)?;
    invalid.extend(wanted.settings.apply(&mut environment));
    if !invalid.is_empty() {
        return Err(Refusal::Environment(invalid));
    }
    let by_tier = AutoStopSetting::default_for(environment.tier);
    environment.auto_stop_setting = wanted.settings.auto_stop_setting.unwrap_or(by_tier);
    let id = environments::insert(tx, &environment)?;
    environment.id = id.ok_or_else(|| Refusal::Environment(vec![Invalid::NameTaken]))?;
    environment::note(
        tx,
        Kind::EnvironmentCreated,
        &environment,
        Some(wanted.user_id),
        wanted.now,
    )?;
    Ok(environment)
}

/// What stands against the name, and against the slug that comes of it.
fn check_name(tx: &mut Tx<'_>, new: &Environment) -> Result<Vec<Invalid>, Refusal> {
    if let Err(errors) = EnvironmentName::parse(&new.name) {
        return Ok(errors.into_iter().map(Invalid::Name).collect());
    }
    let mut invalid = Vec::new();
    if environments::by_name(tx, new.project_id, &new.name)?.is_some() {
        invalid.push(Invalid::NameTaken);
    }
    if environments::by_slug(tx, new.project_id, &new.slug)?.is_some() {
        invalid.push(Invalid::SlugTaken);
    }
    Ok(invalid)
}
