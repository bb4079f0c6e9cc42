//! Forgetting deliveries that were read long ago.

use landfall_domain::hook::DeliveryState;
use landfall_store::{Tx, inbox};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::App;

/// Deliveries that are forgotten in one step, so that nobody waits long for the writer.
const STEP: i64 = 50;
/// How much longer those that failed are kept: somebody may want to replay them.
const FAILED_FACTOR: u32 = 3;

/// Forgets what is older than the operator wants to keep, in small steps.
pub(super) async fn prune(app: &App, stop: &CancellationToken) {
    let now = app.clock.now();
    let kept = app.inbox_retention;
    for (state, kept) in [
        (DeliveryState::Done, kept),
        (DeliveryState::Ignored, kept),
        (DeliveryState::Failed, kept.saturating_mul(FAILED_FACTOR)),
    ] {
        let before = now.minus(kept);
        while !stop.is_cancelled() {
            let step = move |tx: &mut Tx<'_>| inbox::prune(tx, state, before, STEP);
            let pruned: Result<usize, landfall_store::Error> = app.store.write(step).await;
            match pruned {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    warn!(%error, "old deliveries could not be forgotten");
                    return;
                }
            }
        }
    }
}
