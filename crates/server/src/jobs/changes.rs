//! The list of changes, which processes read to know what to forget, need not go back for ever.

use std::time::Duration;

use landfall_store::{
    Tx,
    changes::{self, KEPT},
};

use super::{Job, Left, Nodes};
use crate::{App, ops::Refusal};

/// Changes that are deleted in one step, so that nobody waits long for the writer.
const STEP: i64 = 1_000;

/// Deletes all but the newest changes, once there are twice as many.
pub(super) const TRIM: Job = Job {
    name: "trim_changes",
    every: Duration::from_hours(1),
    nodes: Nodes::One,
    due: |_, conn, _| changes::is_long(conn, KEPT),
    step: |app| Box::pin(async move { step(&app).await }),
};

async fn step(app: &App) -> Result<Left, Refusal> {
    let trim = |tx: &mut Tx<'_>| -> Result<u64, Refusal> { Ok(changes::trim(tx, KEPT, STEP)?) };
    let trimmed = app.store.write(trim).await?;
    Ok(if trimmed > 0 { Left::More } else { Left::Nothing })
}
