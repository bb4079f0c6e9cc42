//! Events: appended, never changed.

use landfall_domain::{
    event::{Event, Kind},
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId, WebhookId},
    page::Offset,
    webhook::Health,
};

use crate::{
    engine::{Columns, Conn, ForRows, Row, Tx, Value, postgres_statements, statements},
    error::Error,
};

macro_rules! select {
    () => {
        "SELECT id, kind, project_id, deployment_id, environment_id, actor_id, data, at FROM events "
    };
}

macro_rules! append {
    () => {
        "INSERT INTO events (kind, project_id, deployment_id, environment_id, actor_id, data, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    };
}

/// The ids of the webhooks that are told of a project's deployments, as one text; nothing if there are none.
macro_rules! who_listens {
    ($project:literal, $fatal:literal) => {
        concat!(
            "SELECT string_agg(CAST(heard.id AS TEXT), ' ') FROM (\
                SELECT w.id FROM webhooks w WHERE w.project_id = ", $project, " AND w.deployment_events \
                    AND w.failures < ", $fatal, " \
                UNION ALL SELECT w.id FROM projects p JOIN namespace_ancestors a ON a.namespace_id = p.namespace_id \
                    JOIN webhooks w ON w.namespace_id = a.ancestor_id \
                    WHERE p.id = ", $project, " AND w.deployment_events AND w.failures < ", $fatal, " \
                UNION ALL SELECT w.id FROM webhooks w WHERE w.project_id IS NULL AND w.namespace_id IS NULL \
                    AND w.deployment_events AND w.failures < ", $fatal, ") AS heard"
        )
    };
}

pub(crate) use who_listens;

statements! { "events";
    APPEND = append!();
    APPEND_FOR_HOOKS = concat!(append!(), " RETURNING (", who_listens!("$2", "$8"), ")");
    LISTENERS = who_listens!("$1", "$2");
    AFTER = concat!(select!(), "WHERE id > $1 ORDER BY id LIMIT $2");
    OF_DEPLOYMENT = concat!(select!(), "WHERE deployment_id = $1 ORDER BY id LIMIT $2 OFFSET $3");
    COUNT_OF_DEPLOYMENT = "SELECT count(*) FROM (SELECT id FROM events WHERE deployment_id = $1 LIMIT $2) AS counted";
    REPORTS = concat!(select!(), "WHERE deployment_id = $1 AND kind = 'deployment_reported' ORDER BY id");
}

postgres_statements! { "events";
    APPEND_MANY = "INSERT INTO events (kind, project_id, deployment_id, environment_id, actor_id, data, at) \
                   SELECT kind, project_id, deployment_id, environment_id, actor_id, data, at \
                   FROM unnest($1::TEXT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::TEXT[], \
                   $7::BIGINT[]) WITH ORDINALITY \
                   AS rows (kind, project_id, deployment_id, environment_id, actor_id, data, at, place) ORDER BY place";
}

/// Appends an event; call it in the transaction that makes the change.
pub fn append(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    tx.execute(&APPEND, &values(event))?;
    Ok(())
}

/// Appends events in their order.
pub fn append_many(tx: &mut Tx<'_>, events: &[Event]) -> Result<(), Error> {
    let how = ForRows {
        one: &APPEND,
        many: &APPEND_MANY,
    };
    let rows: Vec<Vec<Value<'_>>> = events.iter().map(|event| values(event).to_vec()).collect();
    tx.run_for_rows(&how, &rows).map(drop)
}

/// The webhooks that [`append_for_hooks`] would answer for an event of this project.
pub fn listeners(conn: &mut Conn<'_>, project: ProjectId) -> Result<Vec<WebhookId>, Error> {
    conn.query_one(&LISTENERS, &[project.0.into(), Health::FATAL.into()], read_listeners)
}

/// As [`append`], for what happens to a deployment; answers the webhooks that are to be told, in the order of their ids: the
/// project's own, those of its groups, and those of the instance, unless they are disabled for good. That is part of the
/// one statement, because nearly always there are none, and then it must cost nothing.
pub fn append_for_hooks(tx: &mut Tx<'_>, event: &Event) -> Result<Vec<WebhookId>, Error> {
    let mut values = values(event).to_vec();
    values.push(Health::FATAL.into());
    tx.query_one(&APPEND_FOR_HOOKS, &values, read_listeners)
}

/// Reads [`who_listens!`] from the first column.
pub(crate) fn read_listeners(row: &Row<'_>) -> Result<Vec<WebhookId>, Error> {
    let ids: Option<String> = row.get(0)?;
    let parse = |id: &str| {
        id.parse()
            .map(WebhookId)
            .map_err(|_| Error::corrupt("the id of a webhook"))
    };
    let mut found = ids
        .iter()
        .flat_map(|ids| ids.split_ascii_whitespace())
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    Ok(found)
}

fn values(event: &Event) -> [Value<'_>; 7] {
    [
        event.kind.as_str().into(),
        event.project_id.map(|id| id.0).into(),
        event.deployment_id.map(|id| id.0).into(),
        event.environment_id.map(|id| id.0).into(),
        event.actor_id.map(|id| id.0).into(),
        (&event.data).into(),
        event.at.into(),
    ]
}

/// The events after the one with this number, oldest first, with their numbers.
pub fn after(conn: &mut Conn<'_>, number: i64, limit: i64) -> Result<Vec<(i64, Event)>, Error> {
    conn.query(&AFTER, &[number.into(), limit.into()], from_row)
}

/// A page of the events of a deployment, oldest first, with their numbers, and one row more if there is another page.
pub fn of_deployment(conn: &mut Conn<'_>, deployment: DeploymentId, page: Offset) -> Result<Vec<(i64, Event)>, Error> {
    let values = [
        deployment.0.into(),
        page.per_page.saturating_add(1).into(),
        page.start().into(),
    ];
    conn.query(&OF_DEPLOYMENT, &values, from_row)
}

/// How many events a deployment has; counting ends at `limit`.
pub fn count_of_deployment(conn: &mut Conn<'_>, deployment: DeploymentId, limit: i64) -> Result<i64, Error> {
    conn.query_one(&COUNT_OF_DEPLOYMENT, &[deployment.0.into(), limit.into()], |row| {
        row.get(0)
    })
}

/// All reports about a deployment, in the order of their arrival.
pub fn reports(conn: &mut Conn<'_>, deployment: DeploymentId) -> Result<Vec<Event>, Error> {
    let numbered = conn.query(&REPORTS, &[deployment.0.into()], from_row)?;
    Ok(numbered.into_iter().map(|(_, event)| event).collect())
}

fn from_row(row: &Row<'_>) -> Result<(i64, Event), Error> {
    let mut columns = Columns::of(row);
    let number = columns.next()?;
    let event = Event {
        kind: columns.parsed(Kind::parse)?,
        project_id: columns.next::<Option<i64>>()?.map(ProjectId),
        deployment_id: columns.next::<Option<i64>>()?.map(DeploymentId),
        environment_id: columns.next::<Option<i64>>()?.map(EnvironmentId),
        actor_id: columns.next::<Option<i64>>()?.map(UserId),
        data: columns.next()?,
        at: columns.next()?,
    };
    Ok((number, event))
}
