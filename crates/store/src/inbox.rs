//! The inbox: every delivery of a hook, as it came, and how far its processing has come.
//!
//! A delivery that waits is *due* at some time. Who takes it moves that time into the future and so holds it for a while;
//! if that node goes, the delivery is due again. Whoever finishes it names the time that it holds it until, so a node that
//! was overtaken finishes nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use landfall_domain::{
    hook::{Delivery, DeliveryState, Sender},
    ids::{DeliveryId, HookSourceId, ProjectId},
    page::Offset,
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    query::{self, Query},
};

macro_rules! select {
    () => {
        "SELECT i.id, i.source_id, i.sender, i.project_id, i.external_id, i.event, i.state, i.note, i.attempts, \
         i.received_at, i.processed_at FROM inbox i"
    };
}

statements! { "inbox";
    BY_ID = concat!(select!(), " WHERE i.id = $1");
    CONTENT = "SELECT headers, body, encoded FROM inbox_contents WHERE delivery_id = $1";
    KNOWN = "SELECT id FROM inbox WHERE source_id = $1 AND external_id = $2";
    INSERT = "INSERT INTO inbox (source_id, sender, project_id, external_id, event, state, attempts, received_at, due_at) \
              VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6) RETURNING id";
    INSERT_CONTENT = "INSERT INTO inbox_contents (delivery_id, headers, body, encoded) VALUES ($1, $2, $3, $4)";
    LEASE = "UPDATE inbox SET due_at = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM inbox \
             WHERE state = 'waiting' AND due_at <= $2 ORDER BY due_at, id LIMIT $3) RETURNING id, attempts";
    NEXT_DUE = "SELECT due_at FROM inbox WHERE state = 'waiting' ORDER BY due_at LIMIT 1";
    FINISH = "UPDATE inbox SET state = $1, note = $2, project_id = coalesce($3, project_id), processed_at = $4 \
              WHERE id = $5 AND state = 'waiting' AND due_at = $6";
    POSTPONE = "UPDATE inbox SET due_at = $1, note = $2 WHERE id = $3 AND state = 'waiting' AND due_at = $4";
    REPLAY = "UPDATE inbox SET state = 'waiting', note = NULL, attempts = 0, due_at = $1, processed_at = NULL \
              WHERE id = $2 AND state <> 'waiting'";
    REPLAY_FAILED = "UPDATE inbox SET state = 'waiting', note = NULL, attempts = 0, due_at = $1, processed_at = NULL \
                     WHERE state = 'failed'";
    OLD = "SELECT id FROM inbox WHERE state = $1 AND processed_at < $2 ORDER BY processed_at, id LIMIT $3";
    DELETE_CONTENT = "DELETE FROM inbox_contents WHERE delivery_id = $1";
    DELETE = "DELETE FROM inbox WHERE id = $1";
}

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The headers without secrets, a JSON object of texts.
    pub headers: String,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

/// A delivery to be stored.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Where it came from.
    pub source_id: HookSourceId,
    /// Which kind of sender that is.
    pub sender: Sender,
    /// The project, if the source has only one.
    pub project_id: Option<ProjectId>,
    /// The sender's own id of it.
    pub external_id: Option<String>,
    /// What the sender calls this kind of event.
    pub event: Option<String>,
    /// What was sent.
    pub content: Content,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// What came of storing a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is stored.
    New(DeliveryId),
    /// The source had sent it before.
    Repeated(DeliveryId),
}

/// A delivery that this node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub id: DeliveryId,
    /// Until when nobody else takes it.
    pub until: Timestamp,
    /// How often it was taken, this time included.
    pub attempts: i64,
}

/// How the processing of a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// [`DeliveryState::Done`], `Ignored` or `Failed`.
    pub state: DeliveryState,
    /// Why, or what was left out.
    pub note: Option<String>,
    /// The project that it is about, as far as that was found out.
    pub project_id: Option<ProjectId>,
    /// When.
    pub at: Timestamp,
}

/// Which deliveries to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct InboxFilter {
    /// Those of this project only.
    pub project_id: Option<ProjectId>,
    /// Those of this source only.
    pub source_id: Option<HookSourceId>,
    /// Those in this state only.
    pub state: Option<DeliveryState>,
}

/// Stores a delivery, unless the source has sent it before.
pub fn insert(tx: &mut Tx<'_>, new: &NewDelivery) -> Result<Stored, Error> {
    if let Some(external_id) = &new.external_id {
        let known = tx.query_opt(&KNOWN, &[new.source_id.0.into(), external_id.into()], |row| row.get(0))?;
        if let Some(id) = known {
            return Ok(Stored::Repeated(DeliveryId(id)));
        }
    }
    let values = [
        new.source_id.0.into(),
        new.sender.as_str().into(),
        new.project_id.map(|id| id.0).into(),
        new.external_id.as_ref().into(),
        new.event.as_ref().into(),
        new.received_at.into(),
    ];
    let id: i64 = tx.query_one(&INSERT, &values, |row| row.get(0))?;
    let (body, encoded) = as_text(&new.content.body);
    let values = [id.into(), (&new.content.headers).into(), (&body).into(), encoded.into()];
    tx.execute(&INSERT_CONTENT, &values)?;
    Ok(Stored::New(DeliveryId(id)))
}

