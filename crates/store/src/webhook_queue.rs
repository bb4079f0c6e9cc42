//! What is sent to webhooks: messages, the queue of deliveries that are to be made, and the log of attempts.
//!
//! The queue is an outbox: its rows are written in the transaction that makes the change. A row is taken by a node for a
//! while and goes when the delivery has been made or given up, so a node that dies loses none, and at worst one is made
//! twice. Of one hook, one delivery at a time is under way, in the order of the changes.

use landfall_domain::{
    ids::WebhookId,
    page::Offset,
    time::Timestamp,
    webhook::{Health, Webhook},
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    query::{self, Query},
    webhooks,
};

/// Hooks, among those after the first value, that have a delivery due at the time of the second, are not paused and have
/// none under way. Hooks are found one after the other by index, so that it does not matter how much waits for each.
macro_rules! due {
    () => {
        concat!(
            "WITH RECURSIVE waiting (hook_id) AS (SELECT min(hook_id) FROM webhook_queue WHERE hook_id > $1 \
             UNION ALL SELECT (SELECT min(q.hook_id) FROM webhook_queue q WHERE q.hook_id > waiting.hook_id) \
                 FROM waiting WHERE waiting.hook_id IS NOT NULL) \
             SELECT ",
            webhooks::columns!(),
            " FROM waiting JOIN webhooks w ON w.id = waiting.hook_id \
             WHERE (w.paused_until IS NULL OR w.paused_until <= $2) AND w.failures < $3 \
             AND EXISTS (SELECT 1 FROM webhook_queue q WHERE q.hook_id = w.id AND q.due_at <= $2) \
             AND NOT EXISTS (SELECT 1 FROM webhook_queue q WHERE q.hook_id = w.id AND q.holder IS NOT NULL AND q.due_at > $2) \
             LIMIT $4"
        )
    };
}

macro_rules! log_columns {
    () => {
        "l.id, l.hook_id, l.message_id, l.idempotency_key, l.trigger_name, l.url, l.request_headers, l.response_status, \
         l.response_headers, l.response_body, l.duration, l.created_at"
    };
}

statements! { "webhook_queue";
    DUE = due!();
    LENGTH = "SELECT count(*) FROM (SELECT id FROM webhook_queue LIMIT $1) AS counted";
    ADD_MESSAGE = "INSERT INTO webhook_messages (event_uuid, facts, created_at) VALUES ($1, $2, $3) RETURNING id";
    MESSAGE = "SELECT id, event_uuid, facts, body, created_at FROM webhook_messages WHERE id = $1";
    SET_BODY = "UPDATE webhook_messages SET body = $1 WHERE id = $2 AND body IS NULL";
    IN_CHAIN = "SELECT q.hook_id FROM webhook_messages m JOIN webhook_queue q ON q.message_id = m.id WHERE m.event_uuid = $1 \
                AND m.created_at <= $2 \
                UNION SELECT l.hook_id FROM webhook_messages m JOIN webhook_log l ON l.message_id = m.id \
                WHERE m.event_uuid = $1 AND m.created_at <= $2 ORDER BY 1";
    ADD = "INSERT INTO webhook_queue (hook_id, message_id, idempotency_key, attempts, due_at, created_at) \
           VALUES ($1, $2, $3, 0, $4, $4)";
    // A sum, so that the rows are read in the order of their ids: by the time that they are due, all would have to be sorted.
    TAKE = "UPDATE webhook_queue SET holder = $1, due_at = $2, attempts = attempts + 1 WHERE id = (\
                SELECT q.id FROM webhook_queue q WHERE q.hook_id = $3 AND q.due_at + 0 <= $4 AND NOT EXISTS (\
                    SELECT 1 FROM webhook_queue held WHERE held.hook_id = $3 AND held.holder IS NOT NULL \
                    AND held.due_at > $4) \
                ORDER BY q.id LIMIT 1) \
            RETURNING id, message_id, idempotency_key, attempts, created_at";
    LATER = "UPDATE webhook_queue SET holder = NULL, due_at = $1 WHERE id = $2 AND holder = $3";
    DONE = "DELETE FROM webhook_queue WHERE id = $1";
    LOG = "INSERT INTO webhook_log (hook_id, message_id, idempotency_key, trigger_name, url, request_headers, \
           response_status, response_headers, response_body, duration, created_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    LOGGED = concat!("SELECT ", log_columns!(), " FROM webhook_log l WHERE l.id = $1");
    HAS_OLD = "SELECT EXISTS (SELECT 1 FROM webhook_log WHERE created_at < $1) \
               OR EXISTS (SELECT 1 FROM webhook_queue WHERE created_at < $2)";
    PRUNE_LOG = "DELETE FROM webhook_log WHERE id IN (\
                 SELECT id FROM webhook_log WHERE created_at < $1 ORDER BY created_at, id LIMIT $2)";
    PRUNE_QUEUE = "DELETE FROM webhook_queue WHERE id IN (\
                   SELECT id FROM webhook_queue WHERE created_at < $1 ORDER BY created_at, id LIMIT $2)";
    PRUNE_MESSAGES = "DELETE FROM webhook_messages WHERE id IN (\
                      SELECT m.id FROM webhook_messages m WHERE m.created_at < $1 \
                      AND NOT EXISTS (SELECT 1 FROM webhook_log l WHERE l.message_id = m.id) \
                      AND NOT EXISTS (SELECT 1 FROM webhook_queue q WHERE q.message_id = m.id) \
                      ORDER BY m.created_at, m.id LIMIT $2)";
}

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// The chain of events that it belongs to.
    pub event_uuid: String,
    /// What was so at the moment of the change, as JSON of the server's own.
    pub facts: String,
    /// The body that is sent, once it has been made.
    pub body: Option<String>,
    /// When the change was.
    pub created_at: Timestamp,
}

