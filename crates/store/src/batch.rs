//! Group commit: a writer takes all waiting jobs, runs each apart from the others in one transaction, commits once, and
//! only then answers them all. An answer of `Ok` therefore always means: committed and flushed.
//!
//! One flush for many writes is what makes durable writes fast (32 callers: five to six times the rate of single
//! commits), and on PostgreSQL it also takes the contention off a project's counter row.
//!
//! Jobs of one kind that follow each other ([`Together`]) are run by one call, so that they can share their searches and, on
//! PostgreSQL, their round trips. If that call fails, each of them is run by itself.

use std::{
    any::Any,
    iter,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crossbeam_channel::Receiver;
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};
use tracing::{error, warn};

use crate::{engine::Tx, error::Error};

/// Jobs in one transaction at most.
const MAX_JOBS: usize = 512;
/// Jobs of one kind that are run by one call at most.
const MAX_TOGETHER: usize = 128;
/// Work in one transaction at most, so that the first caller does not wait for ever.
const MAX_WORK: Duration = Duration::from_millis(10);
/// A job that holds the writer longer than this is logged.
const SLOW_JOB: Duration = Duration::from_millis(100);
/// Runs of one batch at most, when the engine says that the work must be repeated.
const MAX_RUNS: u32 = 5;

const SAVEPOINT: &str = "SAVEPOINT job";
const NEXT_SAVEPOINT: &str = "RELEASE SAVEPOINT job; SAVEPOINT job";
const UNDO: &str = "ROLLBACK TO SAVEPOINT job";

/// An error that a write job may end with. The writer must know whether it came from the engine, because some of those
/// mean that the whole transaction is to be run again.
pub trait Failure: From<Error> + Send + 'static {
    /// The store's own error inside, if it is one.
    fn store_error(&self) -> Option<&Error>;
}

impl Failure for Error {
    fn store_error(&self) -> Option<&Error> {
        Some(self)
    }
}

/// What a job's run means for the transaction around it.
pub(crate) enum Ran {
    /// Its changes stay.
    Keep,
    /// Its changes go, the others' stay.
    Undo,
    /// The whole batch has to be run again.
    Again(Error),
}

/// A write waiting for its turn.
pub(crate) trait Job: Any + Send {
    /// Does the work; may be called several times, each time on a clean slate.
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    /// Tells the caller, after the commit or the failure of it.
    fn answer(self: Box<Self>, committed: Result<(), Error>);
    /// Where the caller waits, if that is a runtime.
    fn runtime(&self) -> Option<&Handle>;
    /// Whether this job can be run by one call with another one.
    fn goes_with(&self, _other: &dyn Job) -> bool {
        false
    }
    /// As [`Job::run`], for this job and others that it goes with. Unless their changes stay, each is to be run again.
    fn run_with(&mut self, _others: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Ran {
        self.run(tx)
    }
}

/// A write that can be done by one call together with its like.
pub trait Together: Sized + Send + 'static {
    /// What comes of one.
    type Made: Send + 'static;
    /// Why it cannot be done.
    type Error: Failure;

    /// Does all of them, at least one, as if one had been done after the other, and answers in their order. An error means
    /// that nothing of any stays; then each of several is done by itself. May be called several times, as the closures of
    /// [`Store::write`](crate::Store::write).
    fn write(tx: &mut Tx<'_>, all: &[&Self]) -> Result<Vec<Self::Made>, Self::Error>;
}

/// Who waits for what comes of a write.
struct Caller<T, E> {
    answer: oneshot::Sender<Result<T, E>>,
    runtime: Option<Handle>,
}

impl<T, E: Failure> Caller<T, E> {
    /// To be called where the answer will be waited for.
    fn new(answer: oneshot::Sender<Result<T, E>>) -> Self {
        Caller {
            answer,
            runtime: Handle::try_current().ok(),
        }
    }

