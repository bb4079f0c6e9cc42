//! Events: appended, never changed.

use landfall_domain::{
    event::{Event, Kind},
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId},
};

use crate::{
    engine::{Columns, Conn, Tx, statements},
    error::Error,
};

statements! { "events";
    APPEND = "INSERT INTO events (kind, project_id, deployment_id, environment_id, actor_id, data, at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    AFTER = "SELECT id, kind, project_id, deployment_id, environment_id, actor_id, data, at FROM events WHERE id > $1 \
             ORDER BY id LIMIT $2";
}

/// Appends an event; call it in the transaction that makes the change.
pub fn append(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    let values = [
        event.kind.as_str().into(),
        event.project_id.map(|id| id.0).into(),
        event.deployment_id.map(|id| id.0).into(),
        event.environment_id.map(|id| id.0).into(),
        event.actor_id.map(|id| id.0).into(),
        (&event.data).into(),
        event.at.into(),
    ];
    tx.execute(&APPEND, &values)?;
    Ok(())
}

/// The events after the one with this number, oldest first, with their numbers.
pub fn after(conn: &mut Conn<'_>, number: i64, limit: i64) -> Result<Vec<(i64, Event)>, Error> {
    conn.query(&AFTER, &[number.into(), limit.into()], |row| {
        let mut columns = Columns::of(row);
        let number = columns.next()?;
        let event = Event {
            kind: columns.parsed(|word: &String| Kind::parse(word))?,
            project_id: columns.next::<Option<i64>>()?.map(ProjectId),
            deployment_id: columns.next::<Option<i64>>()?.map(DeploymentId),
            environment_id: columns.next::<Option<i64>>()?.map(EnvironmentId),
            actor_id: columns.next::<Option<i64>>()?.map(UserId),
            data: columns.next()?,
            at: columns.next()?,
        };
        Ok((number, event))
    })
}
