//! The embedded engine: one writer thread, a few reader threads, each with a connection of its own.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tracing::warn;

use crate::{
    batch::Writer,
    engine::{Conn, Seen, Tx},
    error::Error,
    read::Reader,
};

/// Before 3.51.3 a race between two connections in WAL mode could corrupt the database.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements kept prepared on each connection; the dynamic list has some dozens of forms.
const STATEMENT_CACHE: usize = 256;

/// Opens a connection with everything set that the store relies on.
pub(crate) fn connect(path: &Path) -> Result<Connection, Error> {
    refuse_too_old(rusqlite::version_number())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::Refused(format!(
            "{} is on a file system where SQLite cannot share a database between connections (its journal mode is {mode})",
            path.display()
        )));
    }
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    // Without it the bundled build prepares a statement anew for each newly bound value once ANALYZE has run: ten times
    // the cost of a point look-up.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The file is not mapped (`mmap_size`), which would spare a tenth of a list that is not in memory: a page that the disk
    // cannot read would then end the process, and not just the request. Caches of 2 to 32 MB are equally fast there.
    // Pages of the journal between checkpoints: 10,000 instead of 1,000 gave a third more writes, 5,000 as many as 10,000,
    // and shorter stalls while they are brought back (measured).
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8192;
         PRAGMA wal_autocheckpoint = 5000;",
    )?;
    Ok(connection)
}

/// By the number that SQLite gives its version: 3051003 is 3.51.3.
fn refuse_too_old(version: i32) -> Result<(), Error> {
    if version >= OLDEST_SQLITE {
        return Ok(());
    }
    let (major, minor, patch) = (version / 1_000_000, version / 1_000 % 1_000, version % 1_000);
    Err(Error::Refused(format!(
        "SQLite {major}.{minor}.{patch} can corrupt a database that two connections use; 3.51.3 or newer is needed"
    )))
}

/// Opens a file that exists, without changing it.
pub(crate) fn open_existing(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// The tables in a database.
pub(crate) fn table_names(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut tables = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    )?;
    let names = tables.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The connection of the writer thread.
pub(crate) struct SqliteWriter {
    connection: Connection,
}

impl SqliteWriter {
    pub(crate) fn open(path: &Path) -> Result<SqliteWriter, Error> {
        Ok(SqliteWriter {
            connection: connect(path)?,
        })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Writer for SqliteWriter {
    fn begin(&mut self) -> Result<(), Error> {
        self.tx().batch("BEGIN IMMEDIATE")
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::new(Conn::sqlite(&self.connection))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.tx().batch("COMMIT")
    }

    fn rollback(&mut self) {
        rollback(&self.connection);
    }

    fn takes_in_late(&self) -> bool {
        true
    }
}

/// Ends a transaction that could not be ended otherwise, if there is one.
fn rollback(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        warn!(%error, "rolling back failed");
    }
}

impl Drop for SqliteWriter {
    fn drop(&mut self) {
        if let Err(error) = self.connection.execute_batch("PRAGMA optimize") {
            warn!(%error, "optimising the database at the end failed");
        }
    }
}

/// The connection of a reader thread.
pub(crate) struct SqliteReader {
    connection: Connection,
    seen: Seen,
}

/// Steps of SQLite's machine between two looks at the [`Allowance`].
const STRIDE: i32 = 1_000;

/// How much a read may still do before it is given up.
#[derive(Debug, Default)]
pub(crate) struct Allowance(AtomicI64);

impl Allowance {
    /// Allows so many thousands of steps. A row of an index that is counted takes about five.
    pub(crate) fn set(&self, thousands: i64) {
        self.0.store(thousands, Ordering::Relaxed);
    }

    /// Whether something was given up.
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }
}

impl SqliteReader {
    pub(crate) fn open(path: &Path) -> Result<SqliteReader, Error> {
        let connection = connect(path)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        Ok(SqliteReader {
            connection,
            seen: Seen::default(),
        })
    }

    /// Gives up what takes more steps than are allowed.
    pub(crate) fn limit(&mut self) -> Result<Arc<Allowance>, Error> {
        let allowance = Arc::new(Allowance::default());
        let used = Arc::clone(&allowance);
        let is_too_long = move || used.0.fetch_sub(1, Ordering::Relaxed) <= 0;
        self.connection.progress_handler(STRIDE, Some(is_too_long))?;
        Ok(allowance)
    }
}

impl Reader for SqliteReader {
    fn begin(&mut self) -> Result<Conn<'_>, Error> {
        self.connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        Ok(Conn::sqlite_reader(&self.connection, &self.seen))
    }

    fn end(&mut self) {
        let ended = self
            .connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.execute([]));
        if ended.is_err() {
            rollback(&self.connection);
        }
    }

    fn alone(&mut self) -> Result<Conn<'_>, Error> {
        // Without a transaction the number that SQLite gives a state may be that of a later one.
        self.begin()
    }

    fn end_alone(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_can_corrupt_a_database_are_refused() {
        for version in [3_051_003, 3_052_000] {
            refuse_too_old(version).unwrap();
        }
        let refused = refuse_too_old(3_051_002).unwrap_err().to_string();
        assert!(
            refused.contains("SQLite 3.51.2 can corrupt a database that two connections use; 3.51.3 or newer"),
            "{refused}"
        );
    }
}
