//! The store: every SQL statement of Landfall, on SQLite and on PostgreSQL.
//!
//! A query is a plain function over a [`Conn`] (or a [`Tx`], if it writes), grouped by table in the modules below.
//! Callers hand closures over them to [`Store::read`] and [`Store::write`], which run them on the store's own threads:
//! one hop per request, and, because a closure runs to its end, a client that hangs up cannot cut a transaction in
//! half. The functions that take SQL text are private to this crate, so no other crate can contain any.

pub mod backup;
pub mod changes;
pub mod creates;
pub mod deployment_list;
pub mod deployments;
pub mod doctor;
pub mod environment_list;
pub mod environments;
pub mod events;
pub mod groups;
pub mod hook_sources;
pub mod inbox;
pub mod jobs;
pub mod leases;
pub mod member_list;
pub mod members;
pub mod merge_requests;
pub mod mirrors;
pub mod namespaces;
pub mod observations;
pub mod origins;
pub mod project_list;
pub mod projects;
pub mod purges;
pub mod token_list;
pub mod tokens;
pub mod users;
pub mod webhook_queue;
pub mod webhooks;

mod batch;
mod engine;
mod error;
mod migrate;
mod places;
mod postgres;
mod query;
mod read;
mod spare;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use crate::{
    batch::{Call, Job, Shared},
    postgres::{Histories, Session},
    read::ReadJob,
    spare::Spares,
    sqlite::{SqliteReader, SqliteWriter},
    threads::Thread,
};
pub use crate::{
    batch::{Failure, Together},
    engine::{Conn, Tx, Value},
    error::Error,
    migrate::Migrated,
};

/// Requests that may wait for a thread; one more is answered [`Error::Busy`] at once.
const QUEUE: usize = 1024;

/// How long the end of the store waits for PostgreSQL, where its callers do not wait for ever either.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the embedded engine.
    Sqlite(PathBuf),
    /// A server, with everything that `postgres://user:password@host/database` can carry.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Result<DatabaseUrl, Error> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(Error::Refused("the database address sqlite: names no file".to_owned()));
            }
            if path == ":memory:" {
                return Err(Error::Refused(
                    "a database in memory cannot be shared between connections; name a file".to_owned(),
                ));
            }
            return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            postgres::parse_url(text)?;
            return Ok(DatabaseUrl::Postgres(text.to_owned()));
        }
        Err(Error::Refused(
            "a database address is sqlite:PATH or postgres://USER@HOST/DATABASE".to_owned(),
        ))
    }
}

/// Shows no password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Shows no password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => {
                let place = url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place);
                let place = place.split_once("://").map_or(place, |(_, place)| place);
                write!(
                    f,
                    "postgres://{}",
                    place.split_once('?').map_or(place, |(place, _)| place)
                )
            }
        }
    }
}

/// How many threads and connections the store uses.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Reader threads, each with a connection; at least one is made.
    pub readers: usize,
    /// How long a caller waits for PostgreSQL before it is told [`Error::Unavailable`], if not for ever; where it waits, a
    /// runtime must keep time. What has been begun goes on all the same. SQLite's disk may take as long as it needs.
    pub patience: Option<Duration>,
}

impl Options {
    /// So many reader threads, and patience without end.
    #[must_use]
    pub fn with_readers(readers: usize) -> Options {
        Options {
            readers,
            patience: None,
        }
    }
}

impl Default for Options {
    /// Two readers per core on SQLite's account; PostgreSQL readers wait for the network and profit from more.
    fn default() -> Options {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Options::with_readers((cores * 2).clamp(2, 16))
    }
}

/// A database that is open. Cheap to clone; the threads end when the last clone is dropped.
#[derive(Clone)]
pub struct Store {
    threads: Arc<Threads>,
    deliveries: Arc<Notify>,
    url: DatabaseUrl,
}

struct Threads {
    reads: Option<Sender<ReadJob>>,
    writes: Option<Sender<Box<dyn Job>>>,
    /// None on PostgreSQL.
    spares: Option<Spares>,
    readers: Vec<Thread>,
    writer: Option<Thread>,
    /// None on SQLite.
    patience: Option<Duration>,
}