/// A delivery that its holder is to make now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub id: i64,
    /// What is sent.
    pub message_id: i64,
    /// The same at each attempt.
    pub idempotency_key: String,
    /// Attempts, this one among them.
    pub attempts: i64,
    /// When it was to be made first.
    pub created_at: Timestamp,
}

/// An attempt, without anything that must not be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Its number; passed over when it is written.
    pub id: i64,
    /// To which hook.
    pub hook_id: WebhookId,
    /// What was sent.
    pub message_id: i64,
    /// Which delivery it was of.
    pub idempotency_key: String,
    /// What the hook was told of, in GitLab's word for the log.
    pub trigger: String,
    /// Where it was sent.
    pub url: String,
    /// With which headers, as a JSON object.
    pub request_headers: String,
    /// The status of the answer, if there was one.
    pub response_status: Option<i64>,
    /// The headers of the answer, as a JSON object.
    pub response_headers: String,
    /// The beginning of the answer, or why there was none.
    pub response_body: String,
    /// Seconds that it took.
    pub duration: f64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Which attempts are listed: those with a status from the first to the last, and those without any if that is wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusFilter {
    /// The lowest status.
    pub from: i64,
    /// The highest.
    pub to: i64,
    /// Whether attempts without an answer are among them.
    pub unanswered: bool,
}

/// Whether a delivery can be made now.
pub fn is_due(conn: &mut Conn<'_>, now: Timestamp) -> Result<bool, Error> {
    Ok(!due_hooks(conn, now, WebhookId(0), 1)?.is_empty())
}

/// Hooks with a delivery that can be made now, by id, those after the given one.
pub fn due_hooks(conn: &mut Conn<'_>, now: Timestamp, after: WebhookId, limit: i64) -> Result<Vec<Webhook>, Error> {
    let values = [after.0.into(), now.into(), Health::FATAL.into(), limit.into()];
    conn.query(&DUE, &values, |row| webhooks::read(&mut Columns::of(row)))
}

/// Deliveries that are waiting or under way; counting ends at `limit`.
pub fn length(conn: &mut Conn<'_>, limit: i64) -> Result<i64, Error> {
    conn.query_one(&LENGTH, &[limit.into()], |row| row.get(0))
}

/// Adds a message, and answers its number.
pub fn add_message(tx: &mut Tx<'_>, event_uuid: &str, facts: &str, now: Timestamp) -> Result<i64, Error> {
    let values = [event_uuid.into(), facts.into(), now.into()];
    tx.query_one(&ADD_MESSAGE, &values, |row| row.get(0))
}

/// The message with this number.
pub fn message(conn: &mut Conn<'_>, id: i64) -> Result<Option<Message>, Error> {
    conn.query_opt(&MESSAGE, &[id.into()], |row| {
        Ok(Message {
            id: row.get(0)?,
            event_uuid: row.get(1)?,
            facts: row.get(2)?,
            body: row.get(3)?,
            created_at: row.get(4)?,
        })
    })
}

/// Gives a message its body, unless it has one, and answers the one that it has then.
pub fn set_body(tx: &mut Tx<'_>, id: i64, body: &str) -> Result<Option<String>, Error> {
    tx.execute(&SET_BODY, &[body.into(), id.into()])?;
    Ok(message(tx, id)?.and_then(|message| message.body))
}

/// The hooks that had been told in a chain of events by a time.
pub fn in_chain(conn: &mut Conn<'_>, event_uuid: &str, by: Timestamp) -> Result<Vec<WebhookId>, Error> {
    conn.query(&IN_CHAIN, &[event_uuid.into(), by.into()], |row| {
        row.get(0).map(WebhookId)
    })
}

/// Adds a delivery, due at once. [`crate::Store::deliveries`] rings when it is committed.
pub fn add(tx: &mut Tx<'_>, hook: WebhookId, message: i64, idempotency_key: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        &ADD,
        &[hook.0.into(), message.into(), idempotency_key.into(), now.into()],
    )?;
    tx.note_delivery();
    Ok(())
}

