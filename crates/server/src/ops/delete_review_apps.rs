//! Planning the deletion of stopped review apps (neighbours, 1.6).

use std::time::Duration;

use landfall_domain::{
    environment::Environment,
    event::Kind,
    ids::{ProjectId, UserId},
    time::Timestamp,
};
use landfall_store::{Conn, Tx, environments};
use serde_json::json;

use super::{Refusal, environment};

/// So long after it was planned, a review app is deleted.
const DELAY: Duration = Duration::from_hours(7 * 24);

/// Which review apps are meant. The caller's rights have been checked.
#[derive(Clone, Copy, Debug)]
pub struct ReviewApps {
    /// Where.
    pub project_id: ProjectId,
    /// Those made before this.
    pub before: Timestamp,
    /// So many of them, the oldest.
    pub limit: i64,
}

/// The stopped review apps whose deletion is not planned yet.
pub fn find_review_apps(conn: &mut Conn<'_>, wanted: ReviewApps) -> Result<Vec<Environment>, Refusal> {
    Ok(environments::review_apps(
        conn,
        wanted.project_id,
        wanted.before,
        wanted.limit,
    )?)
}

/// Plans their deletion in a week, unless they are brought back before, and answers which they are.
pub fn plan_deletion(
    tx: &mut Tx<'_>,
    wanted: ReviewApps,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Environment>, Refusal> {
    let mut found = find_review_apps(tx, wanted)?;
    let at = now.plus(DELAY);
    for environment in &mut found {
        environment.auto_delete_at = Some(at);
        environments::update(tx, environment)?;
        let data = json!({ "name": environment.name, "auto_delete_at": at.to_exact() });
        environment::note_with(tx, Kind::EnvironmentUpdated, environment, Some(user), now, &data)?;
    }
    Ok(found)
}
