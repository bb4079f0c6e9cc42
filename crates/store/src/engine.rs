//! The surface that every query is written against: one SQL text with `$1 … $n`, one Rust body, two engines.
//!
//! SQLite numbers `$n` by first appearance, PostgreSQL by the digits, so the first appearances must ascend; every call
//! checks that in debug builds. Column types are a closed set (`BIGINT`, `TEXT`, `BOOLEAN`, `DOUBLE PRECISION`), and so
//! are [`Value`] and [`Column`].

use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
};

pub use self::values::Value;
pub(crate) use self::values::{Column, Columns, Row};
use crate::{changes::Position, error::Error, postgres::Session};

mod values;

/// A statement: its text is a constant, and a test prepares it on both engines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stmt {
    /// `table.function`, for error texts and plan snapshots.
    pub(crate) name: &'static str,
    /// The text.
    pub(crate) sql: &'static str,
}

/// Defines a module's statements, each under its name, and `STATEMENTS`, the list that the tests walk: a statement cannot
/// be defined without being in it.
macro_rules! statements {
    ($module:literal; $($name:ident = $sql:expr;)+) => {
        $crate::engine::statements! { STATEMENTS of $module; $($name = $sql;)+ }
    };
    ($list:ident of $module:literal; $($name:ident = $sql:expr;)+) => {
        $(pub(crate) const $name: $crate::engine::Stmt = $crate::engine::Stmt {
            name: concat!($module, ".", stringify!($name)),
            sql: $sql,
        };)+
        /// Every statement of this module.
        #[cfg(any(test, feature = "testing"))]
        pub(crate) const $list: &[$crate::engine::Stmt] = &[$($name),+];
    };
}
pub(crate) use statements;

/// As [`statements!`], for what only PostgreSQL is asked; the list is `POSTGRES_STATEMENTS`.
macro_rules! postgres_statements {
    ($module:literal; $($name:ident = $sql:expr;)+) => {
        $crate::engine::statements! { POSTGRES_STATEMENTS of $module; $($name = $sql;)+ }
    };
}
pub(crate) use postgres_statements;

/// How many rows are written. PostgreSQL does it by one statement, because each is a round trip. SQLite does it row by row,
/// and without `RETURNING`, which costs it a copy of every page that the statement touches.
pub(crate) struct ForRows<'s> {
    /// Writes one row; for SQLite.
    pub(crate) one: &'s Stmt,
    /// Takes an array for each value of `one`, writes a row for each of their elements, in their order, and answers the ids
    /// of new rows; for PostgreSQL.
    pub(crate) many: &'s Stmt,
}

/// A connection inside a transaction that reads one consistent state of the database.
///
/// After a statement has failed, every further one fails too: PostgreSQL has it so, and SQLite, which would go on, or
/// have given up the transaction without a word, must not behave otherwise. Where a conflict is to be expected, the
/// statement says `ON CONFLICT`.
pub struct Conn<'a> {
    inner: Inner<'a>,
    failed: bool,
}

enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection, Option<&'a Seen>),
    Postgres(&'a mut Session),
}

/// The newest state that an SQLite connection has read, and what the engine calls it (`PRAGMA data_version`): as long as
/// nobody else commits, it costs no search to know the state again.
#[derive(Debug, Default)]
pub(crate) struct Seen(Cell<Option<(i64, Position)>>);

/// A connection inside a transaction that may also write.
pub struct Tx<'a> {
    conn: Conn<'a>,
    has_deliveries: bool,
}

impl<'a> Deref for Tx<'a> {
    type Target = Conn<'a>;
    fn deref(&self) -> &Conn<'a> {
        &self.conn
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut Conn<'a> {
        &mut self.conn
    }
}

impl<'a> Conn<'a> {
    pub(crate) fn sqlite(connection: &'a rusqlite::Connection) -> Conn<'a> {
        Conn {
            inner: Inner::Sqlite(connection, None),
            failed: false,
        }
    }

    /// Of a connection that never writes, and so is told by SQLite whether somebody else has.
    pub(crate) fn sqlite_reader(connection: &'a rusqlite::Connection, seen: &'a Seen) -> Conn<'a> {
        Conn {
            inner: Inner::Sqlite(connection, Some(seen)),
            failed: false,
        }
    }

