//! Fills databases for measurements: a writer in the caller's thread, with transactions as long as the caller likes.

use rusqlite::Connection;

use crate::{
    DatabaseUrl, Error, Tx,
    batch::Writer,
    migrate,
    postgres::{self, Session},
    sqlite::SqliteWriter,
};

/// What a filling connection is set to. Nothing is flushed and nothing can be rolled back: a database whose filling did not
/// come to its end is to be thrown away. What is written refers only to what was written before, so it is not checked.
const FAST: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
                    PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1500000;";
/// Back to what the store leaves in the file.
const SAFE: &str = "PRAGMA synchronous = FULL; PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL;";

/// A database that is being filled. Nobody else may have it open.
pub struct Filler {
    writer: Box<dyn Writer>,
    url: DatabaseUrl,
}

impl Filler {
    /// Migrates the database and opens it.
    pub fn open(url: &DatabaseUrl) -> Result<Filler, Error> {
        migrate(url)?;
        let writer: Box<dyn Writer> = match url {
            DatabaseUrl::Sqlite(path) => {
                let writer = SqliteWriter::open(path)?;
                writer.connection().execute_batch(FAST)?;
                Box::new(writer)
            }
            DatabaseUrl::Postgres(text) => Box::new(Session::new(postgres::parse_url(text)?)),
        };
        Ok(Filler {
            writer,
            url: url.clone(),
        })
    }

    /// Runs `work` in a transaction.
    pub fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.writer.begin()?;
        let done = work(&mut self.writer.tx()).and_then(|value| {
            self.writer.tx().batch("COMMIT")?;
            Ok(value)
        });
        if done.is_err() {
            self.writer.rollback();
        }
        done
    }

    /// Leaves the database flushed, with statistics, as one is that has been in use for long.
    pub fn finish(self) -> Result<(), Error> {
        drop(self.writer);
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = Connection::open(path)?;
                connection.execute_batch(SAFE)?;
            }
            DatabaseUrl::Postgres(_) => super::run_sql(&self.url, "VACUUM (ANALYZE)"),
        }
        Ok(())
    }
}
