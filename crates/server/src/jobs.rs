//! Background jobs: work that no request waits for.
//!
//! A job is a line in `JOBS`, a look whether something is due, and a function that does one small step of it: a transaction
//! or two, or one request to somebody else. Steps are repeated as long as there is more to do, then the job sleeps until its
//! time comes or somebody wakes it. A server that has nothing to do writes nothing. A node that dies in the middle of a step
//! loses nothing: what is to be done is in the database, never only in memory, and a step that is done twice does no harm.

mod changes;
mod deletions;
mod environments;
mod mirrors;
mod runner;

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use landfall_domain::time::Timestamp;
use landfall_store::{Conn, Store};
use tokio::sync::Notify;

use crate::{App, inbox, ops::Refusal, webhooks};

pub use runner::run_all;
pub(crate) use runner::spawn;

/// Every background job.
pub(crate) const JOBS: &[&Job] = &[
    &changes::TRIM,
    &deletions::DELETIONS,
    &environments::STOP,
    &environments::DELETE,
    &inbox::worker::JOB,
    &inbox::prune::JOB,
    &webhooks::DELIVER,
    &webhooks::CLEAR,
    &mirrors::FETCH,
    &mirrors::CLEAR,
];

/// A background job.
pub(crate) struct Job {
    /// Its name in logs, and that of its lease.
    pub(crate) name: &'static str,
    /// After this at the latest it looks again whether there is something to do: another process may have made work.
    pub(crate) every: Duration,
    /// Which nodes do it.
    pub(crate) nodes: Nodes,
    /// Whether there is something to do now; a short read.
    pub(crate) due: fn(&App, &mut Conn<'_>, Timestamp) -> Result<bool, landfall_store::Error>,
    /// Does the next step.
    pub(crate) step: fn(Arc<App>) -> Step,
}

/// The nodes that do a job, where several share a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// Each of them: the job itself sees to it that no two do the same, by leases on its rows.
    All,
    /// One at a time. A step must take much less than a minute.
    One,
}

/// A step that is under way.
pub(crate) type Step = Pin<Box<dyn Future<Output = Result<Left, Refusal>> + Send>>;

/// What a step has left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing, for now.
    Nothing,
    /// The next step can follow at once.
    More,
}

/// The bells of all jobs.
pub(crate) struct Wakes(Vec<Arc<Notify>>);

impl Wakes {
    /// That of the webhooks is rung by the store, when a change with something to tell is committed.
    pub(crate) fn new(store: &Store) -> Wakes {
        let bell = |job: &&Job| {
            if job.name == webhooks::DELIVER.name {
                store.deliveries()
            } else {
                Arc::default()
            }
        };
        Wakes(JOBS.iter().map(bell).collect())
    }

    /// Tells the job that deletes that there is something to delete.
    pub(crate) fn deletions(&self) {
        self.wake(&deletions::DELETIONS);
    }

    /// Tells a job that there is something to do. One that is busy will look once more before it sleeps.
    pub(crate) fn wake(&self, job: &Job) {
        if let Some(bell) = self.bell(job) {
            bell.notify_one();
        }
    }

    fn bell(&self, job: &Job) -> Option<&Notify> {
        let place = JOBS.iter().position(|known| known.name == job.name)?;
        self.0.get(place).map(Arc::as_ref)
    }
}
