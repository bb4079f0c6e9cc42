//! Deployments: one at a time. The list is in [`crate::deployment_list`].

use landfall_domain::{
    deployment::{Deployment, DeploymentDetails, Facts, Note, Source, Status},
    ids::{DeploymentId, EnvironmentId, Iid, JobRowId, OriginId, ProjectId, UserId},
    job::Job,
    origin::DeploymentOrigin,
    time::Timestamp,
    webhook::Owner,
};

use crate::{
    engine::{Column, Columns, Conn, Row, Stmt, Tx, Value, statements},
    environments,
    error::Error,
    jobs, merge_requests, observations,
    places::{a_hundred, hundred, twenty},
    users,
};

mod many;

#[cfg(any(test, feature = "testing"))]
pub(crate) use self::many::POSTGRES_STATEMENTS;
pub use self::many::{LastIids, insert_many, update_many};

/// The columns of a deployment as [`read`] expects them, from a table called `d`.
macro_rules! columns {
    () => {
        "d.id, d.iid, d.project_id, d.environment_id, d.user_id, d.job_id, d.git_ref, d.tag, d.sha, d.commit_id, \
         d.status, d.source, d.external_id, d.service, d.description, d.notes, d.artifacts, d.owned_by_gitlab, \
         d.origin_id, d.origin_deployment_id, d.origin_url, \
         d.created_at, d.updated_at, d.finished_at"
    };
}

/// The columns that a new deployment has values for.
macro_rules! inserted {
    () => {
        "iid, project_id, environment_id, user_id, job_id, git_ref, tag, sha, commit_id, status, source, external_id, \
         service, description, notes, artifacts, owned_by_gitlab, created_at, updated_at, finished_at"
    };
}

use inserted;

/// Inserts a deployment.
macro_rules! insert {
    () => {
        concat!(
            "INSERT INTO deployments (",
            inserted!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        )
    };
}

/// A deployment with all that its wire form shows, up to the condition.
macro_rules! select {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            environments::columns!(),
            ", ",
            jobs::columns!(),
            ", ",
            users::columns!(),
            " FROM deployments d JOIN environments e ON e.id = d.environment_id LEFT JOIN users u ON u.id = d.user_id ",
            jobs::joins!()
        )
    };
}

/// A deployment with its job and without what many share, from where its columns end up to the condition.
macro_rules! select_with_job {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", ",
            jobs::columns!(),
            " FROM deployments d ",
            jobs::joins!()
        )
    };
}