impl Drop for Threads {
    /// The writer goes last, by itself: the last connection that SQLite closes brings the journal back into the file and
    /// takes it away, and of two that close at the same moment neither is the last.
    fn drop(&mut self) {
        let limit = self
            .patience
            .map(|patience| Instant::now() + patience.min(LAST_PATIENCE));
        self.reads = None;
        self.readers.drain(..).for_each(|reader| reader.wait(limit));
        self.spares = None;
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            writer.wait(limit);
        }
    }
}

/// Brings the database to this version's schema, creating it if it is missing.
pub fn migrate(url: &DatabaseUrl) -> Result<Migrated, Error> {
    // On a thread of its own, because the synchronous PostgreSQL client must not run inside an asynchronous task.
    let migrated = thread::scope(|scope| scope.spawn(|| migrate::migrate_url(url)).join());
    migrated.unwrap_or_else(|_| Err(Error::Engine("migrating the database panicked".to_owned())))
}

impl Store {
    /// Migrates the database and opens it.
    pub fn open(url: &DatabaseUrl, options: Options) -> Result<Store, Error> {
        migrate(url)?;
        let (reads, read_jobs) = bounded(QUEUE);
        let (writes, write_jobs) = bounded(QUEUE);
        let deliveries = Arc::new(Notify::new());
        let mut readers = Vec::new();
        let (last, spares) = match url {
            DatabaseUrl::Sqlite(path) => {
                for number in 0..options.readers.max(1) {
                    readers.push(spawn_reader(number, SqliteReader::open(path)?, read_jobs.clone())?);
                }
                let last = spawn_writer(SqliteWriter::open(path)?, write_jobs, Arc::clone(&deliveries))?;
                (last, Some(Spares::new(path)))
            }
            DatabaseUrl::Postgres(text) => {
                let config = postgres::parse_primary_url(text)?;
                let histories = Arc::new(Histories::default());
                let session = || Session::new(config.clone(), Arc::clone(&histories));
                for number in 0..options.readers.max(1) {
                    readers.push(spawn_reader(number, session(), read_jobs.clone())?);
                }
                (spawn_writer(session(), write_jobs, Arc::clone(&deliveries))?, None)
            }
        };
        let threads = Arc::new(Threads {
            reads: Some(reads),
            writes: Some(writes),
            spares,
            readers,
            writer: Some(last),
            patience: options.patience.filter(|_| matches!(url, DatabaseUrl::Postgres(_))),
        });
        Ok(Store {
            threads,
            deliveries,
            url: url.clone(),
        })
    }

