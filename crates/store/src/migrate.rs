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
    error::{Error, chain},
    postgres::Session,
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

pub(crate) fn sqlite(path: &Path) -> Result<Migrated, Error> {
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
    let tables = sqlite::table_names(path).map_err(|error| match error {
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

pub(crate) fn postgres(config: &postgres::Config) -> Result<Migrated, Error> {
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

fn postgres_tables(client: &mut postgres::Client) -> Result<Vec<String>, Error> {
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
        version: runner
            .get_migrations()
            .iter()
            .map(|migration| i64::from(migration.version()))
            .max()
            .unwrap_or(0),
    }
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
