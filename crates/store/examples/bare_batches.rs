//! What durable inserts cost on PostgreSQL without Landfall around them: the other side of its create figures in `bench/run`.
//!
//! `bare_batches URL CONNECTIONS CALLERS SECONDS` writes the rows of a create into project 1: so many callers each wait for
//! one row at a time, and each connection writes all that wait in one statement, which takes their iids from the project's
//! counter at once. No HTTP, no token, no check, no answer to render. Prints one line of JSON.

#[path = "common/callers.rs"]
mod callers;

use std::env;

use crossbeam_channel::Receiver;
use landfall_domain::time::{Clock, SystemClock};
use postgres::{Client, NoTls};

use self::callers::{Caller, Failure, MAX_ROWS, Writer};

const PROJECT: i64 = 1;
const USER: i64 = 1;
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";
const SETTINGS: &str = "SET jit = off; SET synchronous_commit = on";
const ENVIRONMENT: &str = "SELECT id FROM environments WHERE project_id = $1 AND name = 'production'";
const INSERT: &str = r#"
    WITH counter AS (
        UPDATE deployment_counters SET last_iid = last_iid + $1, total = total + $1 WHERE project_id = $2
        RETURNING last_iid - $1 AS before
    ), made AS (
        INSERT INTO deployments (iid, project_id, environment_id, user_id, git_ref, tag, sha, status, source,
                                 owned_by_gitlab, created_at, updated_at)
        SELECT counter.before + told.number, $2, $3, $4, told.git_ref, FALSE, told.sha, 1, 'api', FALSE, told.at, told.at
        FROM counter, unnest($5::TEXT[], $6::TEXT[], $7::BIGINT[]) WITH ORDINALITY AS told (git_ref, sha, at, number)
        RETURNING id, iid, git_ref, sha, created_at
    )
    INSERT INTO events (kind, project_id, deployment_id, environment_id, actor_id, data, at)
    SELECT 'deployment_created', $2, id, $3, $4,
           format('{"iid":%s,"environment":"production","status":"running","sha":"%s","ref":"%s"}', iid, sha, git_ref),
           created_at
    FROM made"#;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, connections, callers, seconds] = arguments.as_slice() else {
        return Err("usage: bare_batches URL CONNECTIONS CALLERS SECONDS".into());
    };
    let writers = (0..connections.parse()?)
        .map(|_| connect(url))
        .collect::<Result<_, _>>()?;
    callers::measure(callers.parse()?, seconds.parse()?, writers)
}

fn connect(url: &str) -> Result<Writer, Failure> {
    let mut client = Client::connect(url, NoTls)?;
    client.batch_execute(SETTINGS)?;
    Ok(Box::new(move |callers| write(&mut client, callers)))
}

fn write(client: &mut Client, callers: &Receiver<Caller>) -> Result<(), Failure> {
    let environment: i64 = client.query_one(ENVIRONMENT, &[&PROJECT])?.try_get(0)?;
    let insert = client.prepare(INSERT)?;
    while let Ok(first) = callers.recv() {
        let mut waiting = vec![first];
        waiting.extend(callers.try_iter().take(MAX_ROWS - 1));
        let rows = i64::try_from(waiting.len())?;
        let refs = vec!["main"; waiting.len()];
        let shas = vec![SHA; waiting.len()];
        let times = vec![SystemClock.now().0; waiting.len()];
        client.execute(&insert, &[&rows, &PROJECT, &environment, &USER, &refs, &shas, &times])?;
        callers::answer(waiting);
    }
    Ok(())
}
