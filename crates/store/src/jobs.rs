//! Jobs with their pipelines and runners: snapshots of what another system told about a deployment.

use std::vec;

use landfall_domain::{
    ids::{JobRowId, ProjectId},
    job::{Job, Pipeline, Runner, Snapshot},
};

use crate::{
    engine::{Column, Columns, ForRows, Tx, Value, postgres_statements, statements},
    error::Error,
    places::{a_hundred, hundred},
};

/// The columns of a job as [`read`] expects them, from tables called `j`, `l` (pipeline) and `r` (runner).
macro_rules! columns {
    () => {
        "j.id, coalesce(j.external_id, j.id), j.status, j.stage, j.name, j.git_ref, j.tag, j.coverage, \
         j.allow_failure, j.created_at, j.started_at, j.finished_at, j.erased_at, j.duration, j.queued_duration, \
         j.user_profile, j.commit_details, j.failure_reason, j.web_url, j.ci_job_token_scope_enabled, \
         j.artifacts_file, j.artifacts, j.runner_manager, j.artifacts_expire_at, j.archived, j.tag_list, \
         l.id, l.external_id, l.iid, l.external_project_id, l.sha, l.git_ref, l.status, l.source, l.created_at, \
         l.updated_at, l.web_url, \
         r.id, r.external_id, r.description, r.ip_address, r.active, r.paused, r.is_shared, r.runner_type, r.name, \
         r.online, r.created_by, r.created_at, r.status, r.job_execution_status"
    };
}
pub(crate) use columns;

/// The joins that [`columns!`] needs, from a table called `d` that has a `job_id`.
macro_rules! joins {
    () => {
        "LEFT JOIN jobs j ON j.id = d.job_id LEFT JOIN pipelines l ON l.id = j.pipeline_id \
         LEFT JOIN runners r ON r.id = j.runner_id"
    };
}
pub(crate) use joins;

/// How many columns [`columns!`] has.
pub(crate) const COLUMNS: usize = 51;

/// The columns that a new job has values for.
macro_rules! inserted {
    () => {
        "project_id, pipeline_id, runner_id, external_id, status, stage, name, git_ref, tag, \
         coverage, allow_failure, created_at, started_at, finished_at, erased_at, duration, queued_duration, \
         user_profile, commit_details, failure_reason, web_url, ci_job_token_scope_enabled, artifacts_file, \
         artifacts, runner_manager, artifacts_expire_at, archived, tag_list"
    };
}

/// The columns that a new pipeline has values for.
macro_rules! inserted_pipeline {
    () => {
        "project_id, external_id, iid, external_project_id, sha, git_ref, status, source, created_at, updated_at, web_url"
    };
}

/// The columns that a new runner has values for.
macro_rules! inserted_runner {
    () => {
        "project_id, external_id, description, ip_address, active, paused, is_shared, runner_type, name, online, \
         created_by, created_at, status, job_execution_status"
    };
}

statements! { "jobs";
    INSERT = concat!("INSERT INTO jobs (", inserted!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
              $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)");
    INSERT_PIPELINE = concat!("INSERT INTO pipelines (", inserted_pipeline!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, \
                       $9, $10, $11)");
    INSERT_RUNNER = concat!("INSERT INTO runners (", inserted_runner!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
                     $10, $11, $12, $13, $14)");
    PARTS = "SELECT pipeline_id, runner_id FROM jobs WHERE id = $1";
    DELETE = "DELETE FROM jobs WHERE id = $1";
    PARTS_100 = concat!("SELECT pipeline_id, runner_id FROM jobs WHERE id IN (", hundred!(), ")");
    DELETE_100 = concat!("DELETE FROM jobs WHERE id IN (", hundred!(), ")");
    DELETE_100_PIPELINES = concat!("DELETE FROM pipelines WHERE id IN (", hundred!(), ")");
    DELETE_100_RUNNERS = concat!("DELETE FROM runners WHERE id IN (", hundred!(), ")");
    DELETE_PIPELINE = "DELETE FROM pipelines WHERE id = $1";
    DELETE_RUNNER = "DELETE FROM runners WHERE id = $1";
}

