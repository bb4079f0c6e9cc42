//! What goes into the database and comes out of it: a closed set of types.

use landfall_domain::time::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::Error;

/// A value on its way into the database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `DOUBLE PRECISION`.
    Real(f64),
    /// `BOOLEAN`.
    Bool(bool),
    /// `TEXT`.
    Text(&'a str),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}
impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Value::Text(value)
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Value::Int(value.as_micros())
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(value),
            Value::Real(value) => ValueRef::Real(value),
            Value::Bool(value) => ValueRef::Integer(i64::from(value)),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A row on its way out of the database. What is read of it may be borrowed from it.
#[derive(Clone, Copy)]
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r postgres::Row),
}

impl<'r> Row<'r> {
    /// The value of a column, counted from 0.
    pub(crate) fn get<T: Column<'r>>(&self, index: usize) -> Result<T, Error> {
        T::read(*self, index)
    }
}

/// Reads the columns of a row one after the other, for rows that are put together from several tables.
pub(crate) struct Columns<'r> {
    row: Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &Row<'r>) -> Columns<'r> {
        Columns { row: *row, next: 0 }
    }

    /// The next column.
    pub(crate) fn next<T: Column<'r>>(&mut self) -> Result<T, Error> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The next column, which holds one of a closed set of words or numbers, or a text in a form of its own.
    pub(crate) fn parsed<R, T>(&mut self, parse: impl FnOnce(R) -> Option<T>) -> Result<T, Error>
    where
        R: Column<'r> + Copy + std::fmt::Debug,
    {
        let raw: R = self.next()?;
        parse(raw).ok_or_else(|| Error::corrupt(format!("{raw:?} in column {}", self.next - 1)))
    }

    /// Passes columns by.
    pub(crate) fn skip(&mut self, columns: usize) {
        self.next += columns;
    }
}

/// A type that a column can be read as.
pub(crate) trait Column<'r>: Sized {
    /// The value, if there is one.
    fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error>;

    /// The value that is always there.
    fn read(row: Row<'r>, index: usize) -> Result<Self, Error> {
        Self::find(row, index)?.ok_or_else(|| Error::corrupt(format!("nothing in column {index}")))
    }
}

impl<'r, T: Column<'r>> Column<'r> for Option<T> {
    fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error> {
        T::find(row, index).map(Some)
    }
}

macro_rules! column {
    ($($type:ty),+) => {$(
        impl<'r> Column<'r> for $type {
            fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error> {
                match row {
                    Row::Sqlite(row) => row.get(index).map_err(|e| Error::corrupt(e.to_string())),
                    Row::Postgres(row) => row.try_get(index).map_err(|e| Error::corrupt(e.to_string())),
                }
            }
        }
    )+};
}

column!(i64, bool, f64);

impl<'r> Column<'r> for &'r str {
    fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error> {
        match row {
            Row::Sqlite(row) => row
                .get_ref(index)
                .map_err(|e| Error::corrupt(e.to_string()))?
                .as_str_or_null()
                .map_err(|e| Error::corrupt(format!("{e} in column {index}"))),
            Row::Postgres(row) => row.try_get(index).map_err(|e| Error::corrupt(e.to_string())),
        }
    }
}

impl<'r> Column<'r> for String {
    fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error> {
        Ok(<&str>::find(row, index)?.map(str::to_owned))
    }
}

impl<'r> Column<'r> for Timestamp {
    fn find(row: Row<'r>, index: usize) -> Result<Option<Self>, Error> {
        Ok(i64::find(row, index)?.map(Timestamp::from_micros))
    }
}
