//! What there is to copy, as the SQLite schema tells it.

use rusqlite::{Connection, types::ValueRef};

use crate::{engine::Value, error::Error, migrate};

/// A table and its columns.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Whether the engine gives out its ids.
    pub(super) numbered: bool,
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The closed set of types that the schema uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Real,
    Bool,
    Text,
}

impl Table {
    /// The columns' names with commas between them.
    pub(super) fn column_list(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }

    /// Copies are made in the order of the key, so that both engines store them well.
    pub(super) fn select(&self) -> String {
        let order = if self.columns.len() > 1 { "1, 2" } else { "1" };
        format!("SELECT {} FROM {} ORDER BY {order}", self.column_list(), self.name)
    }
}

/// Every table, by name, but the list of migrations and that of changes: the triggers of the database that is filled write
/// its own.
pub(super) fn tables(connection: &Connection) -> Result<Vec<Table>, Error> {
    let mut statement = connection.prepare(
        "SELECT name, sql LIKE '%AUTOINCREMENT%' FROM sqlite_schema \
         WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT IN ($1, 'changes') \
         ORDER BY name",
    )?;
    let rows = statement.query_map([migrate::HISTORY], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut tables = Vec::new();
    for row in rows {
        let (name, numbered): (String, bool) = row?;
        let columns = columns(connection, &name)?;
        tables.push(Table {
            name,
            columns,
            numbered,
        });
    }
    Ok(tables)
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>, Error> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut columns = Vec::new();
    for row in rows {
        let (name, declared): (String, String) = row?;
        let kind = match declared.as_str() {
            "INTEGER" | "BIGINT" => Kind::Int,
            "DOUBLE PRECISION" => Kind::Real,
            "BOOLEAN" => Kind::Bool,
            "TEXT" => Kind::Text,
            other => return Err(Error::corrupt(format!("{table}.{name} has the type {other}"))),
        };
        columns.push(Column { name, kind });
    }
    Ok(columns)
}

/// How many rows a table has.
pub(super) fn count(connection: &Connection, table: &Table) -> Result<u64, Error> {
    let sql = format!("SELECT count(*) FROM {}", table.name);
    let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(rows.unsigned_abs())
}

/// The highest id that a table has ever given out.
pub(super) fn highest_id(connection: &Connection, table: &Table) -> Result<i64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = $1";
    Ok(connection.query_row(sql, [&table.name], |row| row.get(0))?)
}

/// Keeps a table from giving out ids up to this one.
pub(super) fn set_highest_id(connection: &Connection, table: &Table, id: i64) -> Result<(), Error> {
    connection.execute("DELETE FROM sqlite_sequence WHERE name = $1", [&table.name])?;
    let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
    connection.execute(sql, rusqlite::params![table.name, id])?;
    Ok(())
}

/// A value of SQLite as the column's kind has it.
pub(super) fn value<'a>(stored: ValueRef<'a>, table: &Table, column: &Column) -> Result<Value<'a>, Error> {
    let unfit = || {
        Error::corrupt(format!(
            "{}.{} holds a value of another type: {stored:?}",
            table.name, column.name
        ))
    };
    match (stored, column.kind) {
        (ValueRef::Null, _) => Ok(Value::Null),
        (ValueRef::Integer(number), Kind::Int) => Ok(Value::Int(number)),
        (ValueRef::Integer(0), Kind::Bool) => Ok(Value::Bool(false)),
        (ValueRef::Integer(1), Kind::Bool) => Ok(Value::Bool(true)),
        (ValueRef::Real(number), Kind::Real) => Ok(Value::Real(number)),
        (ValueRef::Text(bytes), Kind::Text) => Ok(Value::Text(std::str::from_utf8(bytes).map_err(|_| unfit())?)),
        _ => Err(unfit()),
    }
}