    fn answer(self, committed: Result<(), Error>, result: Option<Result<T, E>>) {
        let answer = match (committed, result) {
            (Err(error), _) => Err(error.into()),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(Error::Engine("a write job was committed without being run".to_owned()).into()),
        };
        // A caller that is gone does not need its answer; what it asked for has been done all the same.
        let _ = self.answer.send(answer);
    }
}

/// [`Job`] for a closure and a waiting caller.
pub(crate) struct Call<F, T, E> {
    work: F,
    result: Option<Result<T, E>>,
    caller: Caller<T, E>,
}

impl<F, T, E: Failure> Call<F, T, E> {
    pub(crate) fn new(work: F, answer: oneshot::Sender<Result<T, E>>) -> Self {
        Call {
            work,
            result: None,
            caller: Caller::new(answer),
        }
    }
}

impl<F, T, E> Job for Call<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: Failure,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let result = attempt(tx, &mut self.work);
        let ran = Ran::of(&result);
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        self.caller.answer(committed, self.result);
    }

    fn runtime(&self) -> Option<&Handle> {
        self.caller.runtime.as_ref()
    }
}

/// [`Job`] for a write that can be done together with its like.
pub(crate) struct Shared<W: Together> {
    work: W,
    result: Option<Result<W::Made, W::Error>>,
    caller: Caller<W::Made, W::Error>,
}

impl<W: Together> Shared<W> {
    pub(crate) fn new(work: W, answer: oneshot::Sender<Result<W::Made, W::Error>>) -> Self {
        Shared {
            work,
            result: None,
            caller: Caller::new(answer),
        }
    }

    /// Does the work of several by one call, and notes what came of each.
    fn run_all(all: &mut [&mut Shared<W>], tx: &mut Tx<'_>) -> Result<(), W::Error> {
        let works: Vec<&W> = all.iter().map(|job| &job.work).collect();
        let made = attempt(tx, |tx| {
            let made = W::write(tx, &works)?;
            if made.len() == works.len() {
                return Ok(made);
            }
            let text = format!("{} writes were answered with {} results", works.len(), made.len());
            Err(W::Error::from(Error::Engine(text)))
        })?;
        for (job, made) in all.iter_mut().zip(made) {
            job.result = Some(Ok(made));
        }
        Ok(())
    }
}

impl<W: Together> Job for Shared<W> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let done = Self::run_all(&mut [&mut *self], tx);
        let ran = Ran::of(&done);
        if let Err(error) = done {
            self.result = Some(Err(error));
        }
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        self.caller.answer(committed, self.result);
    }

    fn runtime(&self) -> Option<&Handle> {
        self.caller.runtime.as_ref()
    }

    fn goes_with(&self, other: &dyn Job) -> bool {
        (other as &dyn Any).is::<Self>()
    }

    fn run_with(&mut self, others: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Ran {
        let others = others
            .iter_mut()
            .filter_map(|job| (job.as_mut() as &mut dyn Any).downcast_mut());
        let mut all: Vec<&mut Self> = iter::once(self).chain(others).collect();
        Ran::of(&Self::run_all(&mut all, tx))
    }
}

impl Ran {
    fn of<T, E: Failure>(result: &Result<T, E>) -> Ran {
        match result.as_ref().map_err(Failure::store_error) {
            Ok(_) => Ran::Keep,
            Err(Some(Error::Retry(text))) => Ran::Again(Error::Retry(text.clone())),
            Err(Some(Error::Unavailable(text))) => Ran::Again(Error::Unavailable(text.clone())),
            Err(_) => Ran::Undo,
        }
    }
}

/// Does work that may panic, fail without saying so, or take long.
fn attempt<T, E: Failure>(tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
    let started = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
        .unwrap_or_else(|_| Err(Error::Engine("a write job panicked".to_owned()).into()));
    if started.elapsed() > SLOW_JOB {
        warn!(
            duration_ms = started.elapsed().as_millis(),
            "a write job held the writer for long"
        );
    }
    // A statement failed and the job says that all is well. On PostgreSQL nothing of it can stay, so nothing may.
    match result {
        Ok(_) if tx.has_failed() => {
            Err(Error::Engine("a write job went on after a failed statement".to_owned()).into())
        }
        other => other,
    }
}

