//! A statement whose filters are known only at run time, put together from fixed fragments.

use std::fmt::Write;

use crate::{
    engine::{Conn, Value},
    error::Error,
};

/// SQL text and its values, growing together so that numbers and values cannot get apart.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    sql: String,
    values: Vec<Value<'a>>,
}

impl<'a> Query<'a> {
    pub(crate) fn new(sql: &str) -> Query<'a> {
        Query {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// Appends a fixed fragment.
    pub(crate) fn push(&mut self, fragment: &'static str) -> &mut Self {
        self.sql.push_str(fragment);
        self
    }

    /// Appends a fixed fragment and the number of a new value.
    pub(crate) fn bind(&mut self, fragment: &'static str, value: impl Into<Value<'a>>) -> &mut Self {
        self.values.push(value.into());
        self.sql.push_str(fragment);
        // Writing to a `String` cannot fail.
        let _ = write!(self.sql, "${}", self.values.len());
        self
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn values(&self) -> &[Value<'a>] {
        &self.values
    }
}

/// The one number of a counting query.
pub(crate) fn count(conn: &mut Conn<'_>, query: &Query<'_>) -> Result<i64, Error> {
    let counted = conn.query_text(query.sql(), query.values(), |row| row.get::<i64>(0))?;
    counted
        .first()
        .copied()
        .ok_or_else(|| Error::Engine("a count answered no row".to_owned()))
}

/// A `LIKE … ESCAPE '!'` pattern that finds `text` anywhere; letters are folded, wildcards in it mean themselves.
///
/// Every text that is compared with a `lower(column)` is folded here, in Rust, and never by `lower($1)`: PostgreSQL folds
/// a parameter by the rules of the database's language, but the columns, as SQLite does, in ASCII alone.
pub(crate) fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.to_ascii_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
