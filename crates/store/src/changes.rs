//! What has changed since somebody last looked, for those who keep something in memory.
//!
//! Triggers append to `changes` whatever happens to rows that are shown with a deployment or say who may see it (migration
//! V11); a deployment that is new has an id above all others. Writers take turns, so both kinds of numbers are in the order
//! of the commits, and a state of the database is told from every later one by two numbers: its [`Position`]. A third one
//! tells states of different servers apart.

use landfall_domain::ids::{DeploymentId, EnvironmentId, ProjectId, TokenId, UserId};

use crate::{
    engine::{Columns, Conn, Row, Tx, postgres_statements, statements},
    error::Error,
};

/// Changes that [`news`] reads at most; whoever is further behind has to forget everything.
const MOST: i64 = 1_000;
/// How many changes are to be kept. Many more than [`news`] tells, so that nobody can miss one that is gone.
pub const KEPT: i64 = 100_000;

/// The numbers of a [`Position`].
macro_rules! position {
    () => {
        "coalesce((SELECT id FROM changes WHERE id > 0 ORDER BY id DESC LIMIT 1), 0), \
         coalesce((SELECT id FROM deployments WHERE id > 0 ORDER BY id DESC LIMIT 1), 0)"
    };
}

/// Whether anything that says who may do what has changed after the change with this number, or so much else that it would
/// take long to find out; not so if there is no number.
macro_rules! callers_changed {
    ($since:literal) => {
        concat!(
            "CASE WHEN coalesce((SELECT id FROM changes WHERE id > 0 ORDER BY id DESC LIMIT 1), 0) - ",
            $since,
            " > 100 \
            THEN TRUE ELSE EXISTS (SELECT 1 FROM changes WHERE id > ",
            $since,
            " AND kind NOT IN ('deployment', 'environment')) END"
        )
    };
}

pub(crate) use callers_changed;

statements! { "changes";
    POSITION = concat!("SELECT ", position!());
    SINCE = "SELECT kind, project_id, row_id FROM changes WHERE id > $1 ORDER BY id LIMIT $2";
    NEW_DEPLOYMENTS = "SELECT project_id FROM deployments WHERE id > $1 ORDER BY id LIMIT $2";
    OLDEST = "SELECT id FROM changes WHERE id > 0 ORDER BY id LIMIT 1";
    TRIM = "DELETE FROM changes WHERE id IN (SELECT c.id FROM changes c WHERE c.id <= $1 ORDER BY c.id LIMIT $2)";
}

postgres_statements! { "changes";
    NEWS = concat!(
        "SELECT 'position', ", position!(),
        " UNION ALL (SELECT kind, project_id, row_id FROM changes WHERE id > $1 ORDER BY id LIMIT $2) \
         UNION ALL (SELECT 'created', project_id, id FROM deployments WHERE id > $3 ORDER BY id LIMIT $2)"
    );
}

/// A state of the database, as far as [`Change`]s are concerned. Later ones are greater: what makes the id of the newest
/// deployment smaller is a change.
///
/// On PostgreSQL each connection that is made begins a history, because it may lead to a server that never had the last
/// commits. All its states count as later than those of the histories before. Positions of different stores cannot be
/// compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    // The order of the fields is that of the comparison.
    pub(crate) history: u64,
    pub(crate) change: i64,
    pub(crate) deployment: i64,
}

/// Something that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A deployment is new.
    Created(ProjectId),
    /// A deployment was changed or is gone.
    Deployment(ProjectId, DeploymentId),
    /// An environment was changed.
    Environment(ProjectId, EnvironmentId),
    /// A user was changed.
    User(UserId),
    /// A token was changed.
    Token(TokenId),
    /// A project or a namespace was changed.
    Place,
    /// Who is a member where.
    Member,
}

/// What has changed between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// All of it.
    Changes(Vec<Change>),
    /// Too much to be told.
    Everything,
}

