//! Deleting a deployment (reference 6.5).

use landfall_domain::{
    deployment::Status,
    event::{Event, Kind},
    ids::{DeploymentId, ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Tx, deployments, events};

use super::{Refusal, create_deployment::event_data};

/// What is to be deleted. The caller's rights have been checked.
#[derive(Clone, Copy, Debug)]
pub struct DeleteDeployment {
    /// Where.
    pub project_id: ProjectId,
    /// Which.
    pub id: DeploymentId,
    /// By whom.
    pub user_id: UserId,
    /// Only if it has not changed since.
    pub unmodified_since: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// Deletes it, unless it is under way or live.
pub fn delete_deployment(tx: &mut Tx<'_>, wanted: &DeleteDeployment) -> Result<(), Refusal> {
    let found = deployments::get(tx, wanted.project_id, wanted.id)?.ok_or(Refusal::NotFound)?;
    let deployment = found.deployment;
    if wanted
        .unmodified_since
        .is_some_and(|since| since < deployment.updated_at)
    {
        return Err(Refusal::ChangedSince);
    }
    if deployment.status == Status::Running {
        return Err(Refusal::State("Cannot destroy running deployment"));
    }
    let last = deployments::last(tx, deployment.environment_id)?;
    if last.is_some_and(|last| last.deployment.id == deployment.id) {
        return Err(Refusal::State("Deployment currently deployed to environment"));
    }
    deployments::delete(tx, &deployment)?;
    let event = Event {
        kind: Kind::DeploymentDeleted,
        project_id: Some(deployment.project_id),
        deployment_id: Some(deployment.id),
        environment_id: Some(deployment.environment_id),
        actor_id: Some(wanted.user_id),
        data: event_data(&deployment, &found.environment.name),
        at: wanted.now,
    };
    Ok(events::append(tx, &event)?)
}
