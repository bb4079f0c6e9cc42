//! Stopping environments: one, those that nobody uses any more, and those whose time has come (neighbours, 1.5).

use landfall_domain::{
    environment::Environment,
    event::Kind,
    ids::{EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Conn, Tx, deployments, environments};

use super::{Refusal, environment};
use crate::App;

/// Environments that are looked at, or stopped, in one go.
const STEP: i64 = 100;

/// What is to be stopped. The caller's rights have been checked.
#[derive(Clone, Copy, Debug)]
pub struct StopEnvironment {
    /// Where.
    pub project_id: ProjectId,
    /// Which.
    pub id: EnvironmentId,
    /// By whom.
    pub user_id: UserId,
    /// Also if it waits for a stop job.
    pub force: bool,
    /// The time.
    pub now: Timestamp,
}

/// Stops it, unless it is stopped already.
pub fn stop_environment(tx: &mut Tx<'_>, wanted: &StopEnvironment) -> Result<Environment, Refusal> {
    let mut environment = environments::by_id(tx, wanted.project_id, wanted.id)?.ok_or(Refusal::NotFound)?;
    stop(tx, &mut environment, wanted.force, Some(wanted.user_id), wanted.now)?;
    Ok(environment)
}

/// Stops it, with a note of who did; `force` also if it waits for a stop job.
pub(crate) fn stop(
    tx: &mut Tx<'_>,
    environment: &mut Environment,
    force: bool,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if environment.stop(force, now)? {
        environments::update(tx, environment)?;
        environment::note(tx, Kind::EnvironmentStopped, environment, actor, now)?;
    }
    Ok(())
}

/// Which environments are to be stopped because nobody uses them. The caller's rights have been checked.
#[derive(Clone, Copy, Debug)]
pub struct StopStale {
    /// Where.
    pub project_id: ProjectId,
    /// By whom.
    pub user_id: UserId,
    /// Those that have not changed since, nor any of their deployments.
    pub before: Timestamp,
    /// The time.
    pub now: Timestamp,
}

/// Stops all of them, in steps, so that neither the writer nor a reader is held up by a project with many environments
/// or an environment with many deployments. Environments that wait for a stop job stay as they are.
pub async fn stop_stale(app: &App, wanted: StopStale) -> Result<(), Refusal> {
    let mut last = EnvironmentId(0);
    loop {
        let after = last;
        let candidates = app
            .store
            .read(move |conn| environments::unchanged_since(conn, wanted.project_id, wanted.before, after, STEP))
            .await?;
        let Some(end) = candidates.last() else {
            return Ok(());
        };
        last = end.id;
        let mut stale = Vec::new();
        for candidate in candidates {
            let is_used = app
                .store
                .read(move |conn: &mut Conn<'_>| {
                    deployments::changed_since(conn, candidate.id, wanted.before, i64::MAX)
                })
                .await?;
            if !is_used {
                stale.push(candidate.id);
            }
        }
        app.store.write(move |tx| stop_those(tx, &stale, wanted)).await?;
    }
}

/// Stops environments that were found to be stale, unless one of them has come into use since then.
fn stop_those(tx: &mut Tx<'_>, stale: &[EnvironmentId], wanted: StopStale) -> Result<(), Refusal> {
    for id in stale {
        let found = environments::by_id(tx, wanted.project_id, *id)?;
        let Some(mut environment) = found.filter(|found| found.updated_at < wanted.before) else {
            continue;
        };
        if deployments::changed_since(tx, *id, wanted.before, STEP)? {
            continue;
        }
        // One that has come to wait for a stop job stays as it is.
        match stop(tx, &mut environment, false, Some(wanted.user_id), wanted.now) {
            Err(Refusal::NotStopped(_)) => {}
            other => other?,
        }
    }
    Ok(())
}

/// Stops environments whose time has come, at most [`STEP`] of them; answers whether there may be more.
pub(crate) async fn stop_due(app: &App) -> Result<bool, Refusal> {
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let due = environments::due_to_stop(tx, now, STEP)?;
            let is_full = i64::try_from(due.len()) == Ok(STEP);
            for mut environment in due {
                stop(tx, &mut environment, false, None, now)?;
            }
            Ok(is_full)
        })
        .await
}