statements! { "deployments";
    GET = concat!(select!(), " WHERE d.id = $1");
    BY_EXTERNAL_ID = concat!(select!(), " WHERE d.project_id = $1 AND d.source = $2 AND d.external_id = $3");
    BY_ORIGIN = concat!(select!(), " WHERE d.origin_id = $1 AND d.origin_deployment_id = $2");
    GET_20 = concat!(select!(), " WHERE d.id IN (", twenty!(), ")");
    GET_100 = concat!(select!(), " WHERE d.id IN (", hundred!(), ")");
    WITH_JOB = concat!(select_with_job!(), " WHERE d.id = $1");
    WITH_JOBS_20 = concat!(select_with_job!(), " WHERE d.id IN (", twenty!(), ")");
    WITH_JOBS_100 = concat!(select_with_job!(), " WHERE d.id IN (", hundred!(), ")");
    LAST = "SELECT id FROM deployments WHERE environment_id = $1 AND status = 2 AND finished_at IS NOT NULL \
            ORDER BY finished_at DESC, id DESC LIMIT 1";
    PREVIOUS = "SELECT sha, commit_id FROM deployments WHERE environment_id = $1 AND status = 2 AND finished_at <= $2 \
                AND NOT (finished_at = $2 AND id >= $3) ORDER BY finished_at DESC, id DESC LIMIT 1";
    NEWEST = "SELECT id FROM deployments WHERE project_id = $1 ORDER BY id DESC LIMIT 1";
    NEWEST_OF_GROUP = "SELECT (SELECT d.id FROM deployments d WHERE d.project_id = p.id ORDER BY d.id DESC LIMIT 1) AS newest \
                       FROM projects p WHERE p.namespace_id IN (SELECT a.namespace_id FROM namespace_ancestors a \
                       WHERE a.ancestor_id = $1) ORDER BY newest DESC NULLS LAST LIMIT 1";
    NEWEST_OF_ALL = "SELECT id FROM deployments WHERE id > 0 ORDER BY id DESC LIMIT 1";
    // A range of one environment, and not the environment, so that PostgreSQL can read this order only from the index that
    // begins with it. It would otherwise walk through all deployments by id.
    OF_ENVIRONMENT = concat!("SELECT ", columns!(), " FROM deployments d WHERE d.environment_id BETWEEN $1 AND $1 \
                      ORDER BY d.environment_id, d.id LIMIT $2");
    CHANGED_SINCE = "SELECT 1 FROM (SELECT updated_at FROM deployments WHERE environment_id BETWEEN $1 AND $1 \
                     ORDER BY environment_id DESC, id DESC LIMIT $2) AS newest WHERE updated_at >= $3 LIMIT 1";
    NEXT_IID = "UPDATE deployment_counters SET last_iid = last_iid + 1, total = total + 1 WHERE project_id = $1 \
                RETURNING last_iid";
    SERVICES = "SELECT service, finished_at FROM deployments WHERE environment_id = $1 AND status = 2 \
                AND finished_at IS NOT NULL ORDER BY finished_at DESC, id DESC LIMIT $2";
    BY_IID = "SELECT id FROM deployments WHERE project_id = $1 AND iid = $2";
    KEEP_IID = "UPDATE deployment_counters SET last_iid = CASE WHEN last_iid < $1 THEN $1 ELSE last_iid END, \
                iids_ascend = iids_ascend AND last_iid < $1, total = total + 1 WHERE project_id = $2";
    OF_ORIGIN = "SELECT count(*) FROM deployments WHERE origin_id = $1 AND origin_deployment_id <= $2";
    FEWER = "UPDATE deployment_counters SET total = total - $1 WHERE project_id = $2";
    NEXT_IIDS = "UPDATE deployment_counters SET last_iid = last_iid + $1, total = total + $1 WHERE project_id = $2 \
                 RETURNING last_iid";
    INSERT = concat!(insert!(), " RETURNING id");
    INSERT_ROW = insert!();
    INSERT_IMPORTED = concat!("INSERT INTO deployments (", inserted!(), ", origin_id, origin_deployment_id, \
                       origin_url) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                       $18, $19, $20, $21, $22, $23) RETURNING id");
    UPDATE = "UPDATE deployments SET job_id = $1, status = $2, created_at = $3, updated_at = $4, finished_at = $5 \
              WHERE id = $6";
    REWRITE = "UPDATE deployments SET user_id = $1, git_ref = $2, tag = $3, sha = $4, commit_id = $5, job_id = $6, \
               status = $7, created_at = $8, updated_at = $9, finished_at = $10, environment_id = $11, service = $12, \
               description = $13, notes = $14, artifacts = $15, owned_by_gitlab = $16, external_id = $17, origin_id = $18, \
               origin_deployment_id = $19, origin_url = $20 WHERE id = $21";
    DELETE = "DELETE FROM deployments WHERE id = $1";
    DELETE_100 = concat!("DELETE FROM deployments WHERE id IN (", hundred!(), ")");
    TOTAL = "SELECT total FROM deployment_counters WHERE project_id = $1";
}

/// A deployment to be recorded.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it goes.
    pub environment_id: EnvironmentId,
    /// Who records it.
    pub user_id: Option<UserId>,
    /// The job that does it.
    pub job_id: Option<JobRowId>,
    /// Branch or tag, as sent.
    pub git_ref: String,
    /// Whether that is a tag.
    pub tag: bool,
    /// Commit, as sent.
    pub sha: String,
    /// The full object id behind `sha`.
    pub commit: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// How it came here.
    pub source: Source,
    /// The key under which its sender reports it.
    pub external_id: Option<String>,
    /// What its sender tells beyond that.
    pub facts: Facts,
    /// Whether only a GitLab may change it.
    pub owned_by_gitlab: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
}

