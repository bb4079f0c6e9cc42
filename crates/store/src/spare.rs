//! Connections to SQLite for short reads on the threads of those who ask: as many as have ever been used at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{engine::Conn, error::Error, read::Reader, sqlite::SqliteReader};

pub(crate) struct Spares {
    path: PathBuf,
    idle: Mutex<Vec<SqliteReader>>,
}

impl Spares {
    pub(crate) fn new(path: &Path) -> Spares {
        Spares {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Runs a closure in a transaction, now.
    pub(crate) fn read<T, E>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error>,
    {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => SqliteReader::open(&self.path)?,
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut reader.begin()?)));
        reader.end();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        done.unwrap_or_else(|_| Err(Error::Engine("a read job panicked".to_owned()).into()))
    }
}
