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

/// What is to be done on a connection; gets the error instead where none can be had.
pub(crate) type Work = Box<dyn FnOnce(Result<Conn<'_>, Error>) + Send>;

/// A read waiting for its turn.
pub(crate) struct ReadJob {
    /// Whether it is a single statement, which reads one state of the database without a transaction around it.
    pub(crate) is_alone: bool,
    /// What is to be done.
    pub(crate) work: Work,
}

/// What a reader thread needs of an engine's connection.
pub(crate) trait Reader {
    /// Starts a read-only transaction, connecting anew if the connection is lost.
    fn begin(&mut self) -> Result<Conn<'_>, Error>;
    /// Ends it.
    fn end(&mut self);
    /// Gets ready for a single statement, connecting anew if the connection is known to be lost.
    fn alone(&mut self) -> Result<Conn<'_>, Error>;
    /// Follows upon that statement.
    fn end_alone(&mut self);
}

/// A reader thread's life: until every sender is gone.
pub(crate) fn run(reader: &mut impl Reader, jobs: &Receiver<ReadJob>) {
    while let Ok(job) = jobs.recv() {
        let (started, is_alone) = (Instant::now(), job.is_alone);
        // The caller learns of a panic by its channel being closed.
        let run = || {
            let conn = if job.is_alone { reader.alone() } else { reader.begin() };
            (job.work)(conn);
        };
        if catch_unwind(AssertUnwindSafe(run)).is_err() {
            warn!("a read job panicked");
        }
        if is_alone {
            reader.end_alone();
        } else {
            reader.end();
        }
        if started.elapsed() > SLOW_READ {
            warn!(duration_ms = started.elapsed().as_millis(), "a read took long");
        }
    }
}