/// The project's deployment with this id.
pub fn get(conn: &mut Conn<'_>, project: ProjectId, id: DeploymentId) -> Result<Option<DeploymentDetails>, Error> {
    let found = conn.query_opt(&GET, &[id.0.into()], from_row)?;
    Ok(found.filter(|details| details.deployment.project_id == project))
}

/// The project's deployment that came this way under this key of its sender.
pub fn by_external_id(
    conn: &mut Conn<'_>,
    project: ProjectId,
    source: Source,
    external_id: &str,
) -> Result<Option<DeploymentDetails>, Error> {
    let values = [project.0.into(), source.as_str().into(), external_id.into()];
    conn.query_opt(&BY_EXTERNAL_ID, &values, from_row)
}

/// The deployment that was imported from there under this id.
pub fn by_origin(conn: &mut Conn<'_>, origin: OriginId, id: i64) -> Result<Option<DeploymentDetails>, Error> {
    conn.query_opt(&BY_ORIGIN, &[origin.0.into(), id.into()], from_row)
}

/// How many deployments have been imported from there, up to this id of the origin's.
pub fn count_of_origin(conn: &mut Conn<'_>, origin: OriginId, up_to: i64) -> Result<i64, Error> {
    conn.query_one(&OF_ORIGIN, &[origin.0.into(), up_to.into()], |row| row.get(0))
}

/// The deployments with these ids, in the order of the ids; ids that are gone are passed over.
pub fn get_many(conn: &mut Conn<'_>, ids: &[DeploymentId]) -> Result<Vec<DeploymentDetails>, Error> {
    let mut found = many(conn, [&GET, &GET_20, &GET_100], ids, from_row)?;
    found.sort_by_cached_key(|details| ids.iter().position(|id| *id == details.deployment.id));
    Ok(found)
}

/// What `map` makes of the deployments with these ids and their jobs, in no order. It is lent their texts, which need not be
/// copied out of the database's own memory.
pub fn map_many<T>(
    conn: &mut Conn<'_>,
    ids: &[DeploymentId],
    mut map: impl FnMut(&Deployment<&str>, Option<&Job<&str>>) -> T,
) -> Result<Vec<T>, Error> {
    many(conn, [&WITH_JOB, &WITH_JOBS_20, &WITH_JOBS_100], ids, |row| {
        let mut columns = Columns::of(row);
        let deployment = read(&mut columns)?;
        let job = jobs::read(&mut columns)?;
        Ok(map(&deployment, job.as_ref()))
    })
}

/// Asks for so many ids at a time as there are places in one of the statements.
fn many<T>(
    conn: &mut Conn<'_>,
    [for_one, for_20, for_100]: [&Stmt; 3],
    ids: &[DeploymentId],
    mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(100) {
        let (statement, places) = match part.len() {
            0..=1 => (for_one, 1),
            2..=20 => (for_20, 20),
            _ => (for_100, 100),
        };
        let mut values: Vec<Value<'_>> = part.iter().map(|id| id.0.into()).collect();
        values.resize(places, Value::Null);
        found.append(&mut conn.query(statement, &values, &mut read)?);
    }
    Ok(found)
}

/// The environment's last deployment, which is the live one: the success with the newest `finished_at`.
pub fn last(conn: &mut Conn<'_>, environment: EnvironmentId) -> Result<Option<DeploymentDetails>, Error> {
    let Some(id) = conn.query_opt(&LAST, &[environment.0.into()], |row| row.get::<i64>(0))? else {
        return Ok(None);
    };
    conn.query_opt(&GET, &[id.into()], from_row)
}

/// What a deployment replaces, or would: the live one of its environment, and for a success the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Commit, as sent.
    pub sha: String,
    /// The full object id behind it.
    pub commit: Option<String>,
}

