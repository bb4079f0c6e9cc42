//! Bringing a record to where its sender's reports stand, however they came in.

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Status},
    time::Timestamp,
};
use landfall_store::{Tx, deployments, jobs, jobs::NewJob};

use super::{Refusal, environment::By, update_deployment};

/// What bringing a record up to date came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It stood there already, and nothing was written.
    Same,
    /// It was changed.
    Changed,
    /// It was changed, and has become a success.
    Success,
}

/// Writes what the reports have come to over a record: `after` is the record as they have it, `told` the job that they
/// tell of. Where that changes nothing, nothing is written.
pub(crate) fn rewrite(
    tx: &mut Tx<'_>,
    found: &DeploymentDetails,
    mut after: Deployment,
    told: Option<NewJob>,
    updated_at: Timestamp,
    by: By,
) -> Result<Settled, Refusal> {
    let before = &found.deployment;
    if let Some(mut told) = told {
        // A job without an id of its own keeps the one that it was given here.
        let id = told.id.or(found.job.as_ref().map(|job| job.id));
        told.job.id = id.unwrap_or_default();
        if found.job.as_ref() != Some(&told.job) {
            let new = NewJob { id, job: told.job };
            after.job_id = Some(jobs::insert(tx, before.project_id, &new)?);
        }
    }
    if after == *before {
        return Ok(Settled::Same);
    }
    after.updated_at = updated_at;
    deployments::rewrite(tx, &after)?;
    if let Some(old) = before.job_id.filter(|old| after.job_id != Some(*old)) {
        jobs::delete(tx, old)?;
    }
    update_deployment::append(tx, &after, before.status, by)?;
    Ok(if after.status == Status::Success && before.status != Status::Success {
        Settled::Success
    } else {
        Settled::Changed
    })
}
