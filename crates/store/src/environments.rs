//! Environments.

use landfall_domain::{
    environment::{AutoStopSetting, Environment, State, Tier, name_in_folder},
    ids::{EnvironmentId, ProjectId},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, Value, statements},
    error::Error,
    places::twenty,
    projects,
};

/// The columns of an environment as [`read`] expects them, from a table called `e`.
macro_rules! columns {
    () => {
        "e.id, e.project_id, e.name, e.slug, e.external_url, e.tier, e.state, e.description, e.auto_stop_setting, \
         e.auto_stop_at, e.auto_delete_at, e.created_at, e.updated_at"
    };
}
pub(crate) use columns;

/// How many columns [`columns!`] has.
pub(crate) const COLUMNS: usize = 13;

statements! { "environments";
    BY_ID = concat!("SELECT ", columns!(), " FROM environments e WHERE e.project_id = $1 AND e.id = $2");
    BY_IDS = concat!("SELECT ", columns!(), " FROM environments e WHERE e.id IN (", twenty!(), ")");
    BY_NAME = concat!("SELECT ", columns!(), " FROM environments e WHERE e.project_id = $1 AND e.name = $2");
    BY_SLUG = concat!("SELECT ", columns!(), " FROM environments e WHERE e.project_id = $1 AND e.slug = $2");
    INSERT = "INSERT INTO environments (project_id, name, slug, external_url, tier, state, description, \
              auto_stop_setting, auto_stop_at, auto_delete_at, name_in_folder, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id";
    UPDATE = "UPDATE environments SET external_url = $1, tier = $2, state = $3, description = $4, \
              auto_stop_setting = $5, auto_stop_at = $6, auto_delete_at = $7, updated_at = $8 WHERE id = $9";
    DELETE = "DELETE FROM environments WHERE id = $1";
    DUE_TO_STOP = concat!("SELECT ", columns!(), " FROM environments e WHERE e.state = 'available' \
                   AND e.auto_stop_setting = 'always' AND e.auto_stop_at <= $1 ORDER BY e.auto_stop_at, e.id LIMIT $2");
    DUE_TO_DELETE = concat!("SELECT ", columns!(), " FROM environments e WHERE e.state = 'stopped' \
                     AND e.auto_delete_at <= $1 ORDER BY e.auto_delete_at, e.id LIMIT $2");
    UNCHANGED = concat!("SELECT ", columns!(), " FROM environments e WHERE e.project_id = $1 AND e.state = 'available' \
                 AND e.auto_stop_setting = 'always' AND e.id > $2 AND e.updated_at < $3 ORDER BY e.id LIMIT $4");
    // Names of the folder `review`: `0` comes next after `/`.
    REVIEW_APPS = concat!("SELECT ", columns!(), " FROM environments e WHERE e.project_id = $1 \
                   AND e.name >= 'review/' AND e.name < 'review0' AND e.state = 'stopped' \
                   AND e.auto_delete_at IS NULL AND e.created_at < $2 ORDER BY e.created_at, e.id LIMIT $3");
}

/// The project's environment with this id.
pub fn by_id(conn: &mut Conn<'_>, project: ProjectId, id: EnvironmentId) -> Result<Option<Environment>, Error> {
    conn.query_opt(&BY_ID, &[project.0.into(), id.0.into()], from_row)
}

/// The environments with these ids, of any project, in no order.
pub fn by_ids(conn: &mut Conn<'_>, ids: &[EnvironmentId]) -> Result<Vec<Environment>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(20) {
        let mut values: Vec<Value<'_>> = part.iter().map(|id| id.0.into()).collect();
        values.resize(20, Value::Null);
        found.append(&mut conn.query(&BY_IDS, &values, from_row)?);
    }
    Ok(found)
}

/// The project's environment of exactly this name.
pub fn by_name(conn: &mut Conn<'_>, project: ProjectId, name: &str) -> Result<Option<Environment>, Error> {
    conn.query_opt(&BY_NAME, &[project.0.into(), name.into()], from_row)
}

