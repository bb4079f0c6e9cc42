//! How jobs are run: on a thread of their own, each job at its own pace.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use landfall_domain::time::Timestamp;
use landfall_store::leases;
use tokio::{runtime, task::JoinSet};
use tracing::warn;

use super::{JOBS, Job, Left, Nodes};
use crate::{App, ops::Refusal, serve::Stop};

/// How long a node has a job to itself after each step. Longer than any step, and than the clocks of nodes may differ.
const LEASE: Duration = Duration::from_mins(2);

/// Runs every job until the server is to stop. A step that is under way then has `grace` to end.
pub(crate) fn spawn(app: Arc<App>, stop: Stop, grace: Duration) -> io::Result<JoinHandle<()>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("jobs".to_owned()).spawn(move || {
        runtime.block_on(run_until(app, stop, grace));
        runtime.shutdown_background();
    })
}

async fn run_until(app: Arc<App>, stop: Stop, grace: Duration) {
    let mut jobs = JoinSet::new();
    for job in JOBS {
        jobs.spawn(keep_running(Arc::clone(&app), job, stop.clone()));
    }
    let all = async {
        while jobs.join_next().await.is_some() {}
        // What a job has handed out to tasks of its own.
        tokio::join!(app.courier.settled(), app.mirrors.stop());
    };
    let given_up = async {
        stop.gentle.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        () = all => {}
        () = stop.hard.cancelled() => {}
        () = given_up => warn!("background jobs took too long and were given up"),
    }
}

/// A job's life.
async fn keep_running(app: Arc<App>, job: &'static Job, stop: Stop) {
    while !stop.gentle.is_cancelled() {
        run_to_the_end(&app, job, &stop).await;
        let Some(bell) = app.wakes.bell(job) else { return };
        tokio::select! {
            () = stop.gentle.cancelled() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(job.every) => {}
        }
    }
}

/// Takes steps until there is nothing left to do, one fails or the server is to stop.
async fn run_to_the_end(app: &Arc<App>, job: &'static Job, stop: &Stop) {
    let ended = loop {
        match step(app, job).await {
            Ok(Left::More) if !stop.gentle.is_cancelled() => {}
            other => break other,
        }
    };
    if let Err(error) = ended {
        warn!(job = job.name, %error, "a background job failed and will be tried again");
    }
}

/// One step, if something is due and it is this node's turn.
async fn step(app: &Arc<App>, job: &'static Job) -> Result<Left, Refusal> {
    let (now, asked) = (app.clock.now(), Arc::clone(app));
    if !app.store.read(move |conn| (job.due)(&asked, conn, now)).await? {
        return Ok(Left::Nothing);
    }
    if job.nodes == Nodes::One && !take(app, job).await? {
        return Ok(Left::Nothing);
    }
    // In a task of its own, so that a panic harms nobody else.
    let step = tokio::spawn((job.step)(Arc::clone(app)));
    let ended = step.await.unwrap_or_else(|error| {
        let text = format!("the job {} ended early: {error}", job.name);
        Err(landfall_store::Error::Engine(text).into())
    });
    if job.nodes == Nodes::One
        && !matches!(ended, Ok(Left::More))
        && let Err(error) = give_back(app, job).await
    {
        warn!(job = job.name, %error, "a lease could not be given back and has to end by itself");
    }
    ended
}

async fn take(app: &App, job: &'static Job) -> Result<bool, Refusal> {
    let now = app.clock.now();
    let until = Timestamp::from_micros(now.as_micros().saturating_add(micros(LEASE)));
    let holder = app.node.clone();
    let taken = app
        .store
        .write(move |tx| leases::take(tx, job.name, &holder, now, until));
    Ok(taken.await?)
}