postgres_statements! { "jobs";
    INSERT_MANY = concat!(
        "INSERT INTO jobs (", inserted!(), ") SELECT ", inserted!(), " FROM unnest($1::BIGINT[], $2::BIGINT[], \
         $3::BIGINT[], $4::BIGINT[], $5::TEXT[], $6::TEXT[], $7::TEXT[], $8::TEXT[], $9::BOOLEAN[], $10::FLOAT8[], \
         $11::BOOLEAN[], $12::BIGINT[], $13::BIGINT[], $14::BIGINT[], $15::BIGINT[], $16::FLOAT8[], $17::FLOAT8[], \
         $18::TEXT[], $19::TEXT[], $20::TEXT[], $21::TEXT[], $22::BOOLEAN[], $23::TEXT[], $24::TEXT[], $25::TEXT[], \
         $26::BIGINT[], $27::BOOLEAN[], $28::TEXT[]) WITH ORDINALITY AS rows (", inserted!(), ", place) ORDER BY place \
         RETURNING id"
    );
    INSERT_PIPELINES = concat!(
        "INSERT INTO pipelines (", inserted_pipeline!(), ") SELECT ", inserted_pipeline!(), " FROM unnest($1::BIGINT[], \
         $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::TEXT[], $6::TEXT[], $7::TEXT[], $8::TEXT[], $9::BIGINT[], \
         $10::BIGINT[], $11::TEXT[]) WITH ORDINALITY AS rows (", inserted_pipeline!(), ", place) ORDER BY place \
         RETURNING id"
    );
    INSERT_RUNNERS = concat!(
        "INSERT INTO runners (", inserted_runner!(), ") SELECT ", inserted_runner!(), " FROM unnest($1::BIGINT[], \
         $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BOOLEAN[], $6::BOOLEAN[], $7::BOOLEAN[], $8::TEXT[], $9::TEXT[], \
         $10::BOOLEAN[], $11::TEXT[], $12::BIGINT[], $13::TEXT[], $14::TEXT[]) WITH ORDINALITY \
         AS rows (", inserted_runner!(), ", place) ORDER BY place RETURNING id"
    );
}

/// Records a job with its pipeline and runner. A job without an id of its own gets that of its row.
pub fn insert(tx: &mut Tx<'_>, project: ProjectId, job: &NewJob) -> Result<JobRowId, Error> {
    let ids = insert_many(tx, &[(project, job)])?;
    let id = ids.first().copied();
    id.ok_or_else(|| Error::Engine("a new job has no id".to_owned()))
}

/// Records jobs of projects, as [`insert`] would one after the other.
pub fn insert_many(tx: &mut Tx<'_>, jobs: &[(ProjectId, &NewJob)]) -> Result<Vec<JobRowId>, Error> {
    let pipelines = ForRows {
        one: &INSERT_PIPELINE,
        many: &INSERT_PIPELINES,
    };
    let mut pipelines = insert_parts(tx, &pipelines, jobs, |project, job| {
        Some(pipeline_values(project, job.pipeline.as_ref()?))
    })?;
    let runners = ForRows {
        one: &INSERT_RUNNER,
        many: &INSERT_RUNNERS,
    };
    let mut runners = insert_parts(tx, &runners, jobs, |project, job| {
        Some(runner_values(project, job.runner.as_ref()?))
    })?;
    let mut rows = Vec::with_capacity(jobs.len());
    for (project, new) in jobs {
        let pipeline = new.job.pipeline.as_ref().and_then(|_| pipelines.next());
        let runner = new.job.runner.as_ref().and_then(|_| runners.next());
        let mut row = vec![project.0.into(), pipeline.into(), runner.into(), new.id.into()];
        push_values(&mut row, &new.job);
        rows.push(row);
    }
    let how = ForRows {
        one: &INSERT,
        many: &INSERT_MANY,
    };
    Ok(tx.run_for_rows(&how, &rows)?.into_iter().map(JobRowId).collect())
}