/// What the deployment replaces in its environment.
pub fn previous(conn: &mut Conn<'_>, deployment: &Deployment) -> Result<Option<Previous>, Error> {
    let (before, id) = match (deployment.status, deployment.finished_at) {
        (Status::Success, Some(finished_at)) => (finished_at, deployment.id),
        _ => (Timestamp::MAX, DeploymentId(i64::MAX)),
    };
    let values = [deployment.environment_id.0.into(), before.into(), id.0.into()];
    conn.query_opt(&PREVIOUS, &values, |row| {
        Ok(Previous {
            sha: row.get(0)?,
            commit: row.get(1)?,
        })
    })
}

/// The deployment that was recorded last among those that the hooks of an owner are told of.
pub fn newest(conn: &mut Conn<'_>, of: Owner) -> Result<Option<DeploymentDetails>, Error> {
    let id: Option<Option<i64>> = match of {
        Owner::Project(project) => conn.query_opt(&NEWEST, &[project.0.into()], |row| row.get(0))?,
        Owner::Group(group) => conn.query_opt(&NEWEST_OF_GROUP, &[group.0.into()], |row| row.get(0))?,
        Owner::Instance => conn.query_opt(&NEWEST_OF_ALL, &[], |row| row.get(0))?,
    };
    match id.flatten() {
        Some(id) => conn.query_opt(&GET, &[id.into()], from_row),
        None => Ok(None),
    }
}

