//! An update through the API of a deployment that is made of a sender's observations: one more of them, and the newest, so
//! that no report that is still on its way undoes it.

use landfall_domain::{deployment::DeploymentDetails, time::Timestamp};
use landfall_store::{Tx, observations};

use super::{
    apply::{self, Scene},
    episodes,
    kept::{Kept, Stored, ordered},
};
use crate::{
    Urls,
    ops::{Refusal, job::KnownCommit, reports::Exact, update_deployment::UpdateDeployment},
};

/// Changes it.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    wanted: &UpdateDeployment,
    found: &DeploymentDetails,
    commit: Option<&KnownCommit>,
    moves: bool,
    urls: &Urls,
) -> Result<(), Refusal> {
    let deployment = &found.deployment;
    let own = ordered(observations::of_deployment(tx, deployment.id)?)?;
    let newest = own.last().ok_or(Refusal::NotFound)?;
    let after = Timestamp::from_micros(newest.occurred_at().as_micros().saturating_add(1));
    let row = observations::place_of(tx, newest.id)?.ok_or(Refusal::NotFound)?;
    // A report of another deployment of the same object may come next, and must go on doing so.
    let occurred_at = if row.object.is_some() {
        after
    } else {
        after.max(wanted.now)
    };
    let updated_at = wanted.times.updated_at;
    let enters = moves && wanted.status.is_finished();
    let finished_at = wanted
        .times
        .finished_at
        .or(enters.then(|| updated_at.unwrap_or(wanted.now)));
    let said = Stored {
        kept: Kept {
            occurred_at: Some(Exact(occurred_at)),
            status: Some(wanted.status),
            deployable: wanted.job.as_ref().map(|job| job.keys().clone()),
            created_at: wanted.times.created_at.map(Exact),
            finished_at: finished_at.map(Exact),
            of_gitlab_job: false,
            ..Kept::default()
        },
        commit: None,
        known_commit: commit.cloned(),
    };
    let scene = Scene {
        project: &wanted.project,
        user_id: deployment.user_id,
        delivery: None,
        chain: wanted.event_chain,
        urls,
        now: wanted.now,
        updated_at,
    };
    let Some(arrived) = apply::keep(
        tx,
        &scene,
        row.subject.clone(),
        (row.object.clone(), newest.run.clone()),
        &said,
    )?
    else {
        return Ok(());
    };
    observations::set_deployment(tx, arrived, deployment.id)?;
    if let Some(object) = row.object {
        episodes::settle_object(tx, &scene, &object, arrived)?;
    } else {
        let own = ordered(observations::of_subject(tx, wanted.project.id, &row.subject)?)?;
        apply::settle(tx, &scene, &row.subject, &own, &[arrived])?;
    }
    Ok(())
}
