//! Webhooks out: how what waits in the outbox reaches its receivers.
//!
//! [`courier`] hands deliveries out to tasks, within its limits; [`letter`] makes the request, with all that a hook's owner
//! may set; [`attempt`] sends it and notes what came of it; [`body`] writes what is said, once for all hooks. The rules of
//! trying again and of giving up are in `landfall_domain::webhook`.

pub(crate) mod attempt;
mod body;
pub(crate) mod courier;
pub(crate) mod letter;
mod template;

use std::time::Duration;

use http::HeaderMap;
use landfall_domain::time::Timestamp;
use landfall_store::webhook_queue::{self, Old};

pub(crate) use body::{body_of, message_about};

use crate::{
    jobs::{Job, Left, Nodes},
    ops::environment::Chain,
};
use uuid::Uuid;

/// The chain of webhooks that a request belongs to, as whoever passes one on tells (neighbours, 11.2). What is no UUID does
/// not count.
pub(crate) fn chain_of(headers: &HeaderMap, came_at: Timestamp) -> Option<Chain> {
    let header = headers.get("x-gitlab-event-uuid")?;
    let uuid = Uuid::try_parse_ascii(header.as_bytes()).ok()?;
    Some(Chain { uuid, came_at })
}

/// Makes deliveries. The commit of a change that somebody is to be told of wakes it; what has to be tried again, and what
/// another node has left behind, it finds by looking.
pub(crate) const DELIVER: Job = Job {
    name: "webhooks",
    every: Duration::from_secs(2),
    nodes: Nodes::All,
    due: |_, conn, now| webhook_queue::is_due(conn, now),
    step: |app| Box::pin(courier::step(app)),
};

/// Clears the log and what was given up away.
pub(crate) const CLEAR: Job = Job {
    name: "webhook log",
    every: Duration::from_mins(10),
    nodes: Nodes::One,
    due: |_, conn, now| webhook_queue::has_old(conn, old(now)),
    step: |app| {
        Box::pin(async move {
            let old = old(app.clock.now());
            let cleared = app
                .store
                .write(move |tx| webhook_queue::prune(tx, old, CLEARED))
                .await?;
            Ok(if cleared > 0 { Left::More } else { Left::Nothing })
        })
    },
};

/// Attempts are listed for so long (neighbours, 11.2).
pub(crate) const LOG_KEPT: Duration = Duration::from_hours(7 * 24);
/// Deliveries end a day after they began. Older ones wait for a hook that is gone or disabled for good; the hour lets one
/// that has waited for the end of a pause have its last attempt.
const QUEUE_KEPT: Duration = Duration::from_hours(25);
/// Rows of each table that one step clears away at most.
const CLEARED: i64 = 500;

fn old(now: Timestamp) -> Old {
    Old {
        log: now.minus(LOG_KEPT),
        queue: now.minus(QUEUE_KEPT),
    }
}
