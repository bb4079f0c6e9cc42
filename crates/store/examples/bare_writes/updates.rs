//! A new status of one deployment after the other.

use landfall_domain::time::{Clock, SystemClock};
use rusqlite::{Connection, params};

use crate::{Failure, PROJECT, Rows, text};

/// Finished deployments that take turns.
const MOST: i64 = 20_000;
/// Numbers of the statuses that they change between.
const SUCCESS: i64 = 2;
const FAILED: i64 = 3;

/// What an update keeps of a deployment.
struct Deployment {
    id: i64,
    environment: i64,
    job: Option<i64>,
    created_at: i64,
    status: i64,
}

/// The store's statements that an update writes with, and the deployments.
pub(crate) struct Updates {
    update: &'static str,
    append: &'static str,
    deployments: Vec<Deployment>,
    next: usize,
}

impl Updates {
    pub(crate) fn new(connection: &Connection) -> Result<Updates, Failure> {
        let mut finished = connection.prepare(
            "SELECT id, environment_id, job_id, created_at, status FROM deployments \
             WHERE project_id = $1 AND status IN ($2, $3) ORDER BY random() LIMIT $4",
        )?;
        let deployments = finished.query_map(params![PROJECT, SUCCESS, FAILED, MOST], |row| {
            Ok(Deployment {
                id: row.get(0)?,
                environment: row.get(1)?,
                job: row.get(2)?,
                created_at: row.get(3)?,
                status: row.get(4)?,
            })
        })?;
        Ok(Updates {
            update: text("deployments.UPDATE")?,
            append: text("events.APPEND")?,
            deployments: deployments.collect::<Result<_, _>>()?,
            next: 0,
        })
    }
}

impl Rows for Updates {
    fn write(&mut self, connection: &Connection) -> Result<(), Failure> {
        let now = SystemClock.now().0;
        let place = self.next % self.deployments.len().max(1);
        self.next += 1;
        let deployment = self.deployments.get_mut(place).ok_or("no deployment has finished")?;
        let Deployment {
            id,
            environment,
            job,
            created_at,
            ..
        } = *deployment;
        let (to, data) = if deployment.status == SUCCESS {
            (FAILED, r#"{"from":"success","status":"failed"}"#)
        } else {
            (SUCCESS, r#"{"from":"failed","status":"success"}"#)
        };
        deployment.status = to;
        let values = params![job, to, created_at, now, now, id];
        connection.prepare_cached(self.update)?.execute(values)?;
        let values = params!["deployment_updated", PROJECT, id, environment, 1, data, now];
        connection.prepare_cached(self.append)?.execute(values)?;
        Ok(())
    }
}
