//! The rows of a create.

use landfall_domain::time::{Clock, SystemClock};
use rusqlite::{Connection, params};

use crate::{Failure, PROJECT, Rows, text};

const ENVIRONMENT: &str = "production";
const SHA: &str = "a91957a858320c0e17f3a0eca7cfacbff50ea29a";

/// The store's statements that a create writes with.
pub(crate) struct Inserts {
    environment: &'static str,
    next_iid: &'static str,
    insert: &'static str,
    append: &'static str,
}

impl Inserts {
    pub(crate) fn new() -> Result<Inserts, Failure> {
        Ok(Inserts {
            environment: text("environments.BY_NAME")?,
            next_iid: text("deployments.NEXT_IID")?,
            insert: text("deployments.INSERT")?,
            append: text("events.APPEND")?,
        })
    }
}

impl Rows for Inserts {
    fn write(&mut self, connection: &Connection) -> Result<(), Failure> {
        let prepared = |sql: &str| connection.prepare_cached(sql);
        let now = SystemClock.now().0;
        let environment: i64 =
            prepared(self.environment)?.query_row(params![PROJECT, ENVIRONMENT], |row| row.get(0))?;
        let iid: i64 = prepared(self.next_iid)?.query_row([PROJECT], |row| row.get(0))?;
        let none = None::<i64>;
        let values = params![
            iid,
            PROJECT,
            environment,
            1,
            none,
            "main",
            false,
            SHA,
            none,
            1,
            "api",
            none,
            none,
            none,
            none,
            none,
            false,
            now,
            now,
            none
        ];
        let id: i64 = prepared(self.insert)?.query_row(values, |row| row.get(0))?;
        let data =
            format!(r#"{{"iid":{iid},"environment":"{ENVIRONMENT}","status":"running","sha":"{SHA}","ref":"main"}}"#);
        prepared(self.append)?.execute(params!["deployment_created", PROJECT, id, environment, 1, data, now])?;
        Ok(())
    }
}