    /// The state that the transaction reads, if the connection has read it before.
    pub(crate) fn known_position(&self) -> Result<Option<Position>, Error> {
        let Inner::Sqlite(connection, Some(Seen(seen))) = &self.inner else {
            return Ok(None);
        };
        let version = data_version(connection)?;
        Ok(seen
            .get()
            .filter(|(known, _)| *known == version)
            .map(|(_, position)| position))
    }

    /// Notes the state that the transaction reads.
    pub(crate) fn remember(&self, position: Position) -> Result<(), Error> {
        if let Inner::Sqlite(connection, Some(Seen(seen))) = &self.inner {
            seen.set(Some((data_version(connection)?, position)));
        }
        Ok(())
    }

    pub(crate) fn postgres(session: &'a mut Session) -> Conn<'a> {
        Conn {
            inner: Inner::Postgres(session),
            failed: false,
        }
    }

    /// Which states can be compared with the one that the transaction reads: those of the same number. One of a greater
    /// number is later. Always 0 with SQLite.
    pub(crate) fn history(&self) -> u64 {
        match &self.inner {
            Inner::Sqlite(..) => 0,
            Inner::Postgres(session) => session.history(),
        }
    }

    /// Which engine this is, for the few statements that differ.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.inner, Inner::Sqlite(..))
    }

    /// Every row of a query, each read by `map`.
    pub(crate) fn query<T>(
        &mut self,
        statement: &Stmt,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.query_text(statement.sql, values, map)
            .map_err(|error| named(error, statement.name))
    }

    /// The first row of a query, if there is one.
    pub(crate) fn query_opt<T>(
        &mut self,
        statement: &Stmt,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        Ok(self.query(statement, values, map)?.into_iter().next())
    }

    /// The one row that a query always has.
    pub(crate) fn query_one<T>(
        &mut self,
        statement: &Stmt,
        values: &[Value<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.query_opt(statement, values, map)?
            .ok_or_else(|| Error::Engine(format!("{} answered no row", statement.name)))
    }

    /// [`Conn::query`] for a text put together by [`crate::query::Query`].
    pub(crate) fn query_text<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.check(sql, values)?;
        let found = match &mut self.inner {
            Inner::Sqlite(connection, _) => query_sqlite(connection, sql, values, &mut map),
            Inner::Postgres(session) => session
                .query(sql, values)
                .and_then(|rows| rows.iter().map(|row| map(&Row::Postgres(row))).collect()),
        };
        self.noted(found)
    }

    /// As [`Conn::query`], for a statement of PostgreSQL's that takes an array for each column of some rows.
    pub(crate) fn query_for_rows<T>(
        &mut self,
        statement: &Stmt,
        rows: &[Vec<Value<'_>>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let width = rows.first().map_or(0, Vec::len);
        self.check(statement.sql, &vec![Value::Null; width])?;
        let columns: Vec<Vec<Value<'_>>> = (0..width)
            .map(|column| {
                rows.iter()
                    .map(|row| row.get(column).copied().unwrap_or(Value::Null))
                    .collect()
            })
            .collect();
        let found = match &mut self.inner {
            Inner::Sqlite(..) => Err(Error::Engine("SQLite has no arrays".to_owned())),
            Inner::Postgres(session) => session
                .query_columns(statement.sql, &columns)
                .and_then(|rows| rows.iter().map(|row| map(&Row::Postgres(row))).collect()),
        };
        self.noted(found).map_err(|error| named(error, statement.name))
    }

    pub(crate) fn execute_text(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Error> {
        self.check(sql, values)?;
        let changed = match &mut self.inner {
            Inner::Sqlite(connection, _) => execute_sqlite(connection, sql, values),
            Inner::Postgres(session) => session.execute(sql, values),
        };
        self.noted(changed)
    }

    /// Runs fixed texts without values and without an answer, with `"; "` between them (`SAVEPOINT …`).
    pub(crate) fn batch(&mut self, sql: &'static str) -> Result<(), Error> {
        match &mut self.inner {
            Inner::Sqlite(connection, _) => sql
                .split("; ")
                .try_for_each(|sql| execute_sqlite(connection, sql, &[]).map(drop)),
            Inner::Postgres(session) => session.batch(sql),
        }
    }

    /// The id of the row that was inserted last; SQLite only.
    fn last_insert_rowid(&self) -> i64 {
        match &self.inner {
            Inner::Sqlite(connection, _) => connection.last_insert_rowid(),
            Inner::Postgres(_) => 0,
        }
    }

    /// Whether a statement has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    fn check(&self, sql: &str, values: &[Value<'_>]) -> Result<(), Error> {
        #[cfg(feature = "testing")]
        crate::testing::note(sql, values);
        #[cfg(not(feature = "testing"))]
        let _ = values;
        debug_assert!(
            placeholders_ascend(sql),
            "placeholders must first appear in order: {sql}"
        );
        if self.failed {
            return Err(Error::Engine(
                "an earlier statement of this transaction failed".to_owned(),
            ));
        }
        Ok(())
    }

    /// Remembers a failure. A value that cannot be read is none of the engine's.
    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        self.failed = matches!(&result, Err(error) if !matches!(error, Error::Corrupt { .. }));
        result
    }

