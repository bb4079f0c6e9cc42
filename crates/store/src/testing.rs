//! Databases for tests: each test has its own, on either engine. [`Filler`] is for measurements.
//!
//! PostgreSQL is one throw-away server per test process, made with `initdb` and reached by a socket in its own directory;
//! a watchdog stops and deletes it when the process ends, however it ends. `LANDFALL_TEST_POSTGRES` names a server to be
//! used instead. A machine without PostgreSQL fails the tests: nothing is skipped in silence.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot have its database fails by panicking"
)]

mod filler;
mod postgres_server;

use std::{
    cell::RefCell,
    env,
    path::Path,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use tempfile::TempDir;

pub use filler::Filler;
pub use postgres_server::PostgresServer;

use crate::{
    DatabaseUrl, Options, Store,
    changes::Position,
    engine::{Stmt, Value},
    migrate, postgres,
};

/// The engines that every test of behaviour runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

impl Engine {
    /// Both.
    pub const ALL: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];
}

/// An empty, migrated database that goes when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    url: DatabaseUrl,
    directory: TempDir,
}

impl TestDatabase {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// Where no database can be made: a test cannot go on without.
    #[must_use]
    pub fn new(engine: Engine) -> TestDatabase {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let url = match engine {
            Engine::Sqlite => DatabaseUrl::Sqlite(directory.path().join("landfall.db")),
            Engine::Postgres => on_plain_thread(|| Server::shared().create_database()),
        };
        TestDatabase { url, directory }
    }

    /// One that the test has made elsewhere, on a server of its own.
    ///
    /// # Panics
    ///
    /// Where this is not its address.
    #[must_use]
    pub fn at(url: &str) -> TestDatabase {
        TestDatabase {
            url: DatabaseUrl::parse(url).expect("an address of a database"),
            directory: tempfile::tempdir().expect("a temporary directory can be made"),
        }
    }

    /// Makes one without tables, as an installation finds it before the first start.
    ///
    /// # Panics
    ///
    /// Where no database can be made.
    #[must_use]
    pub fn without_schema(engine: Engine) -> TestDatabase {
        let database = TestDatabase::new(engine);
        if engine == Engine::Postgres {
            run_sql(&database.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }
        database
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Ends every connection to the database and refuses new ones, or takes them again. PostgreSQL only.
    ///
    /// # Panics
    ///
    /// Where the server does not obey.
    pub fn allow_connections(&self, allowed: bool) {
        if let DatabaseUrl::Postgres(url) = &self.url {
            let (address, _) = url.split_once('?').unwrap_or((url, ""));
            let (_, name) = address.rsplit_once('/').expect("the address names a database");
            let server = Server::shared();
            server.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"));
            server.run(&format!(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}'"
            ));
        }
    }

    /// A directory of its own, for whatever else the test needs.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Opens it with few threads.
    ///
    /// # Panics
    ///
    /// Where it cannot be opened.
    #[must_use]
    pub fn open(&self) -> Store {
        Store::open(&self.url, Options::with_readers(2)).expect("the test database opens")
    }
}

/// Runs SQL text on a connection outside of any store, as another program would.
///
/// # Panics
///
/// Where the engine refuses it.
pub fn run_sql(url: &DatabaseUrl, sql: &str) {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).expect("the test database opens");
            connection.execute_batch(sql).expect("the engine takes the text");
        }
        DatabaseUrl::Postgres(url) => on_plain_thread(|| {
            let config = postgres::parse_url(url).expect("the test server's address is one");
            let mut client = postgres::Session::connect(&config).expect("the test server answers");
            client.batch_execute(sql).expect("the engine takes the text");
        }),
    }
}

/// Makes a state of a database up: its history, its newest change and its newest deployment.
#[must_use]
pub fn position(history: u64, change: i64, deployment: i64) -> Position {
    Position {
        history,
        change,
        deployment,
    }
}

/// Every statement of the store that both engines are asked, with its name.
#[must_use]
pub fn statements() -> Vec<(&'static str, &'static str)> {
    let modules: &[&[Stmt]] = &[
        crate::changes::STATEMENTS,
        crate::deployment_list::STATEMENTS,
        crate::deployments::STATEMENTS,
        crate::doctor::STATEMENTS,
        crate::environments::STATEMENTS,
        crate::events::STATEMENTS,
        crate::groups::STATEMENTS,
        crate::hook_sources::STATEMENTS,
        crate::inbox::STATEMENTS,
        crate::jobs::STATEMENTS,
        crate::leases::STATEMENTS,
        crate::members::STATEMENTS,
        crate::merge_requests::STATEMENTS,
        crate::mirrors::STATEMENTS,
        crate::namespaces::STATEMENTS,
        crate::observations::STATEMENTS,
        crate::origins::STATEMENTS,
        crate::projects::STATEMENTS,
        crate::purges::STATEMENTS,
        crate::tokens::STATEMENTS,
        crate::users::STATEMENTS,
        crate::webhook_queue::STATEMENTS,
        crate::webhooks::STATEMENTS,
    ];
    named(modules)
}

