//! The records of projects that were deleted. The project itself is gone for everybody at once; what is recorded in it
//! goes in steps, each short enough for other writes to pass between them.
//!
//! The row of a deleted project stays, without its names, because looking for rows that might refer to it would mean
//! reading whole tables. Its events stay too: they are what an audit reads.

use landfall_domain::ids::{DeliveryId, JobRowId, ProjectId};

use crate::{
    engine::{Conn, Tx, Value, statements},
    error::Error,
    inbox, jobs,
};

statements! { "purges";
    NEXT = "SELECT u.project_id FROM purges u WHERE u.project_id > $1 ORDER BY u.project_id LIMIT 1";
    ADD = "INSERT INTO purges (project_id) VALUES ($1) ON CONFLICT DO NOTHING";
    DEPLOYMENTS = "SELECT d.id, d.job_id FROM deployments d WHERE d.project_id = $1 ORDER BY d.id LIMIT $2";
    DELETE_DEPLOYMENT = "DELETE FROM deployments WHERE id = $1";
    UNSET_LINKED = "DELETE FROM linked_deployments WHERE deployment_id = $1";
    DELETE_ENVIRONMENTS = "DELETE FROM environments WHERE id IN (SELECT e.id FROM environments e \
                           WHERE e.project_id = $1 LIMIT $2)";
    DELIVERIES = "SELECT i.id FROM inbox i WHERE i.project_id = $1 LIMIT $2";
    DELETE_OBSERVATIONS = "DELETE FROM observations WHERE id IN (SELECT o.id FROM observations o \
                           WHERE o.project_id = $1 LIMIT $2)";
    DELETE_ORIGINS = "DELETE FROM origins WHERE id IN (SELECT o.id FROM origins o WHERE o.project_id = $1 LIMIT $2)";
    DELETE_MERGE_REQUESTS = "DELETE FROM merge_requests WHERE id IN (SELECT m.id FROM merge_requests m \
                             WHERE m.project_id = $1 LIMIT $2)";
    DONE = "DELETE FROM purges WHERE project_id = $1";
}

/// Notes that the records of a project are to go.
pub(crate) fn add(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), Error> {
    tx.execute(&ADD, &[project.0.into()])?;
    Ok(())
}

/// A deleted project that has records left.
pub fn next(conn: &mut Conn<'_>) -> Result<Option<ProjectId>, Error> {
    conn.query_opt(&NEXT, &[0_i64.into()], |row| Ok(ProjectId(row.get(0)?)))
}

/// Deletes up to `limit` records of a deleted project; answers whether that was all.
pub fn step(tx: &mut Tx<'_>, project: ProjectId, limit: i64) -> Result<bool, Error> {
    let values: [Value<'_>; 2] = [project.0.into(), limit.into()];
    if delete_deployments(tx, &values)? || forget_deliveries(tx, &values)? {
        return Ok(false);
    }
    // Merge requests first: what is linked to them goes with them, else it all went with its environment at once.
    for delete in [
        &DELETE_MERGE_REQUESTS,
        &DELETE_ENVIRONMENTS,
        &DELETE_OBSERVATIONS,
        &DELETE_ORIGINS,
    ] {
        if tx.execute(delete, &values)? > 0 {
            return Ok(false);
        }
    }
    tx.execute(&DONE, &[project.0.into()])?;
    Ok(true)
}

/// Answers whether there were any.
fn delete_deployments(tx: &mut Tx<'_>, values: &[Value<'_>]) -> Result<bool, Error> {
    let found: Vec<(i64, Option<i64>)> = tx.query(&DEPLOYMENTS, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, job) in &found {
        tx.execute(&UNSET_LINKED, &[(*id).into()])?;
        tx.execute(&DELETE_DEPLOYMENT, &[(*id).into()])?;
        if let Some(job) = job {
            jobs::delete(tx, JobRowId(*job))?;
        }
    }
    Ok(!found.is_empty())
}

/// What hooks have sent about the project; answers whether there was any.
fn forget_deliveries(tx: &mut Tx<'_>, values: &[Value<'_>]) -> Result<bool, Error> {
    let found = tx.query(&DELIVERIES, values, |row| row.get(0).map(DeliveryId))?;
    for id in &found {
        inbox::forget(tx, *id)?;
    }
    Ok(!found.is_empty())
}
