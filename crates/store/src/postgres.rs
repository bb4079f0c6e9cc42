//! PostgreSQL: connections on plain threads, because the synchronous client keeps one Rust body per query for both
//! engines and measured no slower than the asynchronous one.

mod history;
mod tls;

use std::{collections::HashMap, sync::Arc, time::Duration};

use postgres::{
    Client, Config, Statement,
    config::TargetSessionAttrs,
    types::{Format, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};
use tracing::{info, warn};

use crate::{
    batch::Writer,
    engine::{Conn, Tx, Value},
    error::{Error, chain},
    read::Reader,
};
pub(crate) use history::Histories;

/// The oldest major version that is tested.
const OLDEST_SERVER: i64 = 140_000;
/// Statements kept prepared on each connection.
const STATEMENT_CACHE: usize = 512;
/// How long to wait for the server to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that acknowledges nothing for so long is gone, with its machine or the way to it.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a connection is silent before the other side is asked whether it is there still, and then how often.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// What each connection of the store is set to: waiting for somebody else's lock ends where SQLite's waiting does, and a
/// node that was cut off in the middle of a transaction does not hold up the others for ever. A server that answers before
/// it flushes is told not to; one that waits for its standbys too goes on doing so.
const SETTINGS: &str = "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; \
                        SELECT set_config('synchronous_commit', 'on', false) \
                        WHERE current_setting('synchronous_commit') = 'off'";
/// When the server was started: [`history::Server`].
const STARTED: &str = "SELECT CAST(extract(epoch FROM pg_postmaster_start_time()) * 1000000 AS BIGINT)";
/// Starts a writing transaction: only one at a time in the whole database, as on SQLite. The number of the lock is any
/// that no other program on the same database uses.
const BEGIN_WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock(7809911861120758632)";
/// Ends it. A bare `COMMIT` of a failed transaction would be taken for a rollback, without that being called an error.
const COMMIT: &str = "SELECT 1; COMMIT";
/// Starts a reading transaction.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A connection that heals itself: lost ones are made anew at the next transaction.
pub(crate) struct Session {
    config: Config,
    client: Option<Client>,
    prepared: HashMap<String, Statement>,
    /// Those of all sessions of the store.
    histories: Arc<Histories>,
    /// The server that the client is connected to.
    server: history::Server,
    /// The history that the transaction reads.
    history: u64,
}

/// Reads a `postgres://` address.
pub(crate) fn parse_url(url: &str) -> Result<Config, Error> {
    let mut config: Config = tls::known_mode(url)
        .parse()
        .map_err(|error| Error::Refused(format!("the database address cannot be read: {}", chain(&error))))?;
    config.application_name("landfall");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    // The parser's own value, two hours, cannot be told from the operator's.
    config.keepalives_idle(config.get_keepalives_idle().min(SILENCE));
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE);
    }
    Ok(config)
}

/// Reads a `postgres://` address of one or several servers, of which only the one that takes writes is meant: what a standby
/// says may be old.
pub(crate) fn parse_primary_url(url: &str) -> Result<Config, Error> {
    let mut config = parse_url(url)?;
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok(config)
}

impl Session {
    /// One that belongs to a store, whose sessions share the histories. The address is to be that of the primary.
    pub(crate) fn new(config: Config, histories: Arc<Histories>) -> Session {
        Session {
            config,
            client: None,
            prepared: HashMap::new(),
            histories,
            server: 0,
            history: 0,
        }
    }

    /// Says which states of the database the transaction's can be compared with: those of the same number. One of a greater
    /// number is later.
    pub(crate) fn history(&self) -> u64 {
        self.history
    }

    /// Connects now, and refuses servers that are too old.
    pub(crate) fn connect(config: &Config) -> Result<Client, Error> {
        let mut client = tls::connect(config).map_err(|error| match error {
            Error::Engine(text) => Error::Unavailable(text),
            other => other,
        })?;
        let version: i64 = client
            .query_one("SELECT CAST(current_setting('server_version_num') AS BIGINT)", &[])
            .and_then(|row| row.try_get(0))?;
        refuse_too_old(version)?;
        // Compiling costs more than it gains on statements as short as these.
        client.batch_execute("SET jit = off; SET TIME ZONE 'UTC'; SET standard_conforming_strings = on")?;
        Ok(client)
    }

    fn client(&mut self) -> Result<&mut Client, Error> {
        self.client
            .as_mut()
            .ok_or_else(|| Error::Unavailable("the connection was lost".to_owned()))
    }