/// The state that the connection's transaction reads.
pub fn position(conn: &mut Conn<'_>) -> Result<Position, Error> {
    if let Some(position) = conn.known_position()? {
        return Ok(position);
    }
    let history = conn.history();
    let position = conn.query_one(&POSITION, &[], |row| {
        Ok(Position {
            history,
            change: row.get(0)?,
            deployment: row.get(1)?,
        })
    })?;
    conn.remember(position)?;
    Ok(position)
}

/// The state that the connection reads, and what has changed since that one, which was read on the same store. PostgreSQL
/// is asked by a single statement.
pub fn news(conn: &mut Conn<'_>, since: Option<Position>) -> Result<(Position, News), Error> {
    let Some(since) = since.filter(|since| since.history == conn.history()) else {
        return Ok((position(conn)?, News::Everything));
    };
    if !conn.is_sqlite() {
        return news_at_once(conn, since);
    }
    let position = position(conn)?;
    if position == since {
        return Ok((position, News::Changes(Vec::new())));
    }
    let most = MOST + 1;
    let changes = conn.query(&SINCE, &[since.change.into(), most.into()], from_row)?;
    let created = conn.query(&NEW_DEPLOYMENTS, &[since.deployment.into(), most.into()], |row| {
        Ok(Change::Created(ProjectId(row.get(0)?)))
    })?;
    Ok((position, News::of(changes, created)))
}

fn news_at_once(conn: &mut Conn<'_>, since: Position) -> Result<(Position, News), Error> {
    let history = conn.history();
    let (mut position, mut changes, mut created) = (None, Vec::new(), Vec::new());
    let values = [since.change.into(), (MOST + 1).into(), since.deployment.into()];
    conn.query(&NEWS, &values, |row| {
        match row.get::<String>(0)?.as_str() {
            "position" => {
                position = Some(Position {
                    history,
                    change: row.get(1)?,
                    deployment: row.get(2)?,
                });
            }
            "created" => created.push(Change::Created(ProjectId(row.get(1)?))),
            _ => changes.push(from_row(row)?),
        }
        Ok(())
    })?;
    let position = position.ok_or_else(|| Error::Engine(format!("{} answered no position", NEWS.name)))?;
    Ok((position, News::of(changes, created)))
}

impl News {
    fn of(mut changes: Vec<Change>, created: Vec<Change>) -> News {
        let enough = usize::try_from(MOST).unwrap_or(usize::MAX);
        if changes.len() > enough || created.len() > enough {
            return News::Everything;
        }
        changes.extend(created);
        News::Changes(changes)
    }
}

/// Whether there are many more changes than these.
pub fn is_long(conn: &mut Conn<'_>, kept: i64) -> Result<bool, Error> {
    let oldest: Option<i64> = conn.query_opt(&OLDEST, &[], |row| row.get(0))?;
    let newest = position(conn)?.change;
    Ok(oldest.is_some_and(|oldest| newest - oldest >= kept.saturating_mul(2)))
}

/// Deletes the oldest changes, `limit` of them at most, but none of the newest `kept`; answers how many.
pub fn trim(tx: &mut Tx<'_>, kept: i64, limit: i64) -> Result<u64, Error> {
    let last = position(tx)?.change.saturating_sub(kept);
    tx.execute(&TRIM, &[last.into(), limit.into()])
}

fn from_row(row: &Row<'_>) -> Result<Change, Error> {
    let mut columns = Columns::of(row);
    let kind: String = columns.next()?;
    let project = ProjectId(columns.next::<Option<i64>>()?.unwrap_or_default());
    let id = columns.next::<Option<i64>>()?.unwrap_or_default();
    Ok(match kind.as_str() {
        "deployment" => Change::Deployment(project, DeploymentId(id)),
        "environment" => Change::Environment(project, EnvironmentId(id)),
        "user" => Change::User(UserId(id)),
        "token" => Change::Token(TokenId(id)),
        "project" | "namespace" => Change::Place,
        "member" => Change::Member,
        other => return Err(Error::corrupt(format!("{other:?} for a kind of change"))),
    })
}