/// The project's environment with this slug.
pub fn by_slug(conn: &mut Conn<'_>, project: ProjectId, slug: &str) -> Result<Option<Environment>, Error> {
    conn.query_opt(&BY_SLUG, &[project.0.into(), slug.into()], from_row)
}

/// Makes an environment and answers its id; the `id` inside `new` is not looked at. `None` means that the name or the
/// slug is taken.
pub fn insert(tx: &mut Tx<'_>, new: &Environment) -> Result<Option<EnvironmentId>, Error> {
    projects::require(tx, new.project_id)?;
    let name_in_folder = name_in_folder(&new.name).map(str::to_ascii_lowercase);
    let values = [
        new.project_id.0.into(),
        (&new.name).into(),
        (&new.slug).into(),
        new.external_url.as_ref().into(),
        (new.tier.number()).into(),
        new.state.as_str().into(),
        new.description.as_ref().into(),
        new.auto_stop_setting.as_str().into(),
        new.auto_stop_at.into(),
        new.auto_delete_at.into(),
        name_in_folder.as_ref().into(),
        new.created_at.into(),
        new.updated_at.into(),
    ];
    Ok(tx.query_opt(&INSERT, &values, |row| row.get(0))?.map(EnvironmentId))
}

/// Writes everything of an environment that may change.
pub fn update(tx: &mut Tx<'_>, environment: &Environment) -> Result<(), Error> {
    let values = [
        environment.external_url.as_ref().into(),
        environment.tier.number().into(),
        environment.state.as_str().into(),
        environment.description.as_ref().into(),
        environment.auto_stop_setting.as_str().into(),
        environment.auto_stop_at.into(),
        environment.auto_delete_at.into(),
        environment.updated_at.into(),
        environment.id.0.into(),
    ];
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

/// Deletes an environment that has no deployments any more.
pub fn delete(tx: &mut Tx<'_>, id: EnvironmentId) -> Result<(), Error> {
    tx.execute(&DELETE, &[id.0.into()])?;
    Ok(())
}

/// Environments, of any project, whose time to be stopped has come, the longest overdue first. Those that wait for a stop
/// job are not among them.
pub fn due_to_stop(conn: &mut Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Environment>, Error> {
    conn.query(&DUE_TO_STOP, &[now.into(), limit.into()], from_row)
}

/// Stopped environments, of any project, whose time to be deleted has come, the longest overdue first.
pub fn due_to_delete(conn: &mut Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Environment>, Error> {
    conn.query(&DUE_TO_DELETE, &[now.into(), limit.into()], from_row)
}

/// Available environments of a project that have not changed since a time and do not wait for a stop job, by id, after
/// the one with the id `after`.
pub fn unchanged_since(
    conn: &mut Conn<'_>,
    project: ProjectId,
    before: Timestamp,
    after: EnvironmentId,
    limit: i64,
) -> Result<Vec<Environment>, Error> {
    let values = [project.0.into(), after.0.into(), before.into(), limit.into()];
    conn.query(&UNCHANGED, &values, from_row)
}

/// Stopped environments of a project in the folder `review` that were made before a time and whose deletion is not
/// planned yet, oldest first.
pub fn review_apps(
    conn: &mut Conn<'_>,
    project: ProjectId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Environment>, Error> {
    conn.query(&REVIEW_APPS, &[project.0.into(), before.into(), limit.into()], from_row)
}

pub(crate) fn from_row(row: &Row<'_>) -> Result<Environment, Error> {
    read(&mut Columns::of(row))
}

/// Reads [`columns!`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Environment, Error> {
    Ok(Environment {
        id: EnvironmentId(columns.next()?),
        project_id: ProjectId(columns.next()?),
        name: columns.next()?,
        slug: columns.next()?,
        external_url: columns.next()?,
        tier: columns.parsed(Tier::from_number)?,
        state: columns.parsed(State::parse)?,
        description: columns.next()?,
        auto_stop_setting: columns.parsed(AutoStopSetting::parse)?,
        auto_stop_at: columns.next()?,
        auto_delete_at: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
    })
}