/// The newest successes of an environment, newest first: which service each deployed, and when it finished.
pub fn services(
    conn: &mut Conn<'_>,
    environment: EnvironmentId,
    limit: i64,
) -> Result<Vec<(Option<String>, Timestamp)>, Error> {
    conn.query(&SERVICES, &[environment.0.into(), limit.into()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// The first deployments of an environment, by id.
pub fn of_environment(conn: &mut Conn<'_>, environment: EnvironmentId, limit: i64) -> Result<Vec<Deployment>, Error> {
    conn.query(&OF_ENVIRONMENT, &[environment.0.into(), limit.into()], |row| {
        read(&mut Columns::of(row))
    })
}

/// Whether any of the newest `among` deployments of the environment changed at or after a time. It looks through all of
/// those where none did.
pub fn changed_since(
    conn: &mut Conn<'_>,
    environment: EnvironmentId,
    since: Timestamp,
    among: i64,
) -> Result<bool, Error> {
    let values = [environment.0.into(), among.into(), since.into()];
    Ok(conn.query_opt(&CHANGED_SINCE, &values, |_| Ok(()))?.is_some())
}

/// How many deployments the project has; kept up to date by [`insert`] and [`delete`], so it costs one look-up.
pub fn total(conn: &mut Conn<'_>, project: ProjectId) -> Result<i64, Error> {
    Ok(conn
        .query_opt(&TOTAL, &[project.0.into()], |row| row.get(0))?
        .unwrap_or(0))
}

/// The project's next iid. A deleted project has no counter.
fn next_iid(tx: &mut Tx<'_>, project: ProjectId) -> Result<i64, Error> {
    let found = tx.query_opt(&NEXT_IID, &[project.0.into()], |row| row.get(0))?;
    found.ok_or(Error::Gone(project.into()))
}

/// Records a deployment under the project's next iid. The iid is taken in the same transaction, so a refused create
/// uses none.
pub fn insert(tx: &mut Tx<'_>, new: &NewDeployment) -> Result<(DeploymentId, Iid), Error> {
    let iid = next_iid(tx, new.project_id)?;
    let facts = StoredFacts::of(&new.facts)?;
    let id = tx.query_one(&INSERT, &values(iid, new, &facts), |row| row.get(0))?;
    Ok((DeploymentId(id), Iid(iid)))
}

/// Records an imported deployment, under the iid that it has where it comes from if that is one and free here, else under
/// the project's next one.
pub fn insert_imported(
    tx: &mut Tx<'_>,
    new: &NewDeployment,
    iid: Option<Iid>,
    origin: &DeploymentOrigin,
) -> Result<(DeploymentId, Iid), Error> {
    let project = new.project_id.0;
    let kept = match iid {
        Some(Iid(iid))
            if tx
                .query_opt(&BY_IID, &[project.into(), iid.into()], |row| row.get::<i64>(0))?
                .is_none() =>
        {
            if tx.execute(&KEEP_IID, &[iid.into(), project.into()])? == 0 {
                return Err(Error::Gone(new.project_id.into()));
            }
            Some(iid)
        }
        _ => None,
    };
    let iid = match kept {
        Some(iid) => iid,
        None => next_iid(tx, new.project_id)?,
    };
    let facts = StoredFacts::of(&new.facts)?;
    let mut values = values(iid, new, &facts);
    let origin: [Value<'_>; 3] = [origin.origin_id.0.into(), origin.id.into(), origin.url.as_ref().into()];
    values.extend(origin);
    let id = tx.query_one(&INSERT_IMPORTED, &values, |row| row.get(0))?;
    Ok((DeploymentId(id), Iid(iid)))
}

/// The values of `INSERT`.
fn values<'a>(iid: i64, new: &'a NewDeployment, facts: &'a StoredFacts) -> Vec<Value<'a>> {
    vec![
        iid.into(),
        new.project_id.0.into(),
        new.environment_id.0.into(),
        new.user_id.map(|id| id.0).into(),
        new.job_id.map(|id| id.0).into(),
        (&new.git_ref).into(),
        new.tag.into(),
        (&new.sha).into(),
        new.commit.as_ref().into(),
        new.status.number().into(),
        new.source.as_str().into(),
        new.external_id.as_ref().into(),
        new.facts.service.as_ref().into(),
        new.facts.description.as_ref().into(),
        facts.notes.as_ref().into(),
        facts.artifacts.as_ref().into(),
        new.owned_by_gitlab.into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.finished_at.into(),
    ]
}

/// Writes what an update may change of a deployment: its job, its status and its times.
pub fn update(tx: &mut Tx<'_>, deployment: &Deployment) -> Result<(), Error> {
    tx.execute(&UPDATE, &updated_values(deployment))?;
    Ok(())
}

/// The values of `UPDATE`.
fn updated_values(deployment: &Deployment) -> Vec<Value<'_>> {
    vec![
        deployment.job_id.map(|id| id.0).into(),
        deployment.status.number().into(),
        deployment.created_at.into(),
        deployment.updated_at.into(),
        deployment.finished_at.into(),
        deployment.id.0.into(),
    ]
}

/// Writes what its sender's reports or an import may change of a deployment: everything but its ids.
pub fn rewrite(tx: &mut Tx<'_>, deployment: &Deployment) -> Result<(), Error> {
    let facts = StoredFacts::of(&deployment.facts)?;
    let origin = deployment.origin.as_ref();
    let values = [
        deployment.user_id.map(|id| id.0).into(),
        (&deployment.git_ref).into(),
        deployment.tag.into(),
        (&deployment.sha).into(),
        deployment.commit.as_ref().into(),
        deployment.job_id.map(|id| id.0).into(),
        deployment.status.number().into(),
        deployment.created_at.into(),
        deployment.updated_at.into(),
        deployment.finished_at.into(),
        deployment.environment_id.0.into(),
        deployment.facts.service.as_ref().into(),
        deployment.facts.description.as_ref().into(),
        facts.notes.as_ref().into(),
        facts.artifacts.as_ref().into(),
        deployment.owned_by_gitlab.into(),
        deployment.external_id.as_ref().into(),
        origin.map(|origin| origin.origin_id.0).into(),
        origin.map(|origin| origin.id).into(),
        origin.and_then(|origin| origin.url.as_ref()).into(),
        deployment.id.0.into(),
    ];
    tx.execute(&REWRITE, &values)?;
    Ok(())
}

/// Deletes a deployment with its job, its links to merge requests and what it was made of. The iid is not given out again.
pub fn delete(tx: &mut Tx<'_>, deployment: &Deployment) -> Result<(), Error> {
    if tx.execute(&DELETE, &[deployment.id.0.into()])? == 1 {
        tx.execute(&FEWER, &[1.into(), deployment.project_id.0.into()])?;
        merge_requests::unlink(tx, std::slice::from_ref(deployment))?;
        if let Some(job) = deployment.job_id {
            jobs::delete(tx, job)?;
        }
        if may_be_observed(deployment) {
            observations::delete_of_deployment(tx, deployment.id)?;
        }
    }
    Ok(())
}

/// Whether hooks may have told of it.
fn may_be_observed(deployment: &Deployment) -> bool {
    matches!(deployment.source, Source::Hook | Source::Import)
}

/// Deletes deployments of one project with their jobs; as [`delete`], in fewer statements.
pub fn delete_many(tx: &mut Tx<'_>, project: ProjectId, deployments: &[Deployment]) -> Result<(), Error> {
    for part in deployments.chunks(100) {
        let deleted = tx.execute(&DELETE_100, &a_hundred(part.iter().map(|deployment| deployment.id.0)))?;
        let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
        tx.execute(&FEWER, &[deleted.into(), project.0.into()])?;
        merge_requests::unlink(tx, part)?;
        let jobs: Vec<JobRowId> = part.iter().filter_map(|deployment| deployment.job_id).collect();
        jobs::delete_many(tx, &jobs)?;
        for deployment in part.iter().filter(|deployment| may_be_observed(deployment)) {
            observations::delete_of_deployment(tx, deployment.id)?;
        }
    }
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<DeploymentDetails, Error> {
    let mut columns = Columns::of(row);
    let deployment = read(&mut columns)?;
    let environment = environments::read(&mut columns)?;
    let job = jobs::read(&mut columns)?;
    if job.is_none() {
        columns.skip(jobs::COLUMNS - 1);
    }
    let user = if deployment.user_id.is_some() {
        Some(users::read(&mut columns)?)
    } else {
        None
    };
    Ok(DeploymentDetails {
        deployment,
        environment,
        user,
        job,
    })
}

fn read<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Deployment<T>, Error> {
    Ok(Deployment {
        id: DeploymentId(columns.next()?),
        iid: Iid(columns.next()?),
        project_id: ProjectId(columns.next()?),
        environment_id: EnvironmentId(columns.next()?),
        user_id: columns.next::<Option<i64>>()?.map(UserId),
        job_id: columns.next::<Option<i64>>()?.map(JobRowId),
        git_ref: columns.next()?,
        tag: columns.next()?,
        sha: columns.next()?,
        commit: columns.next()?,
        status: columns.parsed(Status::from_number)?,
        source: columns.parsed(Source::parse)?,
        external_id: columns.next()?,
        facts: read_facts(columns)?,
        owned_by_gitlab: columns.next()?,
        origin: origin(columns)?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
        finished_at: columns.next()?,
    })
}

/// The lists among the facts, as they are stored; nothing for an empty one.
struct StoredFacts {
    notes: Option<String>,
    artifacts: Option<String>,
}

impl StoredFacts {
    fn of(facts: &Facts) -> Result<StoredFacts, Error> {
        let notes: Vec<&str> = facts.notes.iter().map(|note| note.as_str()).collect();
        let artifacts = serde_json::to_string(&facts.artifacts).map_err(|error| Error::Engine(error.to_string()))?;
        Ok(StoredFacts {
            notes: (!notes.is_empty()).then(|| notes.join(" ")),
            artifacts: (!facts.artifacts.is_empty()).then_some(artifacts),
        })
    }
}

fn read_facts<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Facts<T>, Error> {
    Ok(Facts {
        service: columns.next()?,
        description: columns.next()?,
        notes: columns.parsed(|words: Option<&str>| {
            let words = words.unwrap_or_default();
            words.split_whitespace().map(Note::parse).collect()
        })?,
        artifacts: columns.parsed(|json: Option<&str>| match json {
            Some(json) => serde_json::from_str(json).ok(),
            None => Some(Vec::new()),
        })?,
    })
}

fn origin<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Option<DeploymentOrigin<T>>, Error> {
    let origin_id: Option<i64> = columns.next()?;
    let id: Option<i64> = columns.next()?;
    let url = columns.next()?;
    Ok(origin_id.zip(id).map(|(origin_id, id)| DeploymentOrigin {
        origin_id: OriginId(origin_id),
        id,
        url,
    }))
}
