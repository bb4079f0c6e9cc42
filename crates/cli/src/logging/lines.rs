//! Lines of the log that are written out many at a time: a system call for each would cost a busy server a tenth of its
//! processor time.

use std::{
    io::{self, Write as _},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// No line waits longer than this.
const PATIENCE: Duration = Duration::from_millis(50);
/// Where more than this waits, in bytes, whoever adds to it writes it out: a log that nobody reads holds up the server, as
/// it does without this, but costs no more memory.
const MOST: usize = 256 << 10;

/// The lines that wait.
#[derive(Clone)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Vec<u8>>,
    bell: Condvar,
    /// What is being written out. Whoever holds it is the only one to write.
    going: Mutex<Vec<u8>>,
}

impl Lines {
    /// Starts the thread that writes.
    pub(super) fn start() -> io::Result<Lines> {
        let lines = Lines(Arc::default());
        let writer = lines.clone();
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.write_for_ever())?;
        Ok(lines)
    }

    fn write_for_ever(&self) -> ! {
        loop {
            let waiting = lock(&self.0.waiting);
            drop(self.0.bell.wait_while(waiting, |waiting| waiting.is_empty()));
            thread::sleep(PATIENCE);
            self.write_out();
        }
    }

    /// Writes out all that waits.
    pub(super) fn write_out(&self) {
        let mut going = lock(&self.0.going);
        mem::swap(&mut *going, &mut *lock(&self.0.waiting));
        // There is no other place to complain.
        let _ = io::stderr().write_all(&going);
        going.clear();
    }

    fn add(&self, line: &[u8]) -> usize {
        let mut waiting = lock(&self.0.waiting);
        if waiting.is_empty() {
            self.0.bell.notify_one();
        }
        waiting.extend_from_slice(line);
        waiting.len()
    }
}

fn lock(text: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A line on its way.
pub(super) struct Line<'l> {
    lines: &'l Lines,
    is_urgent: bool,
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = Line<'l>;

    fn make_writer(&'l self) -> Line<'l> {
        Line {
            lines: self,
            is_urgent: true,
        }
    }

    fn make_writer_for(&'l self, about: &Metadata<'_>) -> Line<'l> {
        Line {
            lines: self,
            is_urgent: *about.level() <= Level::WARN,
        }
    }
}

impl io::Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.add(line) > MOST || self.is_urgent {
            self.lines.write_out();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