/// The job as it is shown once it has been recorded under this id.
#[must_use]
pub fn recorded(new: NewJob, id: JobRowId) -> Job {
    Job {
        id: new.id.unwrap_or(id.0),
        ..new.job
    }
}

/// Inserts the pipelines, or the runners, of those jobs that have one; their ids.
fn insert_parts<'j>(
    tx: &mut Tx<'_>,
    how: &ForRows<'_>,
    jobs: &[(ProjectId, &'j NewJob)],
    values: impl Fn(ProjectId, &'j Job) -> Option<Vec<Value<'j>>>,
) -> Result<vec::IntoIter<i64>, Error> {
    let rows: Vec<Vec<Value<'_>>> = jobs
        .iter()
        .filter_map(|(project, new)| values(*project, &new.job))
        .collect();
    Ok(tx.run_for_rows(how, &rows)?.into_iter())
}

/// A job to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// The other system's id, if it has one; [`Job::id`] is not looked at.
    pub id: Option<i64>,
    /// Everything else.
    pub job: Job,
}

/// Forgets a job with its pipeline and runner.
pub fn delete(tx: &mut Tx<'_>, id: JobRowId) -> Result<(), Error> {
    let parts: Option<(Option<i64>, Option<i64>)> =
        tx.query_opt(&PARTS, &[id.0.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tx.execute(&DELETE, &[id.0.into()])?;
    let (pipeline, runner) = parts.unwrap_or_default();
    if let Some(pipeline) = pipeline {
        tx.execute(&DELETE_PIPELINE, &[pipeline.into()])?;
    }
    if let Some(runner) = runner {
        tx.execute(&DELETE_RUNNER, &[runner.into()])?;
    }
    Ok(())
}

/// Forgets jobs with their pipelines and runners; as [`delete`], in fewer statements.
pub fn delete_many(tx: &mut Tx<'_>, ids: &[JobRowId]) -> Result<(), Error> {
    for part in ids.chunks(100) {
        let jobs = a_hundred(part.iter().map(|id| id.0));
        let parts: Vec<(Option<i64>, Option<i64>)> =
            tx.query(&PARTS_100, &jobs, |row| Ok((row.get(0)?, row.get(1)?)))?;
        tx.execute(&DELETE_100, &jobs)?;
        let pipelines = parts.iter().filter_map(|(pipeline, _)| *pipeline);
        tx.execute(&DELETE_100_PIPELINES, &a_hundred(pipelines))?;
        let runners = parts.iter().filter_map(|(_, runner)| *runner);
        tx.execute(&DELETE_100_RUNNERS, &a_hundred(runners))?;
    }
    Ok(())
}

fn pipeline_values(project: ProjectId, pipeline: &Pipeline) -> Vec<Value<'_>> {
    vec![
        project.0.into(),
        pipeline.id.into(),
        pipeline.iid.into(),
        pipeline.project_id.into(),
        pipeline.sha.as_ref().into(),
        pipeline.git_ref.as_ref().into(),
        pipeline.status.as_ref().into(),
        pipeline.source.as_ref().into(),
        pipeline.created_at.into(),
        pipeline.updated_at.into(),
        pipeline.web_url.as_ref().into(),
    ]
}

fn runner_values(project: ProjectId, runner: &Runner) -> Vec<Value<'_>> {
    vec![
        project.0.into(),
        runner.id.into(),
        runner.description.as_ref().into(),
        runner.ip_address.as_ref().into(),
        runner.active.into(),
        runner.paused.into(),
        runner.is_shared.into(),
        runner.runner_type.as_ref().into(),
        runner.name.as_ref().into(),
        runner.online.into(),
        text(runner.created_by.as_ref()),
        runner.created_at.into(),
        runner.status.as_ref().into(),
        runner.job_execution_status.as_ref().into(),
    ]
}

/// The values of `INSERT` from `status` on.
fn push_values<'a>(values: &mut Vec<Value<'a>>, job: &'a Job) {
    values.extend([
        job.status.as_ref().into(),
        job.stage.as_ref().into(),
        (&job.name).into(),
        job.git_ref.as_ref().into(),
        job.tag.into(),
        job.coverage.into(),
        job.allow_failure.into(),
        job.created_at.into(),
        job.started_at.into(),
        job.finished_at.into(),
        job.erased_at.into(),
        job.duration.into(),
        job.queued_duration.into(),
        text(job.user.as_ref()),
        text(job.commit.as_ref()),
        job.failure_reason.as_ref().into(),
        job.web_url.as_ref().into(),
        job.ci_job_token_scope_enabled.into(),
        text(job.artifacts_file.as_ref()),
        text(job.artifacts.as_ref()),
        text(job.runner_manager.as_ref()),
        job.artifacts_expire_at.into(),
        job.archived.into(),
        (&job.tag_list.0).into(),
    ]);
}

