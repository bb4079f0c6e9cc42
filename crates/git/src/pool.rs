//! The edge to asynchronous code: own threads that run blocking git work.

use std::any::Any;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::repository::Repository;

/// How many jobs may wait. Beyond it callers get [`Error::Busy`], so that overload costs answers and not memory.
const QUEUE_LIMIT: usize = 1_024;

/// How many look-ups may wait: each may take seconds, so more would only wait in vain.
const LOOK_UP_LIMIT: usize = 128;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that run git work. Clones share them; they end when the last clone is dropped and the queues are empty.
///
/// There are two queues with threads of their own, so that whoever records a deployment never waits for somebody who
/// reads a long history.
#[derive(Clone, Debug)]
pub struct Git {
    queue: Sender<Job>,
    look_ups: Sender<Job>,
}

impl Git {
    /// Starts the threads, named `git-1` and so on, and as many for look-ups. Fails if the system refuses a thread.
    pub fn new(threads: NonZeroUsize) -> io::Result<Self> {
        Self::with_queue_limit(threads, QUEUE_LIMIT)
    }

    fn with_queue_limit(threads: NonZeroUsize, limit: usize) -> io::Result<Self> {
        Ok(Self {
            queue: start("git", threads, limit)?,
            look_ups: start("git-look", threads, limit.min(LOOK_UP_LIMIT))?,
        })
    }

    /// Runs `job`, which takes milliseconds, on one of the threads and waits for its answer.
    ///
    /// A job that panics, as a decoder may on a broken file, answers [`Error::Unreadable`] and harms no other job. One
    /// whose caller has gone away before it started is not run.
    pub async fn run<T, F>(&self, repository: Repository, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Repository) -> Result<T, Error> + Send + 'static,
    {
        run_on(&self.queue, repository, job).await
    }

    /// As [`Git::run`], for jobs that may take as long as their [`Limits`](crate::Limits) let them.
    pub async fn look_up<T, F>(&self, repository: Repository, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Repository) -> Result<T, Error> + Send + 'static,
    {
        run_on(&self.look_ups, repository, job).await
    }
}

fn start(name: &str, threads: NonZeroUsize, limit: usize) -> io::Result<Sender<Job>> {
    let (queue, jobs) = crossbeam_channel::bounded(limit);
    for number in 1..=threads.get() {
        let jobs: Receiver<Job> = jobs.clone();
        thread::Builder::new()
            .name(format!("{name}-{number}"))
            .spawn(move || jobs.iter().for_each(|job| job()))?;
    }
    Ok(queue)
}

async fn run_on<T, F>(queue: &Sender<Job>, repository: Repository, job: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&Repository) -> Result<T, Error> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let job = Box::new(move || {
        if !answer.is_closed() {
            // The caller may have left meanwhile; then nobody misses the answer.
            let _ = answer.send(run_caught(&repository, job));
        }
    });
    queue.try_send(job).map_err(|error| match error {
        TrySendError::Full(_) => Error::Busy,
        TrySendError::Disconnected(_) => Error::Stopped,
    })?;
    answered.await.unwrap_or(Err(Error::Stopped))
}

fn run_caught<T>(repository: &Repository, job: impl FnOnce(&Repository) -> Result<T, Error>) -> Result<T, Error> {
    // Nothing half-done survives: the handle is a path, and whatever the job opened is dropped.
    panic::catch_unwind(AssertUnwindSafe(|| job(repository)))
        .unwrap_or_else(|panic| Err(Error::unreadable(repository.path(), panic_text(panic.as_ref()))))
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the reader panicked")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_full_queue_is_told_and_abandoned_jobs_are_not_run() {
        let git = Git::with_queue_limit(NonZeroUsize::MIN, 1).unwrap();
        let (started, has_started) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let nowhere = || Repository::at("/nowhere");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let running = tokio::spawn({
                let git = git.clone();
                async move {
                    let job = move |_: &Repository| {
                        started.send(()).unwrap();
                        released.recv().unwrap();
                        Ok("ran")
                    };
                    git.run(nowhere(), job).await
                }
            });
            tokio::task::yield_now().await;
            has_started.recv().unwrap();

            let (ran, has_run) = mpsc::channel();
            let waiting = tokio::spawn({
                let git = git.clone();
                async move { git.run(nowhere(), move |_| Ok(ran.send(()))).await }
            });
            tokio::task::yield_now().await;
            assert_eq!(git.run(nowhere(), |_| Ok(())).await, Err(Error::Busy));

            assert_eq!(git.look_up(nowhere(), |_| Ok("meanwhile")).await, Ok("meanwhile"));

            waiting.abort();
            assert!(waiting.await.unwrap_err().is_cancelled());
            release.send(()).unwrap();
            assert_eq!(running.await.unwrap(), Ok("ran"));
            // The sender is dropped with the job; had the job run, it would have sent first.
            assert_eq!(has_run.recv(), Err(mpsc::RecvError));
            assert_eq!(git.run(nowhere(), |_| Ok("next")).await, Ok("next"));
        });
    }
}