/// Takes the hook's first due delivery until a time, unless one of the hook is under way.
pub fn take(
    tx: &mut Tx<'_>,
    hook: WebhookId,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Taken>, Error> {
    let values = [holder.into(), until.into(), hook.0.into(), now.into()];
    tx.query_opt(&TAKE, &values, |row| {
        Ok(Taken {
            id: row.get(0)?,
            message_id: row.get(1)?,
            idempotency_key: row.get(2)?,
            attempts: row.get(3)?,
            created_at: row.get(4)?,
        })
    })
}

/// Gives a delivery back, to be made from a time on. One that somebody else has taken by now is left alone.
pub fn later(tx: &mut Tx<'_>, id: i64, holder: &str, due_at: Timestamp) -> Result<(), Error> {
    tx.execute(&LATER, &[due_at.into(), id.into(), holder.into()])?;
    Ok(())
}

/// Takes a delivery that was made, or was given up, out of the queue.
pub fn done(tx: &mut Tx<'_>, id: i64) -> Result<(), Error> {
    tx.execute(&DONE, &[id.into()])?;
    Ok(())
}

/// Notes an attempt, and answers its number.
pub fn log(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<i64, Error> {
    let values = [
        attempt.hook_id.0.into(),
        attempt.message_id.into(),
        (&attempt.idempotency_key).into(),
        (&attempt.trigger).into(),
        (&attempt.url).into(),
        (&attempt.request_headers).into(),
        attempt.response_status.into(),
        (&attempt.response_headers).into(),
        (&attempt.response_body).into(),
        attempt.duration.into(),
        attempt.created_at.into(),
    ];
    tx.query_one(&LOG, &values, |row| row.get(0))
}

/// The attempt of a hook with this number.
pub fn logged(conn: &mut Conn<'_>, hook: WebhookId, id: i64) -> Result<Option<Attempt>, Error> {
    let found = conn.query_opt(&LOGGED, &[id.into()], from_row)?;
    Ok(found.filter(|attempt| attempt.hook_id == hook))
}

/// A page of a hook's attempts since a time, newest first, and one more if there is another page.
pub fn list_logged(
    conn: &mut Conn<'_>,
    hook: WebhookId,
    since: Timestamp,
    status: Option<StatusFilter>,
    page: Offset,
) -> Result<Vec<Attempt>, Error> {
    let mut query = Query::new(concat!("SELECT ", log_columns!(), " FROM webhook_log l"));
    filter_log(&mut query, hook, since, status)
        .bind(" ORDER BY l.id DESC LIMIT ", page.per_page.saturating_add(1))
        .bind(" OFFSET ", page.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many attempts [`list_logged`] has on all pages; counting ends at `limit`.
pub fn count_logged(
    conn: &mut Conn<'_>,
    hook: WebhookId,
    since: Timestamp,
    status: Option<StatusFilter>,
    limit: i64,
) -> Result<i64, Error> {
    let mut query = Query::new("SELECT count(*) FROM (SELECT l.id FROM webhook_log l");
    filter_log(&mut query, hook, since, status)
        .bind(" LIMIT ", limit)
        .push(") AS counted");
    query::count(conn, &query)
}

fn filter_log<'q, 'v>(
    query: &'q mut Query<'v>,
    hook: WebhookId,
    since: Timestamp,
    status: Option<StatusFilter>,
) -> &'q mut Query<'v> {
    query
        .bind(" WHERE l.hook_id = ", hook.0)
        .bind(" AND l.created_at >= ", since);
    if let Some(status) = status {
        query
            .bind(" AND (l.response_status BETWEEN ", status.from)
            .bind(" AND ", status.to)
            .push(if status.unanswered {
                " OR l.response_status IS NULL)"
            } else {
                ")"
            });
    }
    query
}

/// Ages from which on things are cleared away.
#[derive(Clone, Copy, Debug)]
pub struct Old {
    /// Attempts before this are no longer listed.
    pub log: Timestamp,
    /// Deliveries before this were given up, or their hook is gone.
    pub queue: Timestamp,
}

/// Whether there is something to clear away.
pub fn has_old(conn: &mut Conn<'_>, old: Old) -> Result<bool, Error> {
    conn.query_one(&HAS_OLD, &[old.log.into(), old.queue.into()], |row| row.get(0))
}

/// Clears a little of what is old away; answers how many rows.
pub fn prune(tx: &mut Tx<'_>, old: Old, limit: i64) -> Result<u64, Error> {
    Ok(tx.execute(&PRUNE_LOG, &[old.log.into(), limit.into()])?
        + tx.execute(&PRUNE_QUEUE, &[old.queue.into(), limit.into()])?
        + tx.execute(&PRUNE_MESSAGES, &[old.log.into(), limit.into()])?)
}

fn from_row(row: &Row<'_>) -> Result<Attempt, Error> {
    let mut columns = Columns::of(row);
    Ok(Attempt {
        id: columns.next()?,
        hook_id: WebhookId(columns.next()?),
        message_id: columns.next()?,
        idempotency_key: columns.next()?,
        trigger: columns.next()?,
        url: columns.next()?,
        request_headers: columns.next()?,
        response_status: columns.next()?,
        response_headers: columns.next()?,
        response_body: columns.next()?,
        duration: columns.next()?,
        created_at: columns.next()?,
    })
}