/// Every statement of the store that only PostgreSQL is asked, with its name.
#[must_use]
pub fn postgres_statements() -> Vec<(&'static str, &'static str)> {
    named(&[
        crate::changes::POSTGRES_STATEMENTS,
        crate::creates::POSTGRES_STATEMENTS,
        crate::deployments::POSTGRES_STATEMENTS,
        crate::events::POSTGRES_STATEMENTS,
        crate::jobs::POSTGRES_STATEMENTS,
    ])
}

fn named(modules: &[&[Stmt]]) -> Vec<(&'static str, &'static str)> {
    let statements = modules.iter().flat_map(|module| module.iter());
    statements.map(|statement| (statement.name, statement.sql)).collect()
}

/// A bare connection with the settings of the store's own, for measurements beside it.
pub fn sqlite(path: &Path) -> Result<rusqlite::Connection, crate::Error> {
    crate::sqlite::connect(path)
}

/// A statement that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its text, with placeholders.
    pub sql: String,
    /// Its text with the values in it.
    pub filled_in: String,
    /// How many values it has.
    pub values: usize,
}

thread_local! {
    static RECORD: RefCell<Option<Vec<Recorded>>> = const { RefCell::new(None) };
}

/// The statements that the store's functions run inside `work`, which must not leave the thread.
pub fn record<T>(work: impl FnOnce() -> T) -> (T, Vec<Recorded>) {
    RECORD.set(Some(Vec::new()));
    let result = work();
    (result, RECORD.take().unwrap_or_default())
}

pub(crate) fn note(sql: &str, values: &[Value<'_>]) {
    RECORD.with_borrow_mut(|record| {
        if let Some(record) = record {
            record.push(Recorded {
                sql: sql.to_owned(),
                filled_in: filled_in(sql, values),
                values: values.len(),
            });
        }
    });
}

fn filled_in(sql: &str, values: &[Value<'_>]) -> String {
    let numbered = values.iter().enumerate().rev();
    numbered.fold(sql.to_owned(), |sql, (index, value)| {
        let literal = match value {
            Value::Null => "NULL".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        };
        sql.replace(&format!("${}", index + 1), &literal)
    })
}

/// Runs SQL text and answers its first column as text, for tests that look at plans and schemas.
pub fn first_column(conn: &mut crate::Conn<'_>, sql: &str) -> Result<Vec<String>, crate::Error> {
    conn.query_text(sql, &[], |row| row.get::<String>(0))
}

/// How the engine goes about a statement, one line a step. SQLite plans the text with its placeholders, as the store
/// prepares it; PostgreSQL the text with its values.
pub fn plan(conn: &mut crate::Conn<'_>, statement: &Recorded) -> Result<Vec<String>, crate::Error> {
    if conn.is_sqlite() {
        let nothing = vec![Value::Null; statement.values];
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        return conn.query_text(&sql, &nothing, |row| row.get::<String>(3));
    }
    first_column(conn, &format!("EXPLAIN (COSTS OFF) {}", statement.filled_in))
}

/// Prepares a text without running it.
pub fn prepare(conn: &mut crate::Conn<'_>, sql: &str) -> Result<(), crate::Error> {
    conn.prepare(sql)
}

/// The synchronous PostgreSQL client must not run inside an asynchronous test.
fn on_plain_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().expect("the helper thread ends well"))
}

struct Server {
    /// Address up to the database's name, and what follows it.
    url: (String, String),
    create: Mutex<()>,
    template: String,
    /// Kept for as long as this process lives; `None` where the environment names a server.
    _process: Option<PostgresServer>,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Server {
    fn shared() -> &'static Server {
        SERVER.get_or_init(|| {
            let (url, process) = if let Ok(url) = env::var("LANDFALL_TEST_POSTGRES") {
                (split(&url), None)
            } else {
                let process = PostgresServer::start("-c listen_addresses=", |_| {});
                (split(&process.url("postgres")), Some(process))
            };
            let template = format!("landfall_template_{}", std::process::id());
            let server = Server {
                url,
                create: Mutex::new(()),
                template,
                _process: process,
            };
            server.run(&format!("CREATE DATABASE {}", server.template));
            migrate(&server.database(&server.template)).expect("the template database migrates");
            server
        })
    }

    fn database(&self, name: &str) -> DatabaseUrl {
        DatabaseUrl::Postgres(format!("{}{name}{}", self.url.0, self.url.1))
    }

    fn create_database(&self) -> DatabaseUrl {
        let _one_at_a_time = self.create.lock();
        let name = format!(
            "landfall_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        self.run(&format!("CREATE DATABASE {name} TEMPLATE {}", self.template));
        self.database(&name)
    }

    fn run(&self, sql: &str) {
        run_sql(&self.database("postgres"), sql);
    }
}

/// `postgres://user@host/database?options` in two parts around the database's name.
fn split(url: &str) -> (String, String) {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(a, o)| (a, format!("?{o}")));
    let (server, _) = address
        .rsplit_once('/')
        .expect("LANDFALL_TEST_POSTGRES names a database");
    (format!("{server}/"), options)
}
