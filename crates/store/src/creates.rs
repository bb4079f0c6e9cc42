//! What creates have to know before they write, asked at once where each statement is a round trip.

use landfall_domain::{
    environment::Environment,
    ids::{ProjectId, UserId, WebhookId},
    user::User,
    webhook::Health,
};

use crate::{
    changes::{Position, callers_changed},
    deployments::LastIids,
    engine::{Columns, Row, Tx, Value, postgres_statements},
    environments,
    error::Error,
    events::{read_listeners, who_listens},
    users,
};

/// Where the columns of the environment begin.
const ENVIRONMENT: usize = 3;
/// Where those of the user begin.
const USER: usize = ENVIRONMENT + environments::COLUMNS;

postgres_statements! { "creates";
    // Each array is selected, so that its length is no reason to plan the statement anew each time. The counter is not
    // joined, because a table of some hundred would then be read as a whole.
    LOOK_UP = concat!(
        "SELECT (", who_listens!("asked.project_id", "asked.fatal"), "), ", callers_changed!("asked.since"), ", \
        (SELECT last_iid FROM deployment_counters WHERE project_id = asked.project_id), ", environments::columns!(), ", ",
        users::columns!(), " FROM unnest((SELECT $1::BIGINT[]), (SELECT $2::TEXT[]), (SELECT $3::BIGINT[]), \
        (SELECT $4::BIGINT[]), (SELECT $5::BIGINT[])) WITH ORDINALITY \
        AS asked (project_id, name, user_id, fatal, since, place) \
        LEFT JOIN environments e ON e.project_id = asked.project_id AND e.name = asked.name \
        LEFT JOIN users u ON u.id = asked.user_id ORDER BY asked.place"
    );
}

/// Where somebody wants to create a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted<'w> {
    /// In this project.
    pub project: ProjectId,
    /// In its environment of exactly this name.
    pub environment: &'w str,
    /// Who.
    pub user: UserId,
}

impl<'w> Wanted<'w> {
    fn values(&self, allowed_in: Option<Position>) -> Vec<Value<'w>> {
        vec![
            self.project.0.into(),
            self.environment.into(),
            self.user.0.into(),
            Health::FATAL.into(),
            allowed_in.map(|state| state.change).into(),
        ]
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct LookedUp {
    /// At each place.
    pub found: Vec<Found>,
    /// Whether it is certain that who may do what has not changed since the state in which that was found out, if that was
    /// asked.
    pub is_still_allowed: bool,
}

/// What was found at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The environment, if it is there.
    pub environment: Option<Environment>,
    /// The user, if there is one.
    pub user: Option<User>,
    /// The webhooks that are told what happens to the project's deployments ([`crate::events::listeners`]).
    pub listeners: Vec<WebhookId>,
}

/// Looks all of it up by one statement of PostgreSQL's, and notes the projects' iids. If the users were found to be allowed to
/// do this in another state of the database, `allowed_in` is the earliest such state. `None` on SQLite, where to look up one
/// after the other, each only once it is needed, costs less.
pub fn look_up(
    tx: &mut Tx<'_>,
    all: &[Wanted<'_>],
    allowed_in: Option<Position>,
    last: &mut LastIids,
) -> Result<Option<LookedUp>, Error> {
    if tx.is_sqlite() {
        return Ok(None);
    }
    let asked: Vec<Vec<Value<'_>>> = all.iter().map(|wanted| wanted.values(allowed_in)).collect();
    let rows = tx.query_for_rows(&LOOK_UP, &asked, read)?;
    for (wanted, row) in all.iter().zip(&rows) {
        if let Some(iid) = row.last_iid {
            last.note(wanted.project, iid);
        }
    }
    let is_comparable = allowed_in.is_none_or(|state| state.history == tx.history());
    Ok(Some(LookedUp {
        is_still_allowed: is_comparable && !rows.iter().any(|row| row.callers_changed),
        found: rows.into_iter().map(|row| row.found).collect(),
    }))
}

/// What the statement answers about a place.
struct Answered {
    callers_changed: bool,
    /// The project's, if it is there.
    last_iid: Option<i64>,
    found: Found,
}

fn read(row: &Row<'_>) -> Result<Answered, Error> {
    let listeners = read_listeners(row)?;
    let mut columns = Columns::of(row);
    columns.skip(1);
    let (callers_changed, last_iid) = (columns.next()?, columns.next()?);
    let (is_there, is_known) = (row.get::<Option<i64>>(ENVIRONMENT)?, row.get::<Option<i64>>(USER)?);
    let environment = is_there.map(|_| environments::read(&mut columns)).transpose()?;
    if environment.is_none() {
        columns.skip(environments::COLUMNS);
    }
    let user = is_known.map(|_| users::read(&mut columns)).transpose()?;
    Ok(Answered {
        callers_changed,
        last_iid,
        found: Found {
            environment,
            user,
            listeners,
        },
    })
}