async fn give_back(app: &App, job: &'static Job) -> Result<(), Refusal> {
    let holder = app.node.clone();
    Ok(app
        .store
        .write(move |tx| leases::give_back(tx, job.name, &holder))
        .await?)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Runs every job until none has anything left to do, for tests and tools that cannot wait for a job's time to come.
pub async fn run_all(app: &Arc<App>) -> Result<(), Refusal> {
    // Jobs make work for each other, hence the further round.
    let mut quiet_rounds = 0;
    while quiet_rounds < 2 {
        quiet_rounds += 1;
        let ended = app.courier.ended();
        for job in JOBS {
            while step(app, job).await? == Left::More {
                quiet_rounds = 0;
            }
        }
        // A delivery that has ended makes room for others.
        let has_fetched = app.mirrors.settled().await;
        if app.courier.one_ended_since(ended).await || has_fetched {
            quiet_rounds = 0;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, pin::pin};

    use landfall_domain::{
        ids::WebhookId,
        time::{Clock, ManualClock},
    };
    use landfall_git::Git;
    use landfall_store::{
        testing::{Engine, TestDatabase},
        webhook_queue,
    };

    use super::*;
    use crate::{MirrorSettings, Settings, webhooks};

    const START: Timestamp = Timestamp(1_767_323_045_000_000);

    /// A node on a database.
    fn node(database: &TestDatabase, clock: &Arc<ManualClock>) -> Arc<App> {
        let settings = Settings {
            external_url: "http://landfall.example".to_owned(),
            rate_limit_authenticated: None,
            rate_limit_unauthenticated: None,
            allow_networks: Vec::new(),
            webhook_timeout: Settings::WEBHOOK_TIMEOUT,
            body_room: Settings::BODY_ROOM,
            inbox_retention: Duration::from_hours(24),
            deletion_adjourned_period: Duration::from_hours(24),
            mirrors: MirrorSettings::in_directory(database.directory().join("mirrors")),
        };
        let git = Git::new(NonZeroUsize::MIN).unwrap();
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
        Arc::new(App::new(database.open(), clock, git, &settings).unwrap())
    }

    /// A job that is never done.
    const ENDLESS: Job = Job {
        name: "endless",
        every: Duration::from_secs(1),
        nodes: Nodes::One,
        due: |_, _, _| Ok(true),
        step: |_| Box::pin(async { Ok(Left::More) }),
    };
    /// The same, after its last step.
    const ENDED: Job = Job {
        step: |_| Box::pin(async { Ok(Left::Nothing) }),
        ..ENDLESS
    };
    /// A job that panics.
    const BROKEN: Job = Job {
        step: |_| Box::pin(async { [Ok(Left::More)].into_iter().nth(1).unwrap() }),
        ..ENDLESS
    };
    /// A job for which it is never time.
    const NEVER: Job = Job {
        due: |_, _, _| Ok(false),
        ..ENDLESS
    };

    #[tokio::test]
    async fn a_job_for_one_node_is_done_by_one_node_until_it_ends_or_dies() {
        for engine in Engine::ALL {
            let database = TestDatabase::new(engine);
            let clock = Arc::new(ManualClock::new(START));
            let (one, other) = (node(&database, &clock), node(&database, &clock));
            assert_eq!(step(&one, &ENDLESS).await.unwrap(), Left::More);
            assert_eq!(
                step(&other, &ENDLESS).await.unwrap(),
                Left::Nothing,
                "it is the other's"
            );
            clock.advance(LEASE);
            assert_eq!(step(&other, &ENDLESS).await.unwrap(), Left::More, "the other is silent");
            assert_eq!(step(&other, &ENDED).await.unwrap(), Left::Nothing);
            assert_eq!(step(&one, &ENDLESS).await.unwrap(), Left::More, "it was given back");
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_the_job_back() {
        let database = TestDatabase::new(Engine::Sqlite);
        let clock = Arc::new(ManualClock::new(START));
        let (one, other) = (node(&database, &clock), node(&database, &clock));
        let error = step(&one, &BROKEN).await.unwrap_err().to_string();
        assert!(error.contains("endless"), "{error}");
        assert_eq!(step(&other, &ENDLESS).await.unwrap(), Left::More);
    }

    #[tokio::test]
    async fn a_delivery_that_is_committed_wakes_the_job_that_makes_it() {
        for engine in Engine::ALL {
            let database = TestDatabase::new(engine);
            let node = node(&database, &Arc::new(ManualClock::new(START)));
            let is_woken = || pin!(node.wakes.bell(&webhooks::DELIVER).unwrap().notified()).enable();
            assert!(!is_woken());
            let added = node.store.write(|tx| -> Result<(), Refusal> {
                let message = webhook_queue::add_message(tx, "event", "{}", START)?;
                Ok(webhook_queue::add(tx, WebhookId(1), message, "key", START)?)
            });
            added.await.unwrap();
            assert!(is_woken());
        }
    }

    #[tokio::test]
    async fn nothing_is_written_where_nothing_is_due() {
        let database = TestDatabase::new(Engine::Sqlite);
        let clock = Arc::new(ManualClock::new(START));
        let (one, other) = (node(&database, &clock), node(&database, &clock));
        assert_eq!(step(&one, &NEVER).await.unwrap(), Left::Nothing);
        assert_eq!(step(&other, &ENDLESS).await.unwrap(), Left::More, "no lease was taken");
    }
}
