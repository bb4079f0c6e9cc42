//! Copying rows out of PostgreSQL and into it.

use postgres::{
    Client, Config, Row, Transaction,
    binary_copy::BinaryCopyInWriter,
    fallible_iterator::FallibleIterator,
    types::{ToSql, Type},
};
use rusqlite::Connection;

use super::{
    refuse_filled,
    tables::{Column, Kind, Table, highest_id, set_highest_id, tables, value},
};
use crate::{engine::Value, error::Error, migrate, postgres::Session};

/// Fills an empty copy with everything in the database, as of one moment.
pub(super) fn read(config: &Config, copy: &mut Connection) -> Result<(), Error> {
    let mut client = Session::connect(config)?;
    let mut source = client
        .build_transaction()
        .isolation_level(postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()?;
    migrate::refuse_other_version_on(&mut source)?;
    let tables = tables(copy)?;
    let target = copy.transaction()?;
    for table in &tables {
        read_table(&mut source, &target, table)?;
    }
    target.commit()?;
    Ok(())
}

fn read_table(source: &mut Transaction<'_>, target: &Connection, table: &Table) -> Result<(), Error> {
    let places: Vec<String> = (1..=table.columns.len()).map(|number| format!("${number}")).collect();
    let mut insert = target.prepare(&format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        table.column_list(),
        places.join(", ")
    ))?;
    let mut rows = source.query_raw(&table.select(), std::iter::empty::<&str>())?;
    while let Some(row) = rows.next()? {
        for (index, column) in table.columns.iter().enumerate() {
            bind(&mut insert, &row, index, column)?;
        }
        insert.raw_execute()?;
    }
    drop(rows);
    if table.numbered {
        let highest = highest_on_server(source, table)?;
        set_highest_id(target, table, highest)?;
    }
    Ok(())
}

fn bind(insert: &mut rusqlite::Statement<'_>, row: &Row, index: usize, column: &Column) -> Result<(), Error> {
    let unfit = |error: postgres::Error| Error::corrupt(format!("{}: {error}", column.name));
    let place = index + 1;
    match column.kind {
        Kind::Int => insert.raw_bind_parameter(place, row.try_get::<_, Option<i64>>(index).map_err(unfit)?),
        Kind::Real => insert.raw_bind_parameter(place, row.try_get::<_, Option<f64>>(index).map_err(unfit)?),
        Kind::Bool => insert.raw_bind_parameter(place, row.try_get::<_, Option<bool>>(index).map_err(unfit)?),
        Kind::Text => insert.raw_bind_parameter(place, row.try_get::<_, Option<&str>>(index).map_err(unfit)?),
    }?;
    Ok(())
}

/// The highest id that the table has ever given out, also to a transaction that was given up.
fn highest_on_server(source: &mut Transaction<'_>, table: &Table) -> Result<i64, Error> {
    let sequence: String = source
        .query_one("SELECT pg_get_serial_sequence($1, 'id')", &[&table.name])?
        .try_get(0)?;
    let sql = format!("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}");
    Ok(source.query_one(&sql, &[])?.try_get(0)?)
}

/// Fills an empty, migrated database with everything in the backup, or leaves it empty.
pub(super) fn fill(source: &Connection, config: &Config) -> Result<(), Error> {
    let mut client: Client = Session::connect(config)?;
    let mut target = client.transaction()?;
    let tables = tables(source)?;
    for table in &tables {
        // It also waits for whoever writes now, and keeps everybody else out until the end.
        target.batch_execute(&format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table.name))?;
        let filled = target.query_opt(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[])?;
        refuse_filled(&"the database", &table.name, u64::from(filled.is_some()))?;
    }
    let references = drop_references(&mut target)?;
    for table in &tables {
        fill_table(source, &mut target, table)?;
    }
    for reference in references {
        target.batch_execute(&reference)?;
    }
    target.commit()?;
    client.batch_execute("ANALYZE")?;
    Ok(())
}

/// Takes the references between tables away, so that the order of the tables does not matter; answers the statements
/// that bring them back, which check all rows.
fn drop_references(target: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
    let found = target.query(
        "SELECT CAST(t.relname AS TEXT), CAST(c.conname AS TEXT), pg_get_constraintdef(c.oid) FROM pg_constraint c \
         JOIN pg_class t ON t.oid = c.conrelid \
         WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2",
        &[],
    )?;
    let mut again = Vec::new();
    for row in found {
        let (table, name, definition): (&str, &str, &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        target.batch_execute(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))?;
        again.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
    }
    Ok(again)
}

fn fill_table(source: &Connection, target: &mut Transaction<'_>, table: &Table) -> Result<(), Error> {
    let types: Vec<Type> = table.columns.iter().map(|column| server_type(column.kind)).collect();
    let copy = format!("COPY {} ({}) FROM STDIN BINARY", table.name, table.column_list());
    let mut writer = BinaryCopyInWriter::new(target.copy_in(&copy)?, &types);
    let mut statement = source.prepare(&table.select())?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(types.len());
        for (index, column) in table.columns.iter().enumerate() {
            values.push(value(row.get_ref(index)?, table, column)?);
        }
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        writer.write(&values)?;
    }
    writer.finish()?;
    let highest = if table.numbered { highest_id(source, table)? } else { 0 };
    if highest > 0 {
        let sql = "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)";
        target.execute(sql, &[&table.name, &highest])?;
    }
    Ok(())
}

fn server_type(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Real => Type::FLOAT8,
        Kind::Bool => Type::BOOL,
        Kind::Text => Type::TEXT,
    }
}
