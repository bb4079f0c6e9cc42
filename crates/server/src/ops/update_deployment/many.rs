//! Updates of many deployments by the same statements, where each is no more than a new status or other times.

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Source, Status},
    ids::DeploymentId,
};
use landfall_store::{Conn, deployments, events};

use super::{Refusal, Tx, Update, changed, check, set_times};

/// The deployments to be updated, in this order, if none of the updates does anything that another one has to wait for, or
/// that the deployment does not show by itself: then it does not matter in which order they are written.
pub(super) fn plain(conn: &mut Conn<'_>, all: &[&Update]) -> Result<Option<Vec<DeploymentDetails>>, Refusal> {
    let ids: Vec<DeploymentId> = all.iter().map(|update| update.wanted.id).collect();
    let mut distinct = ids.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < ids.len() || all.iter().any(|update| update.wanted.job.is_some()) {
        return Ok(None);
    }
    let mut projects: Vec<_> = all.iter().map(|update| update.wanted.project.id).collect();
    projects.sort_unstable();
    projects.dedup();
    for project in projects {
        if !events::listeners(conn, project)?.is_empty() {
            return Ok(None);
        }
    }
    let found = deployments::get_many(conn, &ids)?;
    let are_plain = found.len() == all.len() && found.iter().zip(all).all(|(found, update)| is_plain(found, update));
    Ok(are_plain.then_some(found))
}

fn is_plain(found: &DeploymentDetails, update: &Update) -> bool {
    let (deployment, wanted) = (&found.deployment, &update.wanted);
    let wakes = wanted.status == Status::Success && found.environment.clone().start(wanted.now);
    deployment.project_id == wanted.project.id
        && deployment.source != Source::Hook
        && deployment.external_id.is_none()
        && !wakes
}

/// Writes the updates of deployments that are as [`plain`] finds them.
pub(super) fn change_all(
    tx: &mut Tx<'_>,
    all: &[&Update],
    mut found: Vec<DeploymentDetails>,
) -> Result<Vec<DeploymentDetails>, Refusal> {
    let mut told = Vec::with_capacity(all.len());
    for (Update { wanted, .. }, DeploymentDetails { deployment, .. }) in all.iter().zip(&mut found) {
        let before = deployment.status;
        let moves = check(wanted, deployment)?;
        deployment.status = wanted.status;
        set_times(deployment, wanted, moves)?;
        told.push(changed(deployment, before, wanted.by()));
    }
    let deployments: Vec<&Deployment> = found.iter().map(|details| &details.deployment).collect();
    deployments::update_many(tx, &deployments)?;
    events::append_many(tx, &told)?;
    Ok(found)
}