/// A body as a column can hold it: as it is, or in base64 where it is no text or has a NUL, which PostgreSQL refuses.
fn as_text(body: &[u8]) -> (String, bool) {
    match str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

/// The delivery with this id.
pub fn by_id(conn: &mut Conn<'_>, id: DeliveryId) -> Result<Option<Delivery>, Error> {
    conn.query_opt(&BY_ID, &[id.0.into()], from_row)
}

/// What was sent with it.
pub fn content(conn: &mut Conn<'_>, id: DeliveryId) -> Result<Option<Content>, Error> {
    conn.query_opt(&CONTENT, &[id.0.into()], |row| {
        let (headers, body, encoded): (String, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let body = if encoded {
            STANDARD
                .decode(body)
                .map_err(|error| Error::corrupt(error.to_string()))?
        } else {
            body.into_bytes()
        };
        Ok(Content { headers, body })
    })
}

/// A page of deliveries, newest first, and one more if there is another page.
pub fn list(conn: &mut Conn<'_>, filter: InboxFilter, page: Offset) -> Result<Vec<Delivery>, Error> {
    let mut query = Query::new(concat!(select!(), " WHERE 1 = 1"));
    apply(&mut query, filter);
    query
        .bind(" ORDER BY i.id DESC LIMIT ", page.per_page.saturating_add(1))
        .bind(" OFFSET ", page.start());
    conn.query_text(query.sql(), query.values(), from_row)
}

/// How many deliveries the filter lets through, counted up to `limit`.
pub fn count(conn: &mut Conn<'_>, filter: InboxFilter, limit: i64) -> Result<i64, Error> {
    let mut query = Query::new("SELECT count(*) FROM (SELECT i.id FROM inbox i WHERE 1 = 1");
    apply(&mut query, filter);
    query.bind(" LIMIT ", limit).push(") AS counted");
    query::count(conn, &query)
}

fn apply(query: &mut Query<'_>, filter: InboxFilter) {
    if let Some(project) = filter.project_id {
        query.bind(" AND i.project_id = ", project.0);
    }
    if let Some(source) = filter.source_id {
        query.bind(" AND i.source_id = ", source.0);
    }
    if let Some(state) = filter.state {
        query.bind(" AND i.state = ", state.as_str());
    }
}

/// Takes deliveries that are due, the longest waiting first, and holds them until a time.
pub fn lease(tx: &mut Tx<'_>, now: Timestamp, until: Timestamp, limit: i64) -> Result<Vec<Held>, Error> {
    let mut held = tx.query(&LEASE, &[until.into(), now.into(), limit.into()], |row| {
        Ok(Held {
            id: DeliveryId(row.get(0)?),
            until,
            attempts: row.get(1)?,
        })
    })?;
    held.sort_by_key(|held| held.id);
    Ok(held)
}

/// When the next delivery is due; `None` if none waits.
pub fn next_due(conn: &mut Conn<'_>) -> Result<Option<Timestamp>, Error> {
    conn.query_opt(&NEXT_DUE, &[], |row| row.get(0))
}

/// Notes how the processing of a delivery ended; `false` if somebody else holds it by now, and then nothing that was done
/// for it may stay.
pub fn finish(tx: &mut Tx<'_>, held: Held, finished: &Finished) -> Result<bool, Error> {
    let values = [
        finished.state.as_str().into(),
        finished.note.as_ref().into(),
        finished.project_id.map(|id| id.0).into(),
        finished.at.into(),
        held.id.0.into(),
        held.until.into(),
    ];
    Ok(tx.execute(&FINISH, &values)? == 1)
}

/// Gives a delivery back, to be taken again at a time; `false` if somebody else holds it by now.
pub fn postpone(tx: &mut Tx<'_>, held: Held, due_at: Timestamp, note: &str) -> Result<bool, Error> {
    let values = [due_at.into(), note.into(), held.id.0.into(), held.until.into()];
    Ok(tx.execute(&POSTPONE, &values)? == 1)
}

/// Lets a delivery wait again; `false` if it waits already, or is not there.
pub fn replay(tx: &mut Tx<'_>, id: DeliveryId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&REPLAY, &[now.into(), id.0.into()])? == 1)
}

/// Lets all that failed wait again; answers how many.
pub fn replay_failed(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, Error> {
    tx.execute(&REPLAY_FAILED, &[now.into()])
}

/// At most `limit` deliveries that came to this state before a time, the oldest first.
pub fn old(conn: &mut Conn<'_>, state: DeliveryState, before: Timestamp, limit: i64) -> Result<Vec<DeliveryId>, Error> {
    conn.query(&OLD, &[state.as_str().into(), before.into(), limit.into()], |row| {
        row.get(0).map(DeliveryId)
    })
}

/// Forgets a delivery.
pub fn forget(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), Error> {
    tx.execute(&DELETE_CONTENT, &[id.0.into()])?;
    tx.execute(&DELETE, &[id.0.into()])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Delivery, Error> {
    let mut columns = Columns::of(row);
    Ok(Delivery {
        id: DeliveryId(columns.next()?),
        source_id: HookSourceId(columns.next()?),
        sender: columns.parsed(Sender::parse)?,
        project_id: columns.next::<Option<i64>>()?.map(ProjectId),
        external_id: columns.next()?,
        event: columns.next()?,
        state: columns.parsed(DeliveryState::parse)?,
        note: columns.next()?,
        attempts: columns.next()?,
        received_at: columns.next()?,
        processed_at: columns.next()?,
    })
}