    /// A connection that works, as far as one can tell without asking.
    fn ensure(&mut self) -> Result<(), Error> {
        if self.client.as_ref().is_some_and(|client| !client.is_closed())
            && let Some(history) = self.histories.of(self.server)
        {
            self.history = history;
            return Ok(());
        }
        self.client = None;
        self.prepared.clear();
        let mut client = Session::connect(&self.config)?;
        client.batch_execute(SETTINGS)?;
        self.server = client.query_one(STARTED, &[]).and_then(|row| row.try_get(0))?;
        self.history = self.histories.connected(self.server);
        self.client = Some(client);
        Ok(())
    }

    /// Starts a transaction; a connection that turns out to be dead is replaced once.
    fn begin(&mut self, sql: &str) -> Result<(), Error> {
        self.ensure()?;
        match self.batch(sql) {
            Err(error) if error.is_disconnect() => {
                info!(%error, "connecting to PostgreSQL again");
                self.ensure()?;
                self.batch(sql)
            }
            other => other,
        }
    }

    fn end(&mut self, sql: &str) {
        if let Some(client) = &mut self.client
            && let Err(error) = client.batch_execute(sql)
        {
            warn!(%error, "ending a transaction failed, the connection is dropped");
            self.client = None;
        }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        if self.prepared.len() >= STATEMENT_CACHE {
            self.prepared.clear();
        }
        let statement = self.run(|client| client.prepare(sql))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<postgres::Row>, Error> {
        let statement = self.statement(sql)?;
        self.run(|client| client.query(&statement, &parameters(values)))
    }

    /// Runs a statement that takes an array for each column.
    pub(crate) fn query_columns(&mut self, sql: &str, columns: &[Vec<Value<'_>>]) -> Result<Vec<postgres::Row>, Error> {
        let statement = self.statement(sql)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
        self.run(|client| client.query(&statement, &parameters))
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.statement(sql)?;
        self.run(|client| client.execute(&statement, &parameters(values)))
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.run(|client| client.batch_execute(sql))
    }

    /// Every call to the server. A connection that is of no further use is dropped: also one to a server that has become
    /// a read-only standby, because the next one may lead to its successor.
    fn run<T>(&mut self, call: impl FnOnce(&mut Client) -> Result<T, postgres::Error>) -> Result<T, Error> {
        let result = call(self.client()?).map_err(Error::from);
        if result.as_ref().is_err_and(Error::is_disconnect) {
            self.client = None;
        }
        result
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), Error> {
        self.run(|client| client.prepare(sql).map(drop))
    }
}

/// By the number that servers give their version: 140011 is 14.11.
fn refuse_too_old(version: i64) -> Result<(), Error> {
    if version >= OLDEST_SERVER {
        return Ok(());
    }
    let major = version / 10_000;
    Err(Error::Refused(format!(
        "PostgreSQL {major} is too old; version 14 or newer is needed"
    )))
}

fn parameters<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) => value.to_sql_checked(ty, out),
            Value::Real(value) => value.to_sql_checked(ty, out),
            Value::Bool(value) => value.to_sql_checked(ty, out),
            Value::Text(value) => value.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }

    to_sql_checked!();
}

impl Writer for Session {
    fn begin(&mut self) -> Result<(), Error> {
        Session::begin(self, BEGIN_WRITE)
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::new(Conn::postgres(self))
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.batch(COMMIT)
    }

    fn rollback(&mut self) {
        self.end("ROLLBACK");
    }

    fn takes_in_late(&self) -> bool {
        false
    }
}

impl Reader for Session {
    fn begin(&mut self) -> Result<Conn<'_>, Error> {
        Session::begin(self, BEGIN_READ)?;
        Ok(Conn::postgres(self))
    }

    fn end(&mut self) {
        Session::end(self, "COMMIT");
    }

    fn alone(&mut self) -> Result<Conn<'_>, Error> {
        self.ensure()?;
        Ok(Conn::postgres(self))
    }

    fn end_alone(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_before_14_are_refused() {
        for version in [140_000, 140_011, 180_001] {
            refuse_too_old(version).unwrap();
        }
        let refused = refuse_too_old(130_022).unwrap_err().to_string();
        assert!(
            refused.contains("PostgreSQL 13 is too old; version 14 or newer is needed"),
            "{refused}"
        );
    }
}
