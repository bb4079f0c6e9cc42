//! Copies of remote repositories: where each stands, when it is due, and which node is at it.
//!
//! The copies themselves are in the nodes' data directories. A node takes a copy that is due for a while and makes that
//! longer as it works; one that dies leaves it to the others.

use landfall_domain::{
    ids::ProjectId,
    mirror::{ImportStatus, Mirror},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
};

macro_rules! select {
    () => {
        "SELECT m.project_id, m.key, m.url, m.with_credentials, m.status, m.error, m.failures, m.fetched_at, m.digest, \
         m.next_at FROM mirrors m"
    };
}

statements! { "mirrors";
    SET = "INSERT INTO mirrors (project_id, key, url, with_credentials, status, failures, next_at, held_until) \
           VALUES ($1, $2, $3, $4, $5, 0, $6, 0) \
           ON CONFLICT (project_id) DO UPDATE SET key = excluded.key, url = excluded.url, \
               with_credentials = excluded.with_credentials, status = excluded.status, error = NULL, failures = 0, \
               fetched_at = NULL, digest = NULL, next_at = excluded.next_at, holder = NULL, held_until = 0";
    REMOVE = "DELETE FROM mirrors WHERE project_id = $1";
    OF_PROJECT = concat!(select!(), " WHERE m.project_id = $1");
    KNOWN = "SELECT EXISTS (SELECT 1 FROM mirrors WHERE key = $1)";
    DUE = concat!(select!(), " WHERE m.next_at <= $1 AND m.held_until <= $1 ORDER BY m.next_at LIMIT $2");
    FAILING = concat!(select!(), " WHERE m.error IS NOT NULL AND m.project_id > $1 ORDER BY m.project_id LIMIT $2");
    // A sum, so that the row is found by its key.
    TAKE = "UPDATE mirrors SET holder = $1, held_until = $2, status = $3 \
            WHERE key = $4 AND next_at + 0 <= $5 AND held_until <= $5";
    HOLD = "UPDATE mirrors SET held_until = $1 WHERE key = $2 AND holder = $3";
    GIVE_BACK = "UPDATE mirrors SET holder = NULL, held_until = 0, status = $1 WHERE key = $2 AND holder = $3";
    RELEASE = "UPDATE mirrors SET holder = NULL, held_until = 0 WHERE key = $1 AND holder = $2";
    FETCHED = "UPDATE mirrors SET status = $1, error = NULL, failures = 0, fetched_at = $2, digest = $3, \
               next_at = $4 WHERE key = $5";
    FAILED = "UPDATE mirrors SET status = $1, error = $2, failures = failures + 1, next_at = $3 WHERE key = $4";
    ASK = "UPDATE mirrors SET next_at = $1, status = $2 WHERE project_id = $3 AND held_until <= $1 AND next_at > $1";
}

/// Sets what a project's repository is a copy of, as it is to be made first.
pub fn set(
    tx: &mut Tx<'_>,
    project: ProjectId,
    key: &str,
    url: &str,
    with_credentials: bool,
    now: Timestamp,
) -> Result<(), Error> {
    let values = [
        project.0.into(),
        key.into(),
        url.into(),
        with_credentials.into(),
        ImportStatus::Scheduled.as_str().into(),
        now.into(),
    ];
    tx.execute(&SET, &values)?;
    Ok(())
}

/// A project's repository is no copy any more.
pub fn remove(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), Error> {
    tx.execute(&REMOVE, &[project.0.into()])?;
    Ok(())
}

/// What a project's repository is a copy of.
pub fn of_project(conn: &mut Conn<'_>, project: ProjectId) -> Result<Option<Mirror>, Error> {
    conn.query_opt(&OF_PROJECT, &[project.0.into()], from_row)
}

/// Whether a key is one of a copy that is still wanted.
pub fn is_known(conn: &mut Conn<'_>, key: &str) -> Result<bool, Error> {
    conn.query_one(&KNOWN, &[key.into()], |row| row.get(0))
}

/// Copies that are to be brought up to date and that nobody is at, the longest due ones first.
pub fn due(conn: &mut Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Mirror>, Error> {
    conn.query(&DUE, &[now.into(), limit.into()], from_row)
}

/// Copies that failed the last time, by project, those after the given one.
pub fn failing(conn: &mut Conn<'_>, after: ProjectId, limit: i64) -> Result<Vec<Mirror>, Error> {
    conn.query(&FAILING, &[after.0.into(), limit.into()], from_row)
}

/// Takes a copy that is due; answers whether the holder has it now.
pub fn take(tx: &mut Tx<'_>, mirror: &Mirror, holder: &str, now: Timestamp, until: Timestamp) -> Result<bool, Error> {
    let values = [
        holder.into(),
        until.into(),
        ImportStatus::Started.as_str().into(),
        (&mirror.key).into(),
        now.into(),
    ];
    Ok(tx.execute(&TAKE, &values)? == 1)
}

/// Makes the time longer for which a copy is held.
pub fn hold(tx: &mut Tx<'_>, key: &str, holder: &str, until: Timestamp) -> Result<(), Error> {
    tx.execute(&HOLD, &[until.into(), key.into(), holder.into()])?;
    Ok(())
}

/// Gives a copy back as it was before it was taken, for somebody else to bring up to date.
pub fn give_back(tx: &mut Tx<'_>, mirror: &Mirror, holder: &str) -> Result<(), Error> {
    let values = [mirror.status.as_str().into(), (&mirror.key).into(), holder.into()];
    tx.execute(&GIVE_BACK, &values)?;
    Ok(())
}

/// Notes that a node's copy was brought up to date, which refs it has, and when that is due next. If the node held it, it
/// does so no more.
pub fn fetched(
    tx: &mut Tx<'_>,
    key: &str,
    holder: &str,
    at: Timestamp,
    digest: &str,
    next_at: Timestamp,
) -> Result<(), Error> {
    let values = [
        ImportStatus::Finished.as_str().into(),
        at.into(),
        digest.into(),
        next_at.into(),
        key.into(),
    ];
    tx.execute(&FETCHED, &values)?;
    tx.execute(&RELEASE, &[key.into(), holder.into()])?;
    Ok(())
}

/// Notes that a copy could not be brought up to date, why, and when that is tried again. If the node held it, it does so no
/// more.
pub fn failed(tx: &mut Tx<'_>, key: &str, holder: &str, error: &str, next_at: Timestamp) -> Result<(), Error> {
    let values = [
        ImportStatus::Failed.as_str().into(),
        error.into(),
        next_at.into(),
        key.into(),
    ];
    tx.execute(&FAILED, &values)?;
    tx.execute(&RELEASE, &[key.into(), holder.into()])?;
    Ok(())
}

/// Makes a copy due now, unless somebody is at it or it is due already.
pub fn ask(tx: &mut Tx<'_>, project: ProjectId, now: Timestamp) -> Result<(), Error> {
    let values = [now.into(), ImportStatus::Scheduled.as_str().into(), project.0.into()];
    tx.execute(&ASK, &values)?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Mirror, Error> {
    let mut columns = Columns::of(row);
    Ok(Mirror {
        project_id: ProjectId(columns.next()?),
        key: columns.next()?,
        url: columns.next()?,
        with_credentials: columns.next()?,
        status: columns.parsed(ImportStatus::parse)?,
        error: columns.next()?,
        failures: columns.next()?,
        fetched_at: columns.next()?,
        digest: columns.next()?,
        next_at: columns.next()?,
    })
}
