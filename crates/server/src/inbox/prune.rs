//! Forgetting deliveries that were read long ago.

use std::{sync::Arc, time::Duration};

use landfall_domain::{hook::DeliveryState, time::Timestamp};
use landfall_store::{Conn, Tx, inbox};

use crate::{
    App,
    jobs::{Job, Left, Nodes},
    ops::Refusal,
};

/// Deliveries that are forgotten in one step, so that nobody waits long for the writer.
const STEP: i64 = 50;
/// No delivery is forgotten earlier than this.
const SHORTEST: Duration = Duration::from_hours(24);
/// How much longer those that failed are kept: somebody may want to replay them.
const FAILED_FACTOR: u32 = 3;
/// What a delivery can have come to.
const STATES: [DeliveryState; 3] = [DeliveryState::Done, DeliveryState::Ignored, DeliveryState::Failed];

/// Forgets what is older than the operator wants to keep, in small steps.
pub(crate) const JOB: Job = Job {
    name: "inbox_prune",
    every: Duration::from_hours(1),
    nodes: Nodes::One,
    due: is_due,
    step: |app| Box::pin(step(app)),
};

fn is_due(app: &App, conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, landfall_store::Error> {
    for state in STATES {
        if !inbox::old(conn, state, now.minus(kept(app, state)), 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn step(app: Arc<App>) -> Result<Left, Refusal> {
    let forgetful = Arc::clone(&app);
    let forget = move |tx: &mut Tx<'_>| -> Result<Left, Refusal> {
        let now = forgetful.clock.now();
        for state in STATES {
            let old = inbox::old(tx, state, now.minus(kept(&forgetful, state)), STEP)?;
            for id in &old {
                inbox::forget(tx, *id)?;
            }
            if !old.is_empty() {
                return Ok(Left::More);
            }
        }
        Ok(Left::Nothing)
    };
    app.store.write(forget).await
}

/// How long deliveries in this state are kept.
fn kept(app: &App, state: DeliveryState) -> Duration {
    let kept = app.inbox_retention.max(SHORTEST);
    match state {
        DeliveryState::Failed => kept.saturating_mul(FAILED_FACTOR),
        _ => kept,
    }
}
