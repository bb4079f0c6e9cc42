//! The store's threads, and waiting for their end.

use std::{
    convert::Infallible,
    thread::{self, Builder, JoinHandle},
    time::Instant,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use tracing::warn;

use crate::error::Error;

/// A thread that runs.
pub(crate) struct Thread {
    handle: JoinHandle<()>,
    /// Nothing comes of it: it is cut when the thread ends.
    end: Receiver<Infallible>,
}

impl Thread {
    pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<Thread, Error> {
        let (lives, end) = bounded(0);
        let thread = Builder::new().name(name.to_owned());
        let spawned = thread.spawn(move || {
            let _lives = lives;
            work();
        });
        match spawned {
            Ok(handle) => Ok(Thread { handle, end }),
            Err(error) => Err(Error::Unavailable(format!("cannot start a thread: {error}"))),
        }
    }

    /// Waits for the end of a thread that has been told to end, until `limit` if there is one. Later it is left to itself.
    pub(crate) fn wait(self, limit: Option<Instant>) {
        let Thread { handle, end } = self;
        // The last clone of the store may be inside a job, and a thread cannot wait for itself.
        if handle.thread().id() == thread::current().id() {
            return;
        }
        if let Some(limit) = limit
            && end.recv_deadline(limit) == Err(RecvTimeoutError::Timeout)
        {
            warn!(thread = handle.thread().name(), "left waiting for the database");
            return;
        }
        // A thread that panicked has nothing left to give back.
        let _ = handle.join();
    }
}