/// What the writer needs of an engine's connection.
pub(crate) trait Writer {
    /// Starts a transaction, connecting anew if the connection is lost. No other process writes until it ends: so the
    /// numbers of events are in the order of the commits, two batches cannot lock each other out, and what a job has
    /// looked up stays true.
    fn begin(&mut self) -> Result<(), Error>;
    /// The transaction, as one job is given it.
    fn tx(&mut self) -> Tx<'_>;
    /// Ends the transaction; when this answers `Ok`, its changes are on disk.
    fn commit(&mut self) -> Result<(), Error>;
    /// Gives the transaction up, if there is one.
    fn rollback(&mut self);
    /// Whether jobs that come while a transaction runs are taken into it, or left to the next one. To take them in saves a
    /// flush; to leave them lets the callers of one transaction come back with their next requests while the other runs,
    /// which is worth it where a transaction is another process's work.
    fn takes_in_late(&self) -> bool;
}

/// The writer thread's life: until every sender is gone. Rings the bell after each commit with deliveries in it.
pub(crate) fn run(writer: &mut impl Writer, jobs: &Receiver<Box<dyn Job>>, deliveries: &Notify) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        let mut runs = 1;
        let failure = loop {
            match run_once(writer, &mut batch, jobs) {
                Ok(has_deliveries) => {
                    if has_deliveries {
                        deliveries.notify_one();
                    }
                    break None;
                }
                Err(Failed::Again(error)) if runs < MAX_RUNS => {
                    warn!(runs, %error, "repeating a batch of writes");
                    runs += 1;
                }
                Err(Failed::Again(error) | Failed::Final(error)) => break Some(error),
            }
        };
        answer_all(batch, failure.as_ref());
    }
}

enum Failed {
    Again(Error),
    Final(Error),
}

/// Runs the batch, taking in the jobs that have arrived and may be taken in, and commits. Answers whether there is something
/// to deliver.
fn run_once(
    writer: &mut impl Writer,
    batch: &mut Vec<Box<dyn Job>>,
    jobs: &Receiver<Box<dyn Job>>,
) -> Result<bool, Failed> {
    if let Err(error) = writer.begin() {
        // A part of it may have been done: the transaction begun, the wait for a lock given up.
        writer.rollback();
        return Err(Failed::Final(error));
    }
    let started = Instant::now();
    let mut has_deliveries = false;
    let mut next = 0;
    let mut before = Before::Nothing;
    let late = writer.takes_in_late().then_some(jobs);
    if late.is_none() {
        batch.extend(jobs.try_iter().take(MAX_JOBS.saturating_sub(batch.len())));
    }
    while let Some(alike) = next_alike(batch, next, late) {
        match run_alike(writer, alike, &mut before) {
            Ok(of_jobs) => has_deliveries |= of_jobs,
            Err(error) => {
                writer.rollback();
                return Err(match error {
                    Error::Retry(_) | Error::Unavailable(_) => Failed::Again(error),
                    other => Failed::Final(other),
                });
            }
        }
        next += alike.len();
        if next == batch.len() && next < MAX_JOBS && started.elapsed() < MAX_WORK {
            batch.extend(late.and_then(|jobs| jobs.try_recv().ok()));
        }
    }
    writer.commit().map_err(|error| {
        writer.rollback();
        match error {
            // Nothing was committed, so it can be done again. A lost connection tells no such thing.
            Error::Retry(_) => Failed::Again(error),
            other => Failed::Final(other),
        }
    })?;
    Ok(has_deliveries)
}

/// The jobs from the place `next` on that are run by one call: one, or several that go with each other. Those at the end of
/// the batch take in what goes with them, and with the first that does not, of the jobs that may be taken in late.
fn next_alike<'b>(
    batch: &'b mut Vec<Box<dyn Job>>,
    next: usize,
    late: Option<&Receiver<Box<dyn Job>>>,
) -> Option<&'b mut [Box<dyn Job>]> {
    let mut end = next + 1;
    while end - next < MAX_TOGETHER {
        let first = batch.get(next)?;
        // Only what goes with itself goes with others.
        if end == batch.len() && end < MAX_JOBS && first.goes_with(first.as_ref()) {
            batch.extend(late.and_then(|jobs| jobs.try_recv().ok()));
        }
        match (batch.get(next), batch.get(end)) {
            (Some(first), Some(job)) if first.goes_with(job.as_ref()) => end += 1,
            _ => break,
        }
    }
    batch.get_mut(next..end)
}

