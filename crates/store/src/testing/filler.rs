//! Fills databases for measurements, on SQLite: a writer in the caller's thread, with transactions as long as the caller
//! likes.

use std::path::{Path, PathBuf};

use crate::{
    DatabaseUrl, Error, Tx,
    batch::Writer,
    migrate,
    sqlite::{self, SqliteWriter},
};

/// What a filling connection is set to. Nothing is flushed and nothing can be rolled back: a database whose filling did not
/// come to its end is to be thrown away. What is written refers only to what was written before, so it is not checked.
const FAST: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
                    PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1500000;";

/// Of the tables that lists are made of. (Tables without an index would be read from end to end, whatever the limit.)
const STATISTICS: &str = "PRAGMA analysis_limit = 1000; ANALYZE deployments; ANALYZE environments;";

/// A database that is being filled. Nobody else may have it open.
pub struct Filler {
    writer: SqliteWriter,
    path: PathBuf,
}

impl Filler {
    /// Migrates the database and opens it.
    pub fn open(path: &Path) -> Result<Filler, Error> {
        migrate(&DatabaseUrl::Sqlite(path.to_owned()))?;
        let writer = SqliteWriter::open(path)?;
        writer.connection().execute_batch(FAST)?;
        Ok(Filler {
            writer,
            path: path.to_owned(),
        })
    }

    /// Runs `work` in a transaction.
    pub fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.writer.begin()?;
        let done = work(&mut self.writer.tx())?;
        self.writer.tx().batch("COMMIT")?;
        Ok(done)
    }

    /// Leaves the database flushed, with the statistics and in the mode in which the store keeps one.
    pub fn finish(self) -> Result<(), Error> {
        self.writer.connection().execute_batch(STATISTICS)?;
        drop(self.writer);
        sqlite::connect(&self.path)?;
        std::fs::File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(|error| Error::Engine(error.to_string()))
    }
}