    /// Prepares a text without running it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), Error> {
        match &mut self.inner {
            Inner::Sqlite(connection, _) => Ok(connection.prepare(sql).map(drop)?),
            Inner::Postgres(session) => session.prepare(sql),
        }
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: Conn<'a>) -> Tx<'a> {
        Tx {
            conn,
            has_deliveries: false,
        }
    }

    /// Notes that there is something to deliver once this is committed.
    pub(crate) fn note_delivery(&mut self) {
        self.has_deliveries = true;
    }

    /// Whether [`Tx::note_delivery`] was called.
    pub(crate) fn has_deliveries(&self) -> bool {
        self.has_deliveries
    }

    /// Writes rows in their order; answers the ids of new ones.
    pub(crate) fn run_for_rows(&mut self, how: &ForRows<'_>, rows: &[Vec<Value<'_>>]) -> Result<Vec<i64>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        if !self.is_sqlite() {
            return self.conn.query_for_rows(how.many, rows, |row| row.get(0));
        }
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            self.execute(how.one, row)?;
            ids.push(self.last_insert_rowid());
        }
        Ok(ids)
    }

    /// Runs a statement that changes rows; answers how many.
    pub(crate) fn execute(&mut self, statement: &Stmt, values: &[Value<'_>]) -> Result<u64, Error> {
        self.conn
            .execute_text(statement.sql, values)
            .map_err(|error| named(error, statement.name))
    }
}

fn data_version(connection: &rusqlite::Connection) -> Result<i64, Error> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

fn query_sqlite<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    values: &[Value<'_>],
    map: &mut impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(map(&Row::Sqlite(row))?);
    }
    Ok(found)
}

fn execute_sqlite(connection: &rusqlite::Connection, sql: &str, values: &[Value<'_>]) -> Result<u64, Error> {
    let changed = connection
        .prepare_cached(sql)?
        .execute(rusqlite::params_from_iter(values))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

fn named(error: Error, statement: &str) -> Error {
    match error {
        Error::Engine(text) => Error::Engine(format!("{statement}: {text}")),
        Error::Corrupt { what } => Error::corrupt(format!("{statement}: {what}")),
        other => other,
    }
}

/// Whether `$1`, `$2`, … first appear in this order (repeats are fine).
pub(crate) fn placeholders_ascend(sql: &str) -> bool {
    let mut highest = 0;
    for part in sql.split('$').skip(1) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse::<u32>() {
            Ok(number) if number == highest + 1 => highest = number,
            Ok(number) if number <= highest => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::placeholders_ascend;

    #[test]
    fn placeholders_must_first_appear_in_order() {
        assert!(placeholders_ascend("SELECT 1"));
        assert!(placeholders_ascend("SELECT $1, $2, $1, $3"));
        assert!(!placeholders_ascend("SELECT $2, $1"));
        assert!(!placeholders_ascend("SELECT $1, $3"));
    }
}
