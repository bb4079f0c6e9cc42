//! Copies of remote repositories whose time has come, and those that nobody wants any more.

use std::{sync::Arc, time::Duration};

use landfall_store::mirrors;

use super::{Job, Left, Nodes};
use crate::{App, ops::Refusal};

/// Brings copies up to date. It looks often, because a look costs little and a project that was made by the command line
/// rings no bell.
pub(super) const FETCH: Job = Job {
    name: "mirrors",
    every: Duration::from_secs(1),
    nodes: Nodes::All,
    due: |_, conn, now| Ok(!mirrors::due(conn, now, 1)?.is_empty()),
    step: |app| Box::pin(fetch(app)),
};

/// Deletes the copies of projects that are gone or have another repository now. Each node does so with its own.
pub(super) const CLEAR: Job = Job {
    name: "mirrors that are gone",
    every: Duration::from_mins(10),
    nodes: Nodes::All,
    due: |_, _, _| Ok(true),
    step: |app| {
        Box::pin(async move {
            app.mirrors.clear().await?;
            Ok(Left::Nothing)
        })
    },
};

/// Copies that are looked at in one step: those of a host that hangs must not hide the others.
const LOOK: i64 = 1000;

async fn fetch(app: Arc<App>) -> Result<Left, Refusal> {
    let now = app.clock.now();
    for mirror in app.store.read(move |conn| mirrors::due(conn, now, LOOK)).await? {
        app.mirrors.take(mirror).await?;
    }
    Ok(Left::Nothing)
}
