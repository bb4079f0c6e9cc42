//! Deleting an environment with all its deployments (neighbours, 1.5 and 1.6).
//!
//! A few deployments go with their environment in one transaction. Many go in steps, with other writes between them.
//! Such a deletion is planned first, so that the background job ends it if this process does not.

use std::time::Duration;

use landfall_domain::{
    deployment::Deployment,
    environment::{Environment, State},
    event::{Event, Kind},
    ids::{EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, deployments, environments, events};

use super::{Refusal, create_deployment::event_data, environment};
use crate::App;

/// Deployments that are deleted in one transaction.
const STEP: i64 = 200;

/// After this the background job takes over a deletion that has not come to its end.
const TAKE_OVER: Duration = Duration::from_mins(5);

/// What is to be deleted. The caller's rights have been checked.
#[derive(Clone, Copy, Debug)]
pub struct DeleteEnvironment {
    /// Where.
    pub project_id: ProjectId,
    /// Which.
    pub id: EnvironmentId,
    /// By whom.
    pub user_id: UserId,
    /// Only if it has not changed since.
    pub unmodified_since: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// Deletes it, if it is stopped, and its deployments, whatever their status. A success that comes in while that goes on
/// keeps the environment, with those of its deployments that are left.
pub async fn delete_environment(app: &App, wanted: DeleteEnvironment) -> Result<(), Refusal> {
    let mut left = app.store.write(move |tx| begin(tx, &wanted)).await?;
    while left == Left::More {
        let go_on = move |tx: &mut Tx<'_>| go_on(tx, wanted.project_id, wanted.id, Some(wanted.user_id), wanted.now);
        left = app.store.write(go_on).await?;
    }
    Ok(())
}

/// Takes a step in deleting the environment whose time came first; answers whether there may be more to do.
pub(crate) async fn delete_due(app: &App) -> Result<bool, Refusal> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let due = environments::due_to_delete(tx, now, 1)?;
            if let Some(environment) = due.first() {
                step(tx, environment, None, now)?;
            }
            Ok(!due.is_empty())
        })
        .await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    More,
}

fn begin(tx: &mut Tx<'_>, wanted: &DeleteEnvironment) -> Result<Left, Refusal> {
    let found = environments::by_id(tx, wanted.project_id, wanted.id)?;
    let mut environment = found.ok_or(Refusal::NotFound)?;
    if environment.state != State::Stopped {
        return Err(Refusal::Forbidden);
    }
    if wanted
        .unmodified_since
        .is_some_and(|since| since < environment.updated_at)
    {
        return Err(Refusal::ChangedSince);
    }
    let left = step(tx, &environment, Some(wanted.user_id), wanted.now)?;
    if left == Left::More {
        environment.auto_delete_at = Some(wanted.now.plus(TAKE_OVER));
        environments::update(tx, &environment)?;
    }
    Ok(left)
}

fn go_on(
    tx: &mut Tx<'_>,
    project: ProjectId,
    id: EnvironmentId,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<Left, Refusal> {
    // The background job may have ended it.
    let Some(environment) = environments::by_id(tx, project, id)? else {
        return Ok(Left::Nothing);
    };
    if environment.state != State::Stopped || environment.auto_delete_at.is_none() {
        return Err(Refusal::Conflict);
    }
    step(tx, &environment, actor, now)
}

/// Deletes the first deployments, and the environment after the last of them.
fn step(tx: &mut Tx<'_>, environment: &Environment, actor: Option<UserId>, now: Timestamp) -> Result<Left, Refusal> {
    let first = deployments::of_environment(tx, environment.id, STEP)?;
    deployments::delete_many(tx, environment.project_id, &first)?;
    for deployment in &first {
        events::append(tx, &deleted(deployment, environment, actor, now))?;
    }
    if i64::try_from(first.len()) == Ok(STEP) {
        return Ok(Left::More);
    }
    environments::delete(tx, environment.id)?;
    environment::note(tx, Kind::EnvironmentDeleted, environment, actor, now)?;
    Ok(Left::Nothing)
}

fn deleted(deployment: &Deployment, environment: &Environment, actor: Option<UserId>, now: Timestamp) -> Event {
    Event {
        kind: Kind::DeploymentDeleted,
        project_id: Some(deployment.project_id),
        deployment_id: Some(deployment.id),
        environment_id: Some(environment.id),
        actor_id: actor,
        data: event_data(deployment, &environment.name),
        at: now,
    }
}

#[cfg(test)]
mod tests;
