//! Taking deliveries out of the inbox, on each node, as long as the server runs.
//!
//! Who takes a delivery holds it for a while. A node that goes down in the middle leaves it behind, held for that while
//! and due again afterwards; so nothing that was answered with success is lost.

use std::{sync::Arc, time::Duration};

use landfall_store::{Tx, inbox};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{process::process, prune};
use crate::App;

/// Deliveries that are read at the same time; each may have a large body.
const AT_ONCE: i64 = 4;
/// How long a delivery is held.
const HOLD: Duration = Duration::from_mins(1);
/// How often a node looks for deliveries that another one has left behind.
const LOOK: Duration = Duration::from_secs(2);
/// How often a node looks for deliveries that are to be forgotten.
const PRUNE: Duration = Duration::from_mins(10);

/// Tells this node's worker that there is something to do.
#[derive(Debug, Default)]
pub struct Wake(Notify);

impl Wake {
    /// Tells it.
    pub(crate) fn now(&self) {
        self.0.notify_one();
    }
}

/// Works until told to stop; what is under way then is finished.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut pruning = tokio::time::interval(PRUNE);
    while !stop.is_cancelled() {
        match take(&app).await {
            // There may be more.
            Ok(taken) if taken > 0 => continue,
            Ok(_) => {}
            Err(error) => warn!(%error, "the inbox could not be looked into"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.wake.0.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = pruning.tick() => prune::prune(&app, &stop).await,
        }
    }
}

/// Reads everything that is due; answers how many deliveries that were.
pub async fn drain(app: &Arc<App>) -> Result<usize, landfall_store::Error> {
    let mut all = 0;
    loop {
        match take(app).await? {
            0 => return Ok(all),
            taken => all += taken,
        }
    }
}

/// Takes some deliveries that are due and reads them.
async fn take(app: &Arc<App>) -> Result<usize, landfall_store::Error> {
    let now = app.clock.now();
    let next = app.store.read(inbox::next_due).await?;
    if next.is_none_or(|due_at| due_at > now) {
        return Ok(0);
    }
    let until = now.plus(HOLD);
    let lease = move |tx: &mut Tx<'_>| inbox::lease(tx, now, until, AT_ONCE);
    let held = app.store.write(lease).await?;
    let taken = held.len();
    let mut tasks = JoinSet::new();
    for held in held {
        let app = Arc::clone(app);
        tasks.spawn(async move {
            let read: Result<(), landfall_store::Error> = process(&app, held).await;
            if let Err(error) = read {
                error!(delivery = held.id.0, %error, "what came of a delivery could not be noted");
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    Ok(taken)
}
