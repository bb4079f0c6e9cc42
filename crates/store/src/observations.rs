//! Observations: what hooks have said about deployments, runs and environments. A deployment is made of the set of its
//! observations, so they are kept.

use std::collections::BTreeSet;

use landfall_domain::{
    ids::{DeploymentId, ProjectId},
    time::Timestamp,
};

use crate::{
    engine::{Columns, Conn, Row, Tx, statements},
    error::Error,
    projects,
};

macro_rules! select {
    () => {
        "SELECT id, object, run, data, deployment_id, received_at FROM observations "
    };
}

statements! { "observations";
    INSERT = "INSERT INTO observations (project_id, subject, object, run, digest, data, received_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id";
    OF_SUBJECT = concat!(select!(), "WHERE project_id = $1 AND subject = $2 ORDER BY id");
    OF_OBJECT = concat!(
        "SELECT id, object, run, data, deployment_id, received_at, subject FROM observations ",
        "WHERE project_id = $1 AND object = $2 ORDER BY id"
    );
    OF_DEPLOYMENT = concat!(select!(), "WHERE deployment_id = $1 ORDER BY id");
    PLACE_OF = "SELECT subject, object FROM observations WHERE id = $1";
    SUBJECTS_OF_RUN = "SELECT subject FROM observations WHERE project_id = $1 AND run = $2";
    SET_DEPLOYMENT = "UPDATE observations SET deployment_id = $1 WHERE id = $2";
    DELETE = "DELETE FROM observations WHERE id = $1";
    DELETE_OF_DEPLOYMENT = "DELETE FROM observations WHERE deployment_id = $1";
}

/// An observation to be kept.
#[derive(Clone, Debug)]
pub struct NewObservation {
    /// The project that it is about.
    pub project_id: ProjectId,
    /// What in it: the key of a deployment or run, or an environment.
    pub subject: String,
    /// What a deployment happened to, where one key can stand for several deployments.
    pub object: Option<String>,
    /// The run that a deployment is part of.
    pub run: Option<String>,
    /// Equal for observations that say the same.
    pub digest: String,
    /// What it says, as JSON text.
    pub data: String,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// A kept observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its number, in the order of arrival.
    pub id: i64,
    /// What a deployment happened to, where one key can stand for several deployments.
    pub object: Option<String>,
    /// The run that a deployment is part of.
    pub run: Option<String>,
    /// What it says, as JSON text.
    pub data: String,
    /// The deployment that it is part of, once there is one.
    pub deployment_id: Option<DeploymentId>,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// Where an observation belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key of a deployment or run, or an environment.
    pub subject: String,
    /// What a deployment happened to, where one key can stand for several deployments.
    pub object: Option<String>,
}

/// Keeps an observation and answers its number; `None` if the same was said before.
pub fn insert(tx: &mut Tx<'_>, new: &NewObservation) -> Result<Option<i64>, Error> {
    projects::require(tx, new.project_id)?;
    let values = [
        new.project_id.0.into(),
        (&new.subject).into(),
        new.object.as_ref().into(),
        new.run.as_ref().into(),
        (&new.digest).into(),
        (&new.data).into(),
        new.received_at.into(),
    ];
    tx.query_opt(&INSERT, &values, |row| row.get(0))
}

/// What was said about a subject, in the order of arrival.
pub fn of_subject(conn: &mut Conn<'_>, project: ProjectId, subject: &str) -> Result<Vec<Observed>, Error> {
    conn.query(&OF_SUBJECT, &[project.0.into(), subject.into()], from_row)
}

/// What was said about an object, in the order of arrival, each with its subject.
pub fn of_object(conn: &mut Conn<'_>, project: ProjectId, object: &str) -> Result<Vec<(String, Observed)>, Error> {
    conn.query(&OF_OBJECT, &[project.0.into(), object.into()], |row| {
        Ok((row.get(6)?, from_row(row)?))
    })
}

/// What a deployment is made of, in the order of arrival.
pub fn of_deployment(conn: &mut Conn<'_>, deployment: DeploymentId) -> Result<Vec<Observed>, Error> {
    conn.query(&OF_DEPLOYMENT, &[deployment.0.into()], from_row)
}

/// Where an observation belongs.
pub fn place_of(conn: &mut Conn<'_>, id: i64) -> Result<Option<Place>, Error> {
    conn.query_opt(&PLACE_OF, &[id.into()], |row| {
        Ok(Place {
            subject: row.get(0)?,
            object: row.get(1)?,
        })
    })
}

/// The deployments that were said to be part of a run, by their subjects.
pub fn subjects_of_run(conn: &mut Conn<'_>, project: ProjectId, run: &str) -> Result<BTreeSet<String>, Error> {
    let subjects = conn.query(&SUBJECTS_OF_RUN, &[project.0.into(), run.into()], |row| row.get(0))?;
    Ok(subjects.into_iter().collect())
}

/// Notes which deployment an observation is part of.
pub fn set_deployment(tx: &mut Tx<'_>, id: i64, deployment: DeploymentId) -> Result<(), Error> {
    tx.execute(&SET_DEPLOYMENT, &[deployment.0.into(), id.into()])?;
    Ok(())
}

/// Forgets an observation.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<(), Error> {
    tx.execute(&DELETE, &[id.into()])?;
    Ok(())
}

/// Forgets what a deployment was made of.
pub(crate) fn delete_of_deployment(tx: &mut Tx<'_>, deployment: DeploymentId) -> Result<(), Error> {
    tx.execute(&DELETE_OF_DEPLOYMENT, &[deployment.0.into()])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Observed, Error> {
    let mut columns = Columns::of(row);
    Ok(Observed {
        id: columns.next()?,
        object: columns.next()?,
        run: columns.next()?,
        data: columns.next()?,
        deployment_id: columns.next::<Option<i64>>()?.map(DeploymentId),
        received_at: columns.next()?,
    })
}
