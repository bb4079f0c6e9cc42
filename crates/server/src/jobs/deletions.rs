//! Projects and groups whose time has come, and the records of deleted projects.

use std::{sync::Arc, time::Duration};

use landfall_domain::time::Timestamp;
use landfall_store::{Conn, Tx, groups, projects, purges};

use super::{Job, Left, Nodes, Step};
use crate::{
    App,
    ops::{Refusal, delete_group::end_group, delete_project::end_project, set_member::By},
};

/// Ends what was marked long enough ago, and empties what has ended.
pub(crate) const DELETIONS: Job = Job {
    name: "deletions",
    every: Duration::from_mins(1),
    nodes: Nodes::One,
    due,
    step: |app| -> Step { Box::pin(step(app)) },
};

/// Records that go in one transaction: few enough for other writes to pass between two of them.
const AT_ONCE: i64 = 200;

fn due(app: &App, conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, landfall_store::Error> {
    let latest = now.minus(app.deletion_adjourned_period);
    Ok(purges::next(conn)?.is_some()
        || projects::marked(conn, latest)?.is_some()
        || groups::marked(conn, latest)?.is_some())
}

async fn step(app: Arc<App>) -> Result<Left, Refusal> {
    let now = app.clock.now();
    let latest = now.minus(app.deletion_adjourned_period);
    app.store.write(move |tx| one_step(tx, latest, now)).await
}

/// What was marked at `latest` or before ends.
fn one_step(tx: &mut Tx<'_>, latest: Timestamp, now: Timestamp) -> Result<Left, Refusal> {
    if let Some(project) = purges::next(tx)? {
        purges::step(tx, project, AT_ONCE)?;
    } else if let Some(project) = projects::marked(tx, latest)? {
        end_project(tx, &project, None, now)?;
    } else if let Some(group) = groups::marked(tx, latest)? {
        end_group(tx, &group, By::Operator, now)?;
    } else {
        return Ok(Left::Nothing);
    }
    Ok(Left::More)
}
