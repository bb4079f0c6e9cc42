//! Callers who each wait for one row at a time, as connections of a server do, and writers who serve them.

use std::{
    error::Error,
    io::{self, Write},
    process, thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};

/// A caller that waits for its row.
pub(crate) type Caller = Sender<()>;
pub(crate) type Failure = Box<dyn Error + Send + Sync>;
/// Serves callers until there are none.
pub(crate) type Writer = Box<dyn FnOnce(&Receiver<Caller>) -> Result<(), Failure> + Send>;

/// Rows in one transaction at most, as in the store.
pub(crate) const MAX_ROWS: usize = 512;

/// Lets so many callers ask for so many seconds, and prints one line of JSON: what wrk's script prints.
pub(crate) fn measure(callers: usize, seconds: u64, writers: Vec<Writer>) -> Result<(), Failure> {
    let (jobs, rows) = bounded(callers);
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let mut times: Vec<Duration> = thread::scope(|scope| {
        for writer in writers {
            let rows = rows.clone();
            scope.spawn(move || {
                if let Err(failure) = writer(&rows) {
                    // The callers wait for answers that nobody will give.
                    let _ = writeln!(io::stderr(), "{failure}");
                    process::exit(1);
                }
            });
        }
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                let jobs = jobs.clone();
                scope.spawn(move || call(&jobs, until))
            })
            .collect();
        drop(jobs);
        let times = callers.into_iter().filter_map(|caller| caller.join().ok());
        times.flatten().collect()
    });
    let took = started.elapsed().as_micros();
    times.sort_unstable();
    let at = |part: usize| {
        let time = times.get(times.len() * part / 100);
        time.copied().unwrap_or_default().as_micros()
    };
    let (requests, p50, p99) = (times.len(), at(50), at(99));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        r#"{{"requests":{requests},"duration":{took},"errors":0,"p50":{p50},"p99":{p99}}}"#
    )?;
    Ok(())
}

/// Asks for one row after the other until the time is over, and answers how long each took.
fn call(jobs: &Sender<Caller>, until: Instant) -> Vec<Duration> {
    let (done, answer) = bounded(1);
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        if jobs.send(done.clone()).is_err() || answer.recv().is_err() {
            break;
        }
        times.push(asked.elapsed());
    }
    times
}

/// Tells callers that their rows are on disk.
pub(crate) fn answer(waiting: impl IntoIterator<Item = Caller>) {
    for caller in waiting {
        // One that is gone needs no answer.
        let _ = caller.send(());
    }
}
