//! What durable inserts cost without Landfall around them: the other side of the create figure of `bench/run`.
//!
//! `bare_inserts DATABASE CALLERS SECONDS` writes the rows of a create into project 1, with the store's SQLite settings
//! and statements: so many callers each wait for one row at a time, one writer commits all that wait together. No HTTP,
//! no token, no check, no answer to render. Prints one line of JSON.

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::Path,
    process, thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use landfall_domain::time::{Clock, SystemClock};
use landfall_store::testing;
use rusqlite::{Connection, params};

const PROJECT: i64 = 1;
const ENVIRONMENT: &str = "production";
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";
/// Rows in one transaction at most, as in the store.
const MAX_ROWS: usize = 512;

/// A caller that waits for its row.
type Row = Sender<()>;
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [database, callers, seconds] = arguments.as_slice() else {
        return Err("usage: bare_inserts DATABASE CALLERS SECONDS".into());
    };
    let connection = testing::sqlite(Path::new(database))?;
    let (callers, seconds) = (callers.parse()?, Duration::from_secs(seconds.parse()?));
    let (jobs, rows) = bounded(callers);
    let started = Instant::now();
    let mut times = thread::scope(|scope| -> Result<Vec<Duration>, Failure> {
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                let jobs = jobs.clone();
                scope.spawn(move || call(&jobs, started + seconds))
            })
            .collect();
        drop(jobs);
        if let Err(failure) = write(&connection, &rows) {
            // The callers wait for answers that nobody will give.
            let _ = writeln!(io::stderr(), "bare_inserts: {failure}");
            process::exit(1);
        }
        Ok(callers
            .into_iter()
            .filter_map(|caller| caller.join().ok())
            .flatten()
            .collect())
    })?;
    let took = started.elapsed();
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
            .as_micros()
    };
    let (requests, micros, p50, p99) = (times.len(), took.as_micros(), at(50), at(99));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        r#"{{"requests":{requests},"duration":{micros},"errors":0,"p50":{p50},"p99":{p99}}}"#
    )?;
    Ok(())
}

/// Asks for one row after the other until the time is over, and answers how long each took.
fn call(jobs: &Sender<Row>, until: Instant) -> Vec<Duration> {
    let (done, answer) = bounded(1);
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        if jobs.send(done.clone()).is_err() || answer.recv().is_err() {
            break;
        }
        times.push(asked.elapsed());
    }
    times
}

/// The store's statements that a create writes with.
struct Texts {
    environment: &'static str,
    next_iid: &'static str,
    insert: &'static str,
    append: &'static str,
}

impl Texts {
    fn of_the_store() -> Result<Texts, Failure> {
        let all = testing::statements();
        let named = |name: &str| {
            let found = all.iter().find(|(known, _)| *known == name);
            found
                .map(|(_, sql)| *sql)
                .ok_or_else(|| format!("the store has no statement {name}"))
        };
        Ok(Texts {
            environment: named("environments.BY_NAME")?,
            next_iid: named("deployments.NEXT_IID")?,
            insert: named("deployments.INSERT")?,
            append: named("events.APPEND")?,
        })
    }
}

fn write(connection: &Connection, rows: &Receiver<Row>) -> Result<(), Failure> {
    let texts = Texts::of_the_store()?;
    while let Ok(first) = rows.recv() {
        let mut waiting = vec![first];
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut written = 0;
        while written < waiting.len() {
            insert(connection, &texts)?;
            written += 1;
            if waiting.len() < MAX_ROWS {
                waiting.extend(rows.try_recv());
            }
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        for caller in waiting {
            // One that is gone needs no answer.
            let _ = caller.send(());
        }
    }
    Ok(())
}

fn insert(connection: &Connection, texts: &Texts) -> Result<(), Failure> {
    let prepared = |sql: &str| connection.prepare_cached(sql);
    let now = SystemClock.now().0;
    let environment: i64 = prepared(texts.environment)?.query_row(params![PROJECT, ENVIRONMENT], |row| row.get(0))?;
    let iid: i64 = prepared(texts.next_iid)?.query_row([PROJECT], |row| row.get(0))?;
    let none = None::<i64>;
    let values = params![
        iid,
        PROJECT,
        environment,
        1,
        none,
        "main",
        false,
        SHA,
        none,
        1,
        "api",
        none,
        none,
        none,
        none,
        none,
        false,
        now,
        now,
        none
    ];
    let id: i64 = prepared(texts.insert)?.query_row(values, |row| row.get(0))?;
    let data =
        format!(r#"{{"iid":{iid},"environment":"{ENVIRONMENT}","status":"running","sha":"{SHA}","ref":"main"}}"#);
    let values = params!["deployment_created", PROJECT, id, environment, 1, data, now];
    prepared(texts.append)?.execute(values)?;
    Ok(())
}
