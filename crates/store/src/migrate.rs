//! Bringing a database to the schema of this version (refinery runs the files in `migrations/`).
//!
//! Forward only. A database of another program is refused before anything of it is changed, a database that a newer version has changed is refused, and so is one whose applied migrations are not
//! the ones in this binary. Two processes that start at once take turns: a file lock beside an SQLite database, an
//! advisory lock in PostgreSQL.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use refinery::{Report, Runner};

use crate::{
    DatabaseUrl,
    error::{Error, chain},
    postgres::{self, Session},
    sqlite,
};

mod on_sqlite {
    refinery::embed_migrations!("migrations/sqlite");
}

mod on_postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// Any number that no other program on the same PostgreSQL uses for its own lock.
const ADVISORY_LOCK: i64 = 0x006c_616e_6466_616c;

/// The table in which refinery notes what it has run.
pub(crate) const HISTORY: &str = "refinery_schema_history";

/// What a migration run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations applied now, in order; empty if there was nothing to do.
    pub applied: Vec<String>,
    /// The schema version after it.
    pub version: i64,
}

/// Brings the database at this address up to date. Not for asynchronous tasks: they go through [`crate::migrate`].
pub(crate) fn migrate_url(url: &DatabaseUrl) -> Result<Migrated, Error> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite(path),
        DatabaseUrl::Postgres(text) => postgres(&postgres::parse_primary_url(text)?),
    }
}

/// Gives a new SQLite database, which nobody else knows yet, its tables.
pub(crate) fn create_sqlite(connection: &mut rusqlite::Connection) -> Result<(), Error> {
    let run = runner(on_sqlite::migrations::runner()).run(connection);
    run.map(drop).map_err(|error| refused(&error))
}

/// The schema version that this program works with.
pub(crate) fn newest() -> i64 {
    version_of(&on_sqlite::migrations::runner())
}

/// What [`newest`] is compared with.
pub(crate) const VERSION: &str = "SELECT CAST(coalesce(max(version), 0) AS BIGINT) FROM refinery_schema_history";

/// Refuses an SQLite database that has another schema than this program's.
pub(crate) fn refuse_other_version(connection: &rusqlite::Connection) -> Result<(), Error> {
    let tables = sqlite::table_names(connection)?;
    refuse_no_history("the file", &tables)?;
    refuse_version(connection.query_row(VERSION, [], |row| row.get(0))?)
}

/// Refuses a PostgreSQL database that has another schema than this program's.
pub(crate) fn refuse_other_version_on(client: &mut impl ::postgres::GenericClient) -> Result<(), Error> {
    let tables = postgres_tables(client)?;
    refuse_no_history("the database", &tables)?;
    refuse_version(client.query_one(VERSION, &[])?.try_get(0)?)
}

fn refuse_no_history(place: &str, tables: &[String]) -> Result<(), Error> {
    if tables.iter().any(|name| name == HISTORY) {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{place} is not one of Landfall's: it has no table that lists Landfall's migrations"
    )))
}

fn refuse_version(version: i64) -> Result<(), Error> {
    let newest = newest();
    if version == newest {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "it has schema {version}, and this version of Landfall works with schema {newest}; migrate it before, with the \
         newer of the two versions"
    )))
}

fn sqlite(path: &Path) -> Result<Migrated, Error> {
    let lock = lock_beside(path)?;
    refuse_foreign_file(path)?;
    let mut connection = sqlite::connect(path)?;
    let report = runner(on_sqlite::migrations::runner())
        .run(&mut connection)
        .map_err(|e| refused(&e))?;
    drop(lock);
    Ok(migrated(&report, &on_sqlite::migrations::runner()))
}

/// Waits for the lock file of a database. It is never deleted, because another process may be waiting for it.
fn lock_beside(path: &Path) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let lock_path = PathBuf::from(name);
    let file = File::options().create(true).append(true).open(&lock_path);
    file.and_then(|file| file.lock().map(|()| file))
        .map_err(|error| Error::Refused(format!("cannot write {}: {error}", lock_path.display())))
}

/// Looks into a file before anything of it is changed.
fn refuse_foreign_file(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    let tables = sqlite::open_existing(path).and_then(|connection| sqlite::table_names(&connection));
    let tables = tables.map_err(|error| match error {
        Error::Refused(text) | Error::Unavailable(text) => Error::Refused(format!("{}: {text}", path.display())),
        other => other,
    })?;
    refuse_foreign(&path.display().to_string(), &tables)
}

fn refuse_foreign(place: &str, tables: &[String]) -> Result<(), Error> {
    match tables.first() {
        Some(table) if !tables.iter().any(|name| name == HISTORY) => Err(Error::Refused(format!(
            "{place} was not made by Landfall: it has a table {table}, but none that lists Landfall's migrations"
        ))),
        _ => Ok(()),
    }
}

fn postgres(config: &::postgres::Config) -> Result<Migrated, Error> {
    let mut client = Session::connect(config)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&ADVISORY_LOCK])?;
    let tables = postgres_tables(&mut client)?;
    refuse_foreign("the database", &tables)?;
    let report = runner(on_postgres::migrations::runner())
        .run(&mut client)
        .map_err(|e| refused(&e))?;
    client.execute("SELECT pg_advisory_unlock($1)", &[&ADVISORY_LOCK])?;
    Ok(migrated(&report, &on_postgres::migrations::runner()))
}

fn postgres_tables(client: &mut impl ::postgres::GenericClient) -> Result<Vec<String>, Error> {
    let rows = client.query(
        "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

fn runner(runner: Runner) -> Runner {
    runner
        .set_grouped(false)
        .set_abort_divergent(true)
        .set_abort_missing(true)
}

fn migrated(report: &Report, runner: &Runner) -> Migrated {
    Migrated {
        applied: report.applied_migrations().iter().map(ToString::to_string).collect(),
        version: version_of(runner),
    }
}

fn version_of(runner: &Runner) -> i64 {
    let versions = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()));
    versions.max().unwrap_or(0)
}

fn refused(error: &refinery::Error) -> Error {
    match error.kind() {
        refinery::error::Kind::MissingVersion(migration) => Error::Refused(format!(
            "the database was changed by a newer version of Landfall (migration {migration}); run that version, or \
             restore a backup made before it"
        )),
        refinery::error::Kind::DivergentVersion(..) => Error::Refused(format!(
            "the database was not made by this program: {}; is it another program's?",
            chain(error)
        )),
        _ => Error::Engine(chain(error)),
    }
}