/// Runs jobs that go with each other, by one call if that succeeds. Answers whether they leave something to deliver.
fn run_alike(writer: &mut impl Writer, alike: &mut [Box<dyn Job>], before: &mut Before) -> Result<bool, Error> {
    if let [leader, others @ ..] = alike
        && !others.is_empty()
        && let Some(has_deliveries) = run_apart(writer, before, |tx| leader.run_with(others, tx))?
    {
        return Ok(has_deliveries);
    }
    let mut has_deliveries = false;
    for job in alike {
        has_deliveries |= run_apart(writer, before, |tx| job.run(tx))?.unwrap_or_default();
    }
    Ok(has_deliveries)
}

/// What the transaction holds when a job begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing that has to stay. So what the job does can be taken back by giving up the transaction, and the job needs no
    /// savepoint, for which SQLite would copy each page that is changed.
    Nothing,
    /// What other jobs have changed.
    Changes,
    /// The same, and a savepoint.
    Savepoint,
}

/// Runs so that what is done can be taken back without what was done before. A savepoint is left standing: the next one, or
/// the commit, takes it away, which on PostgreSQL saves a round trip each time. Answers whether there is something to
/// deliver, if the changes stay.
fn run_apart(
    writer: &mut impl Writer,
    before: &mut Before,
    run: impl FnOnce(&mut Tx<'_>) -> Ran,
) -> Result<Option<bool>, Error> {
    let mut tx = writer.tx();
    match before {
        Before::Nothing => {}
        Before::Changes => {
            tx.batch(SAVEPOINT)?;
            *before = Before::Savepoint;
        }
        Before::Savepoint => tx.batch(NEXT_SAVEPOINT)?,
    }
    match run(&mut tx) {
        Ran::Keep => {
            if *before == Before::Nothing {
                *before = Before::Changes;
            }
            Ok(Some(tx.has_deliveries()))
        }
        Ran::Undo if *before == Before::Nothing => {
            writer.rollback();
            writer.begin().map(|()| None)
        }
        // After a full disk or an I/O error SQLite has given up the whole transaction: then this fails, and all fail.
        Ran::Undo => tx.batch(UNDO).map(|()| None),
        Ran::Again(error) => Err(error),
    }
}

/// Tells all callers. Each runtime that some of them wait on is woken once, and tells its own: to wake it for each of them is
/// a system call each time, for which the next batch would wait.
fn answer_all(batch: Vec<Box<dyn Job>>, failure: Option<&Error>) {
    if let Some(error) = failure {
        error!(jobs = batch.len(), %error, "a batch of writes failed");
    }
    let mut runtimes: Vec<(Handle, Vec<Outcome>)> = Vec::new();
    for job in batch {
        let runtime = job.runtime().cloned();
        let outcome = Outcome {
            job,
            committed: failure.map_or(Ok(()), |error| Err(copy(error))),
        };
        let Some(runtime) = runtime else {
            outcome.give();
            continue;
        };
        match runtimes.iter_mut().find(|(other, _)| other.id() == runtime.id()) {
            Some((_, outcomes)) => outcomes.push(outcome),
            None => runtimes.push((runtime, vec![outcome])),
        }
    }
    for (runtime, outcomes) in runtimes {
        runtime.spawn(async { outcomes.into_iter().for_each(Outcome::give) });
    }
}

/// A job that is over, and what came of the commit.
struct Outcome {
    job: Box<dyn Job>,
    committed: Result<(), Error>,
}

impl Outcome {
    fn give(self) {
        self.job.answer(self.committed);
    }
}

/// The same failure once more, for the next caller of the batch.
fn copy(error: &Error) -> Error {
    match error {
        Error::Busy(text) | Error::Retry(text) => Error::Busy(text.clone()),
        Error::Unavailable(text) => Error::Unavailable(text.clone()),
        other => Error::Engine(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
