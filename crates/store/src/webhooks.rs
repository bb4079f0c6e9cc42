//! Webhooks: their settings, and how their receivers have been. What is sent to them is in [`crate::webhook_queue`].
//!
//! Tokens, signing secrets and the values of headers and variables are sent, so they are kept as they are.

use landfall_domain::{
    ids::{NamespaceId, ProjectId, WebhookId},
    page::Offset,
    webhook::{BranchFilter, Health, Hidden, Owner, Pair, SigningSecret, Triggers, Webhook},
};

use crate::{
    engine::{Columns, Conn, Row, Tx, Value, statements},
    error::Error,
    groups, projects,
    query::{Query, count},
};

/// The columns of a hook as [`read`] expects them, from a table called `w`.
macro_rules! columns {
    () => {
        "w.id, w.project_id, w.namespace_id, w.url, w.name, w.description, w.token, w.signing_secret, w.ssl_verification, \
         w.triggers, w.push_events_branch_filter, w.branch_filter_strategy, w.custom_webhook_template, w.custom_headers, \
         w.url_variables, w.failures, w.paused_until, w.created_at"
    };
}
pub(crate) use columns;

statements! { "webhooks";
    BY_ID = concat!("SELECT ", columns!(), " FROM webhooks w WHERE w.id = $1");
    INSERT = "INSERT INTO webhooks (project_id, namespace_id, url, name, description, token, signing_secret, \
              ssl_verification, triggers, deployment_events, push_events_branch_filter, branch_filter_strategy, \
              custom_webhook_template, custom_headers, url_variables, failures, paused_until, created_at) VALUES ($1, \
              $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING id";
    UPDATE = "UPDATE webhooks SET project_id = $1, namespace_id = $2, url = $3, name = $4, description = $5, token = $6, \
              signing_secret = $7, ssl_verification = $8, triggers = $9, deployment_events = $10, \
              push_events_branch_filter = $11, branch_filter_strategy = $12, custom_webhook_template = $13, \
              custom_headers = $14, url_variables = $15 WHERE id = $16";
    HEALTH = "SELECT failures, paused_until FROM webhooks WHERE id = $1";
    SET_HEALTH = "UPDATE webhooks SET failures = $1, paused_until = $2 WHERE id = $3";
    DELETE = "DELETE FROM webhooks WHERE id = $1";
    DELETE_OF_PROJECT = "DELETE FROM webhooks WHERE project_id = $1";
    DELETE_OF_GROUP = "DELETE FROM webhooks WHERE namespace_id = $1";
}

