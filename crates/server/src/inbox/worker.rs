//! Taking deliveries out of the inbox, on each node.
//!
//! Who takes a delivery holds it for a while. A node that goes down in the middle leaves it behind, held for that while
//! and due again afterwards; so nothing that was answered with success is lost.

use std::{sync::Arc, time::Duration};

use landfall_domain::time::Timestamp;
use landfall_store::{Conn, Tx, inbox};
use tokio::task::JoinSet;
use tracing::error;

use super::process::process;
use crate::{
    App,
    jobs::{Job, Left, Nodes},
    ops::Refusal,
};

/// Deliveries that are read at the same time; each may have a large body.
const AT_ONCE: i64 = 4;
/// How long a delivery is held.
const HOLD: Duration = Duration::from_mins(1);

/// Reads what waits; woken by each delivery that arrives at this node.
pub(crate) const JOB: Job = Job {
    name: "inbox",
    every: Duration::from_secs(2),
    nodes: Nodes::All,
    due: is_due,
    step: |app| Box::pin(step(app)),
};

fn is_due(_: &App, conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, landfall_store::Error> {
    Ok(inbox::next_due(conn)?.is_some_and(|due_at| due_at <= now))
}

/// Takes some deliveries that are due and reads them.
async fn step(app: Arc<App>) -> Result<Left, Refusal> {
    let now = app.clock.now();
    let until = now.plus(HOLD);
    let lease = move |tx: &mut Tx<'_>| Ok::<_, Refusal>(inbox::lease(tx, now, until, AT_ONCE)?);
    let mut tasks = JoinSet::new();
    for held in app.store.write(lease).await? {
        let app = Arc::clone(&app);
        tasks.spawn(async move {
            if let Err(error) = process(&app, held).await {
                error!(delivery = held.id.0, %error, "what came of a delivery could not be noted");
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(Left::More)
}