    /// The address that this store was opened with.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs a closure on a reader thread. Everything it reads is of one moment.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.read_on_thread(false, work).await
    }

    /// As [`Store::read_at_once`], for work that is a single statement on PostgreSQL, which reads one state of the database
    /// without a transaction around it: one round trip instead of three. A connection that turns out to be dead is an error
    /// here.
    pub async fn read_by_one_statement<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.threads.spares {
            Some(spares) => spares.read(work),
            None => self.read_on_thread(true, work).await,
        }
    }

    async fn read_on_thread<T, E, F>(&self, is_alone: bool, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let work = move |conn: Result<Conn<'_>, Error>| {
            // Somebody who is gone, or has lost patience, needs no answer.
            if caller.is_closed() {
                return;
            }
            let result = match conn {
                Ok(mut conn) => work(&mut conn),
                Err(error) => Err(error.into()),
            };
            let _ = caller.send(result);
        };
        let job = ReadJob {
            is_alone,
            work: Box::new(work),
        };
        enqueue(self.threads.reads.as_ref(), job)?;
        self.wait_for(answer, "a read job panicked").await
    }

    /// As [`Store::read`], for work that is known to be short: a few searches by index. On SQLite it is done at once on the
    /// caller's thread, which costs less than handing it to another. (Asking PostgreSQL means waiting, however short.)
    pub async fn read_at_once<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.threads.spares {
            Some(spares) => spares.read(work),
            None => self.read(work).await,
        }
    }

    /// As [`Store::read_at_once`], for work that is short most of the time. What takes SQLite more than a quarter of a
    /// millisecond is given up and begun anew on a reader thread, so that it holds up nobody.
    pub async fn read_at_once_if_short<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn<'_>) -> Result<T, E> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if let Some(spares) = &self.threads.spares
            && let Some(done) = spares.read_if_short(work.clone())
        {
            return done;
        }
        self.read(work).await
    }

    /// Whether [`Store::read_at_once`] answers without waiting for another thread.
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        self.threads.spares.is_some()
    }

    /// Runs a closure in a transaction of its own; `Ok` means that it is committed and flushed, `Err` that nothing of
    /// it stays. The closure may be run again when the engine asks for it, and must do nothing but talk to the store:
    /// every other write waits for it.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Failure,
    {
        let (caller, answer) = oneshot::channel();
        enqueue(
            self.threads.writes.as_ref(),
            Box::new(Call::new(work, caller)) as Box<dyn Job>,
        )?;
        self.wait_for(answer, "the writer ended").await
    }

    /// As [`Store::write`], for writes of which many come at once: those that wait one behind the other are done by one call
    /// of [`Together::write`].
    pub async fn write_together<W: Together>(&self, work: W) -> Result<W::Made, W::Error> {
        let (caller, answer) = oneshot::channel();
        enqueue(
            self.threads.writes.as_ref(),
            Box::new(Shared::new(work, caller)) as Box<dyn Job>,
        )?;
        self.wait_for(answer, "the writer ended").await
    }

    /// Waits for what comes of a job, as long as the store's patience lasts.
    async fn wait_for<T, E: From<Error>>(
        &self,
        answer: oneshot::Receiver<Result<T, E>>,
        if_never: &str,
    ) -> Result<T, E> {
        let answered = match self.threads.patience {
            None => answer.await,
            Some(patience) => timeout(patience, answer)
                .await
                .map_err(|_| Error::Unavailable(format!("PostgreSQL has not answered for {patience:?}")))?,
        };
        answered.unwrap_or_else(|_| Err(Error::Engine(if_never.to_owned()).into()))
    }

    /// A bell that rings after each commit of this process that has put deliveries to webhooks into their queue.
    #[must_use]
    pub fn deliveries(&self) -> Arc<Notify> {
        Arc::clone(&self.deliveries)
    }

    /// Jobs that wait for a reader and for the writer now.
    #[must_use]
    pub fn queued(&self) -> (usize, usize) {
        let reads = self.threads.reads.as_ref().map_or(0, Sender::len);
        let writes = self.threads.writes.as_ref().map_or(0, Sender::len);
        (reads, writes)
    }
}

fn enqueue<J>(queue: Option<&Sender<J>>, job: J) -> Result<(), Error> {
    match queue.map(|queue| queue.try_send(job)) {
        Some(Ok(())) => Ok(()),
        Some(Err(TrySendError::Full(_))) => Err(Error::Busy(format!("{QUEUE} requests are waiting already"))),
        Some(Err(TrySendError::Disconnected(_))) | None => Err(Error::Unavailable("the store is closed".to_owned())),
    }
}

fn spawn_reader<R>(number: usize, mut reader: R, jobs: Receiver<ReadJob>) -> Result<Thread, Error>
where
    R: read::Reader + Send + 'static,
{
    Thread::spawn(&format!("store-read-{number}"), move || read::run(&mut reader, &jobs))
}

fn spawn_writer<W>(mut writer: W, jobs: Receiver<Box<dyn Job>>, deliveries: Arc<Notify>) -> Result<Thread, Error>
where
    W: batch::Writer + Send + 'static,
{
    Thread::spawn("store-write", move || batch::run(&mut writer, &jobs, &deliveries))
}

/// The file that a data directory's database is in.
#[must_use]
pub fn database_in(data_dir: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(data_dir.join("landfall.db"))
}

/// Version of the embedded engine, `3.54.1` for one.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