/// A page of an owner's hooks, oldest first, and one more if there is another page.
pub fn list(conn: &mut Conn<'_>, owner: Owner, page: Offset) -> Result<Vec<Webhook>, Error> {
    let mut query = Query::new(concat!("SELECT ", columns!(), " FROM webhooks w"));
    of_owner(&mut query, owner)
        .bind(" ORDER BY w.id LIMIT ", page.per_page.saturating_add(1))
        .bind(" OFFSET ", page.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many hooks an owner has.
pub fn total(conn: &mut Conn<'_>, owner: Owner) -> Result<i64, Error> {
    let mut query = Query::new("SELECT count(*) FROM webhooks w");
    count(conn, of_owner(&mut query, owner))
}

/// The owner's hook with this id.
pub fn get(conn: &mut Conn<'_>, owner: Owner, id: WebhookId) -> Result<Option<Webhook>, Error> {
    let found = conn.query_opt(&BY_ID, &[id.0.into()], from_row)?;
    Ok(found.filter(|hook| hook.owner == owner))
}

/// Makes a hook; the id that it has is passed over.
pub fn insert(tx: &mut Tx<'_>, hook: &Webhook) -> Result<WebhookId, Error> {
    match hook.owner {
        Owner::Project(id) => projects::require(tx, id)?,
        Owner::Group(id) => groups::require(tx, id)?,
        Owner::Instance => {}
    }
    let texts = Texts::of(hook)?;
    let mut values = values(hook, &texts);
    let rest: [Value<'_>; 3] = [
        hook.health.failures.into(),
        hook.health.paused_until.into(),
        hook.created_at.into(),
    ];
    values.extend(rest);
    tx.query_one(&INSERT, &values, |row| row.get(0).map(WebhookId))
}

/// Writes the settings of a hook.
pub fn update(tx: &mut Tx<'_>, hook: &Webhook) -> Result<(), Error> {
    let texts = Texts::of(hook)?;
    let mut values = values(hook, &texts);
    values.push(hook.id.0.into());
    tx.execute(&UPDATE, &values)?;
    Ok(())
}

/// How the receiver of the hook with this id has been.
pub fn health(conn: &mut Conn<'_>, id: WebhookId) -> Result<Option<Health>, Error> {
    conn.query_opt(&HEALTH, &[id.0.into()], |row| {
        Ok(Health {
            failures: row.get(0)?,
            paused_until: row.get(1)?,
        })
    })
}

/// Notes how an attempt left a hook.
pub fn set_health(tx: &mut Tx<'_>, id: WebhookId, health: Health) -> Result<(), Error> {
    tx.execute(
        &SET_HEALTH,
        &[health.failures.into(), health.paused_until.into(), id.0.into()],
    )?;
    Ok(())
}

/// Deletes a hook. What waits for it is never sent, and is cleared away with its log by age.
pub fn delete(tx: &mut Tx<'_>, id: WebhookId) -> Result<(), Error> {
    tx.execute(&DELETE, &[id.0.into()])?;
    Ok(())
}

/// Deletes those of a project that goes. What they were told stays in the log for its time.
pub(crate) fn delete_of_project(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), Error> {
    tx.execute(&DELETE_OF_PROJECT, &[project.0.into()])?;
    Ok(())
}

/// Deletes those of a group that goes.
pub(crate) fn delete_of_group(tx: &mut Tx<'_>, group: NamespaceId) -> Result<(), Error> {
    tx.execute(&DELETE_OF_GROUP, &[group.0.into()])?;
    Ok(())
}

fn of_owner<'q, 'v>(query: &'q mut Query<'v>, owner: Owner) -> &'q mut Query<'v> {
    match owner {
        Owner::Project(id) => query.bind(" WHERE w.project_id = ", id.0),
        Owner::Group(id) => query.bind(" WHERE w.namespace_id = ", id.0),
        Owner::Instance => query.push(" WHERE w.project_id IS NULL AND w.namespace_id IS NULL"),
    }
}

/// The texts that a hook's lists are stored as.
struct Texts {
    triggers: String,
    custom_headers: String,
    url_variables: String,
}

impl Texts {
    fn of(hook: &Webhook) -> Result<Texts, Error> {
        Ok(Texts {
            triggers: hook.triggers.to_text(),
            custom_headers: write_pairs(&hook.custom_headers)?,
            url_variables: write_pairs(&hook.url_variables)?,
        })
    }
}

fn values<'a>(hook: &'a Webhook, texts: &'a Texts) -> Vec<Value<'a>> {
    let (project, namespace) = match hook.owner {
        Owner::Project(id) => (Some(id.0), None),
        Owner::Group(id) => (None, Some(id.0)),
        Owner::Instance => (None, None),
    };
    vec![
        project.into(),
        namespace.into(),
        hook.url.expose().into(),
        hook.name.as_ref().into(),
        hook.description.as_ref().into(),
        hook.token.as_ref().map(Hidden::expose).into(),
        hook.signing_secret.as_ref().map(SigningSecret::expose).into(),
        hook.ssl_verification.into(),
        (&texts.triggers).into(),
        hook.triggers.has(landfall_domain::webhook::Trigger::Deployment).into(),
        hook.push_events_branch_filter.as_ref().into(),
        hook.branch_filter_strategy.as_str().into(),
        hook.custom_webhook_template.as_ref().into(),
        (&texts.custom_headers).into(),
        (&texts.url_variables).into(),
    ]
}

fn write_pairs(pairs: &[Pair]) -> Result<String, Error> {
    let texts: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.expose()))
        .collect();
    serde_json::to_string(&texts).map_err(|error| Error::Engine(error.to_string()))
}

/// What cannot be read is not shown: it holds secrets.
fn next_pairs(columns: &mut Columns<'_>) -> Result<Vec<Pair>, Error> {
    let text: String = columns.next()?;
    let pairs: Vec<(String, String)> =
        serde_json::from_str(&text).map_err(|_| Error::corrupt("headers or variables of a webhook"))?;
    Ok(pairs
        .into_iter()
        .map(|(key, value)| (key, Hidden::new(value)))
        .collect())
}

fn next_secret(columns: &mut Columns<'_>) -> Result<Option<SigningSecret>, Error> {
    let text: Option<String> = columns.next()?;
    text.map(|text| SigningSecret::parse(&text).map_err(|_| Error::corrupt("the signing secret of a webhook")))
        .transpose()
}

fn from_row(row: &Row<'_>) -> Result<Webhook, Error> {
    read(&mut Columns::of(row))
}

/// Reads a hook from the columns of [`columns!`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Webhook, Error> {
    Ok(Webhook {
        id: WebhookId(columns.next()?),
        owner: match (columns.next::<Option<i64>>()?, columns.next::<Option<i64>>()?) {
            (Some(project), _) => Owner::Project(ProjectId(project)),
            (None, Some(group)) => Owner::Group(NamespaceId(group)),
            (None, None) => Owner::Instance,
        },
        url: Hidden::new(columns.next()?),
        name: columns.next()?,
        description: columns.next()?,
        token: columns.next::<Option<String>>()?.map(Hidden::new),
        signing_secret: next_secret(columns)?,
        ssl_verification: columns.next()?,
        triggers: columns.parsed(|text: &str| Triggers::parse(text))?,
        push_events_branch_filter: columns.next()?,
        branch_filter_strategy: columns.parsed(BranchFilter::parse)?,
        custom_webhook_template: columns.next()?,
        custom_headers: next_pairs(columns)?,
        url_variables: next_pairs(columns)?,
        health: Health {
            failures: columns.next()?,
            paused_until: columns.next()?,
        },
        created_at: columns.next()?,
    })
}
