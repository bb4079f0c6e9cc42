//! What durable writes cost without Landfall around them: the other side of the SQLite figures of `bench/run`.
//!
//! `bare_writes inserts|updates DATABASE CALLERS SECONDS` writes the rows of a create, or of a new status, in project 1,
//! with the store's SQLite settings and statements: so many callers each wait for one row at a time, one writer commits all
//! that wait together. No HTTP, no token, no check, no answer to render. Prints one line of JSON.

#[path = "../common/callers.rs"]
mod callers;
mod inserts;
mod updates;

use std::{env, path::Path};

use crossbeam_channel::Receiver;
use landfall_store::testing;
use rusqlite::Connection;

use self::{
    callers::{Caller, Failure, MAX_ROWS},
    inserts::Inserts,
    updates::Updates,
};

const PROJECT: i64 = 1;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [kind, database, callers, seconds] = arguments.as_slice() else {
        return Err("usage: bare_writes inserts|updates DATABASE CALLERS SECONDS".into());
    };
    let connection = testing::sqlite(Path::new(database))?;
    let mut rows: Box<dyn Rows> = match kind.as_str() {
        "inserts" => Box::new(Inserts::new()?),
        "updates" => Box::new(Updates::new(&connection)?),
        _ => return Err(format!("{kind} is neither inserts nor updates").into()),
    };
    let writer = move |waiting: &Receiver<Caller>| write(&connection, rows.as_mut(), waiting);
    callers::measure(callers.parse()?, seconds.parse()?, vec![Box::new(writer)])
}

/// What is written for a caller.
trait Rows: Send {
    fn write(&mut self, connection: &Connection) -> Result<(), Failure>;
}

fn write(connection: &Connection, rows: &mut dyn Rows, callers: &Receiver<Caller>) -> Result<(), Failure> {
    while let Ok(first) = callers.recv() {
        let mut waiting = vec![first];
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut written = 0;
        while written < waiting.len() {
            rows.write(connection)?;
            written += 1;
            if waiting.len() < MAX_ROWS {
                waiting.extend(callers.try_recv());
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        callers::answer(waiting);
    }
    Ok(())
}

/// A statement of the store.
fn text(name: &str) -> Result<&'static str, Failure> {
    let found = testing::statements().into_iter().find(|(known, _)| *known == name);
    let (_, sql) = found.ok_or_else(|| format!("the store has no statement {name}"))?;
    Ok(sql)
}
