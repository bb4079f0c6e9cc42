//! Backups: one file, which is an SQLite database of the usual schema whichever engine it was taken from. So it can be
//! opened by itself (`sqlite:FILE`), and moves an installation from one engine to the other.
//!
//! A backup is of one moment, and servers may go on working meanwhile. From SQLite it is a copy of the pages; from
//! PostgreSQL the rows are copied inside one transaction, table by table as the SQLite schema lists them, so that no
//! table can be forgotten.

mod server;
mod tables;

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    thread,
};

use rusqlite::{
    Connection,
    backup::{Backup as Pages, StepResult},
};

use self::tables::{Table, count, tables};
use crate::{DatabaseUrl, error::Error, migrate, postgres, sqlite};

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Size of the file.
    pub bytes: u64,
    /// Each table with its rows, by name.
    pub tables: Vec<(String, u64)>,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Each table with its rows, by name.
    pub tables: Vec<(String, u64)>,
}

/// Writes everything in the database to a new file, which only its owner may read: it holds the digests of tokens and
/// people's addresses.
///
/// The file appears under its name once it is complete, checked and flushed; until then it is called `FILE.partial`. One
/// of that name that an interrupted run has left is replaced, `FILE` itself never is.
pub fn backup(url: &DatabaseUrl, to: &Path) -> Result<Backup, Error> {
    refuse_existing(to)?;
    let partial = with_suffix(to, ".partial");
    let made = on_plain_thread(|| write_backup(url, &partial));
    let finished = made.and_then(|made| finish(&partial, to).map(|()| made));
    if finished.is_err() {
        // What failed matters more than what is left of it.
        let _ = fs::remove_file(&partial);
    }
    finished
}

/// Fills an empty database, of either engine, from a backup. Ids, also those that were given out and deleted since, are
/// not given out again.
///
/// No server may run on the database. A database that is not empty is refused, as is a file that is no backup or one of
/// another version.
pub fn restore(from: &Path, to: &DatabaseUrl) -> Result<Restored, Error> {
    on_plain_thread(|| {
        let source = open_backup(from)?;
        match to {
            DatabaseUrl::Sqlite(path) => restore_sqlite(&source, path)?,
            DatabaseUrl::Postgres(text) => {
                migrate::migrate_url(to)?;
                server::fill(&source, &postgres::parse_url(text)?)?;
            }
        }
        Ok(Restored {
            tables: counts(&source)?,
        })
    })
}

/// The synchronous PostgreSQL client must not run inside an asynchronous task.
fn on_plain_thread<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    let result = thread::scope(|scope| scope.spawn(work).join());
    result.unwrap_or_else(|_| Err(Error::Engine("the backup panicked".to_owned())))
}

fn write_backup(url: &DatabaseUrl, partial: &Path) -> Result<Backup, Error> {
    create_private(partial)?;
    let mut copy = Connection::open(partial)?;
    match url {
        DatabaseUrl::Sqlite(path) => copy_pages(&sqlite::open_existing(path)?, &mut copy)?,
        DatabaseUrl::Postgres(text) => {
            // It is flushed once, at the end.
            copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")?;
            migrate::create_sqlite(&mut copy)?;
            server::read(&postgres::parse_url(text)?, &mut copy)?;
        }
    }
    migrate::refuse_other_version(&copy)?;
    // One file, without a journal beside it.
    copy.execute_batch("PRAGMA journal_mode = DELETE")?;
    check(&copy)?;
    let tables = counts(&copy)?;
    drop(copy);
    let bytes = fs::metadata(partial).map_err(|error| refused(partial, &error))?.len();
    Ok(Backup { bytes, tables })
}

/// Copies all pages in one step: in steps, every write of a server would make it begin anew.
fn copy_pages(from: &Connection, to: &mut Connection) -> Result<(), Error> {
    match Pages::new(from, to)?.step(-1)? {
        StepResult::Done => Ok(()),
        other => Err(Error::Busy(format!("the database could not be copied ({other:?})"))),
    }
}

fn check(copy: &Connection) -> Result<(), Error> {
    let found: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Error::corrupt(format!("the copy is damaged: {found}")));
    }
    let dangling: i64 = copy.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if dangling > 0 {
        return Err(Error::corrupt(format!(
            "{dangling} rows refer to rows that do not exist"
        )));
    }
    Ok(())
}

fn counts(connection: &Connection) -> Result<Vec<(String, u64)>, Error> {
    let tables = tables(connection)?.into_iter();
    tables
        .map(|table: Table| count(connection, &table).map(|rows| (table.name, rows)))
        .collect()
}

fn open_backup(from: &Path) -> Result<Connection, Error> {
    if !from.is_file() {
        return Err(Error::Refused(format!("there is no file {}", from.display())));
    }
    let opened = sqlite::open_existing(from).and_then(|source| {
        migrate::refuse_other_version(&source)?;
        check(&source)?;
        Ok(source)
    });
    opened.map_err(|error| match error {
        Error::Refused(text) => Error::Refused(format!("{}: {text}", from.display())),
        other => other,
    })
}

fn restore_sqlite(source: &Connection, path: &Path) -> Result<(), Error> {
    let url = DatabaseUrl::Sqlite(path.to_owned());
    migrate::migrate_url(&url)?;
    let mut target = sqlite::connect(path)?;
    for table in tables(&target)? {
        refuse_filled(&url, &table.name, count(&target, &table)?)?;
    }
    copy_pages(source, &mut target)?;
    // The file is as the backup was, and that needs no journal.
    target.execute_batch("PRAGMA journal_mode = WAL")?;
    Ok(())
}

fn refuse_filled(url: &dyn std::fmt::Display, table: &str, rows: u64) -> Result<(), Error> {
    if rows == 0 {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{url} is not empty (its table {table} has rows); a backup can be restored only into an empty database"
    )))
}

fn refuse_existing(path: &Path) -> Result<(), Error> {
    // `exists` would say no to a link that leads nowhere.
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refused(path, &error)),
        Ok(_) => Err(Error::Refused(format!("{} exists already", path.display()))),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn create_private(path: &Path) -> Result<(), Error> {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(refused(path, &error));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| refused(path, &error))
}

/// Flushes the file and gives it its name.
fn finish(partial: &Path, to: &Path) -> Result<(), Error> {
    let flush = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    flush(partial).map_err(|error| refused(partial, &error))?;
    refuse_existing(to)?;
    fs::rename(partial, to).map_err(|error| refused(to, &error))?;
    let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    // The name is on disk when its directory is.
    flush(directory.unwrap_or(Path::new("."))).map_err(|error| refused(to, &error))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::Refused(format!("cannot write {}: {error}", path.display()))
}
