//! Connections to SQLite for short reads on the threads of those who ask: as many as have ever been used at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    engine::Conn,
    error::Error,
    read::Reader,
    sqlite::{Allowance, SqliteReader},
};

/// Thousands of steps of SQLite's machine that are short: a quarter of a millisecond.
const SHORT: i64 = 25;

pub(crate) struct Spares {
    path: PathBuf,
    idle: Mutex<Vec<Spare>>,
}

struct Spare {
    reader: SqliteReader,
    allowance: Arc<Allowance>,
}

impl Spare {
    fn open(path: &Path) -> Result<Spare, Error> {
        let mut reader = SqliteReader::open(path)?;
        let allowance = reader.limit()?;
        Ok(Spare { reader, allowance })
    }
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
        self.run(i64::MAX, work).0
    }

    /// As [`Spares::read`], but gives up what turns out to be long, and answers nothing then.
    pub(crate) fn read_if_short<T, E>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<T, E>) -> Option<Result<T, E>>
    where
        E: From<Error>,
    {
        let (done, is_given_up) = self.run(SHORT, work);
        (!is_given_up).then_some(done)
    }

    fn run<T, E>(&self, thousands: i64, work: impl FnOnce(&mut Conn<'_>) -> Result<T, E>) -> (Result<T, E>, bool)
    where
        E: From<Error>,
    {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut spare = match idle.map_or_else(|| Spare::open(&self.path), Ok) {
            Ok(spare) => spare,
            Err(error) => return (Err(error.into()), false),
        };
        spare.allowance.set(thousands);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut spare.reader.begin()?)));
        let is_given_up = spare.allowance.is_used_up();
        spare.allowance.set(i64::MAX);
        spare.reader.end();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(spare);
        let done = done.unwrap_or_else(|_| Err(Error::Engine("a read job panicked".to_owned()).into()));
        (done, is_given_up)
    }
}
