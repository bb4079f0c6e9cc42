//! Reader threads: each owns a connection and runs one read at a time, inside a transaction that sees one state of the
//! database from its first to its last statement.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use tracing::warn;

use crate::{engine::Conn, error::Error};

/// A read that takes longer than this is logged.
const SLOW_READ: Duration = Duration::from_secs(1);

/// A read waiting for its turn; gets the error instead where no connection can be had.
pub(crate) type ReadJob = Box<dyn FnOnce(Result<Conn<'_>, Error>) + Send>;

/// What a reader thread needs of an engine's connection.
pub(crate) trait Reader {
    /// Starts a read-only transaction, connecting anew if the connection is lost.
    fn begin(&mut self) -> Result<Conn<'_>, Error>;
    /// Ends it.
    fn end(&mut self);
}

/// A reader thread's life: until every sender is gone.
pub(crate) fn run(reader: &mut impl Reader, jobs: &Receiver<ReadJob>) {
    while let Ok(job) = jobs.recv() {
        let started = Instant::now();
        // The caller learns of a panic by its channel being closed.
        if catch_unwind(AssertUnwindSafe(|| job(reader.begin()))).is_err() {
            warn!("a read job panicked");
        }
        reader.end();
        if started.elapsed() > SLOW_READ {
            warn!(duration_ms = started.elapsed().as_millis(), "a read took long");
        }
    }
}