fn text(snapshot: Option<&Snapshot>) -> Value<'_> {
    snapshot.map(|Snapshot(json)| json).into()
}

/// Reads [`columns!`]; `None` where the deployment has no job.
pub(crate) fn read<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Option<Job<T>>, Error> {
    if columns.next::<Option<i64>>()?.is_none() {
        return Ok(None);
    }
    let mut job = Job {
        id: columns.next()?,
        status: columns.next()?,
        stage: columns.next()?,
        name: columns.next()?,
        git_ref: columns.next()?,
        tag: columns.next()?,
        coverage: columns.next()?,
        allow_failure: columns.next()?,
        created_at: columns.next()?,
        started_at: columns.next()?,
        finished_at: columns.next()?,
        erased_at: columns.next()?,
        duration: columns.next()?,
        queued_duration: columns.next()?,
        user: snapshot(columns)?,
        commit: snapshot(columns)?,
        failure_reason: columns.next()?,
        web_url: columns.next()?,
        ci_job_token_scope_enabled: columns.next()?,
        artifacts_file: snapshot(columns)?,
        artifacts: snapshot(columns)?,
        runner_manager: snapshot(columns)?,
        artifacts_expire_at: columns.next()?,
        archived: columns.next()?,
        tag_list: Snapshot(columns.next()?),
        pipeline: None,
        runner: None,
    };
    job.pipeline = read_pipeline(columns)?;
    job.runner = read_runner(columns)?;
    Ok(Some(job))
}

fn snapshot<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Option<Snapshot<T>>, Error> {
    Ok(columns.next::<Option<T>>()?.map(Snapshot))
}

fn read_pipeline<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Option<Pipeline<T>>, Error> {
    if columns.next::<Option<i64>>()?.is_none() {
        columns.skip(10);
        return Ok(None);
    }
    Ok(Some(Pipeline {
        id: columns.next()?,
        iid: columns.next()?,
        project_id: columns.next()?,
        sha: columns.next()?,
        git_ref: columns.next()?,
        status: columns.next()?,
        source: columns.next()?,
        created_at: columns.next()?,
        updated_at: columns.next()?,
        web_url: columns.next()?,
    }))
}

fn read_runner<'r, T: Column<'r>>(columns: &mut Columns<'r>) -> Result<Option<Runner<T>>, Error> {
    if columns.next::<Option<i64>>()?.is_none() {
        columns.skip(13);
        return Ok(None);
    }
    Ok(Some(Runner {
        id: columns.next()?,
        description: columns.next()?,
        ip_address: columns.next()?,
        active: columns.next()?,
        paused: columns.next()?,
        is_shared: columns.next()?,
        runner_type: columns.next()?,
        name: columns.next()?,
        online: columns.next()?,
        created_by: snapshot(columns)?,
        created_at: columns.next()?,
        status: columns.next()?,
        job_execution_status: columns.next()?,
    }))
}
