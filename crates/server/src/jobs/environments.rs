//! Environments whose time has come.

use std::time::Duration;

use landfall_store::environments;

use super::{Job, Left, Nodes};
use crate::ops::{delete_environment::delete_due, stop_environment::stop_due};

/// How late an environment may be stopped or deleted.
const EVERY: Duration = Duration::from_mins(1);

/// Stops environments at their `auto_stop_at`.
pub(super) const STOP: Job = Job {
    name: "stop_environments",
    every: EVERY,
    nodes: Nodes::One,
    due: |_, conn, now| Ok(!environments::due_to_stop(conn, now, 1)?.is_empty()),
    step: |app| Box::pin(async move { stop_due(&app).await.map(left) }),
};

/// Deletes stopped environments in their time, and ends deletions that a server did not live to end.
pub(super) const DELETE: Job = Job {
    name: "delete_environments",
    every: EVERY,
    nodes: Nodes::One,
    due: |_, conn, now| Ok(!environments::due_to_delete(conn, now, 1)?.is_empty()),
    step: |app| Box::pin(async move { delete_due(&app).await.map(left) }),
};

fn left(more: bool) -> Left {
    if more { Left::More } else { Left::Nothing }
}
