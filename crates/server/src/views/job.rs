//! The deployable: a job with its pipeline and runner (reference 7.5 to 7.8). What is not known is null.

use std::ops::Deref;

use landfall_domain::job::{Job, Pipeline, Runner, Snapshot};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::Wire;

/// JSON text that goes out as it is kept ([`super::write`]).
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(as = Snapshot, value_type = Object)]
struct AsKept<'a>(&'a str);

impl<'a> AsKept<'a> {
    fn new<T: Deref<Target = str>>(snapshot: &'a Snapshot<T>) -> AsKept<'a> {
        AsKept(&snapshot.0)
    }
}

impl Serialize for AsKept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}

/// The job that did a deployment, as the system that ran it told (reference 7.5).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobView<'a> {
    id: i64,
    status: Option<&'a str>,
    stage: Option<&'a str>,
    name: &'a str,
    #[serde(rename = "ref")]
    git_ref: Option<&'a str>,
    tag: Option<bool>,
    coverage: Option<f64>,
    allow_failure: Option<bool>,
    created_at: Option<Wire>,
    started_at: Option<Wire>,
    finished_at: Option<Wire>,
    erased_at: Option<Wire>,
    duration: Option<f64>,
    queued_duration: Option<f64>,
    user: Option<AsKept<'a>>,
    commit: Option<AsKept<'a>>,
    pipeline: Option<PipelineView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'a str>,
    web_url: Option<&'a str>,
    project: JobProject,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts_file: Option<AsKept<'a>>,
    artifacts: Artifacts<'a>,
    runner: Option<RunnerView<'a>>,
    runner_manager: Option<AsKept<'a>>,
    artifacts_expire_at: Option<Wire>,
    archived: Option<bool>,
    #[schema(value_type = Vec<String>)]
    tag_list: AsKept<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
struct JobProject {
    ci_job_token_scope_enabled: Option<bool>,
}

/// A list, empty where none is known.
#[derive(Debug, ToSchema)]
#[schema(value_type = Vec<Object>)]
struct Artifacts<'a>(Option<AsKept<'a>>);

impl Serialize for Artifacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(kept) => kept.serialize(serializer),
            None => <[(); 0]>::serialize(&[], serializer),
        }
    }
}

impl<'a> JobView<'a> {
    /// The job as answers show it.
    #[must_use]
    pub fn new<T: Deref<Target = str>>(job: &'a Job<T>) -> JobView<'a> {
        let has_failed = job.status.as_deref() == Some("failed");
        JobView {
            id: job.id,
            status: job.status.as_deref(),
            stage: job.stage.as_deref(),
            name: &job.name,
            git_ref: job.git_ref.as_deref(),
            tag: job.tag,
            coverage: job.coverage,
            allow_failure: job.allow_failure,
            created_at: job.created_at.map(Wire),
            started_at: job.started_at.map(Wire),
            finished_at: job.finished_at.map(Wire),
            erased_at: job.erased_at.map(Wire),
            duration: job.duration,
            queued_duration: job.queued_duration,
            user: job.user.as_ref().map(AsKept::new),
            commit: job.commit.as_ref().map(AsKept::new),
            pipeline: job.pipeline.as_ref().map(PipelineView::new),
            failure_reason: job.failure_reason.as_deref().filter(|_| has_failed),
            web_url: job.web_url.as_deref(),
            project: JobProject {
                ci_job_token_scope_enabled: job.ci_job_token_scope_enabled,
            },
            artifacts_file: job.artifacts_file.as_ref().map(AsKept::new),
            artifacts: Artifacts(job.artifacts.as_ref().map(AsKept::new)),
            runner: job.runner.as_ref().map(RunnerView::new),
            runner_manager: job.runner_manager.as_ref().map(AsKept::new),
            artifacts_expire_at: job.artifacts_expire_at.map(Wire),
            archived: job.archived,
            tag_list: AsKept::new(&job.tag_list),
        }
    }
}

/// A pipeline, as the system that ran it told (reference 7.8).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pipeline)]
pub struct PipelineView<'a> {
    id: Option<i64>,
    iid: Option<i64>,
    project_id: Option<i64>,
    sha: Option<&'a str>,
    #[serde(rename = "ref")]
    git_ref: Option<&'a str>,
    status: Option<&'a str>,
    source: Option<&'a str>,
    created_at: Option<Wire>,
    updated_at: Option<Wire>,
    web_url: Option<&'a str>,
}

impl<'a> PipelineView<'a> {
    fn new<T: Deref<Target = str>>(pipeline: &'a Pipeline<T>) -> PipelineView<'a> {
        PipelineView {
            id: pipeline.id,
            iid: pipeline.iid,
            project_id: pipeline.project_id,
            sha: pipeline.sha.as_deref(),
            git_ref: pipeline.git_ref.as_deref(),
            status: pipeline.status.as_deref(),
            source: pipeline.source.as_deref(),
            created_at: pipeline.created_at.map(Wire),
            updated_at: pipeline.updated_at.map(Wire),
            web_url: pipeline.web_url.as_deref(),
        }
    }
}

/// A runner, as the system it belongs to told (reference 7.8).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Runner)]
pub struct RunnerView<'a> {
    id: Option<i64>,
    description: Option<&'a str>,
    ip_address: Option<&'a str>,
    active: Option<bool>,
    paused: Option<bool>,
    is_shared: Option<bool>,
    runner_type: Option<&'a str>,
    name: Option<&'a str>,
    online: Option<bool>,
    created_by: Option<AsKept<'a>>,
    created_at: Option<Wire>,
    status: Option<&'a str>,
    job_execution_status: Option<&'a str>,
}

impl<'a> RunnerView<'a> {
    fn new<T: Deref<Target = str>>(runner: &'a Runner<T>) -> RunnerView<'a> {
        RunnerView {
            id: runner.id,
            description: runner.description.as_deref(),
            ip_address: runner.ip_address.as_deref(),
            active: runner.active,
            paused: runner.paused,
            is_shared: runner.is_shared,
            runner_type: runner.runner_type.as_deref(),
            name: runner.name.as_deref(),
            online: runner.online,
            created_by: runner.created_by.as_ref().map(AsKept::new),
            created_at: runner.created_at.map(Wire),
            status: runner.status.as_deref(),
            job_execution_status: runner.job_execution_status.as_deref(),
        }
    }
}
