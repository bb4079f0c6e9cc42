//! Azure Pipelines, by Microsoft's "Predefined variables".
//!
//! Recognised by `TF_BUILD`. Read are `BUILD_REPOSITORY_NAME` (under `SYSTEM_TEAMPROJECT` where it is a bare name, as
//! in Azure Repos); `BUILD_SOURCEVERSION`, `BUILD_SOURCEBRANCH` (not `BUILD_SOURCEBRANCHNAME`, which keeps only what is
//! behind the last slash), `SYSTEM_PULLREQUEST_SOURCEBRANCH`, `SYSTEM_PULLREQUEST_SOURCECOMMITID`;
//! `SYSTEM_JOBDISPLAYNAME` or `AGENT_JOBNAME`, `SYSTEM_STAGEDISPLAYNAME` or `SYSTEM_STAGENAME`; `BUILD_BUILDID`,
//! `BUILD_REASON`, `SYSTEM_COLLECTIONURI`; `AGENT_ID`, `AGENT_NAME`; `BUILD_REQUESTEDFOR`, `BUILD_REQUESTEDFOREMAIL`.
//!
//! Not verified in the documentation: the variable `SYSTEM_PULLREQUEST_SOURCECOMMITID`, which other tools read, and
//! that the page of a run is `_build/results?buildId=` under its project.
//!
//! **Pull requests.** `BUILD_SOURCEBRANCH` is `refs/pull/N/merge` and `BUILD_SOURCEVERSION` the merge commit; recorded
//! are the source branch and its commit, where they are told.
//!
//! **Key.** `azure:collection/project:build:job id`. `SYSTEM_JOBID` is "a unique identifier for a single attempt of a
//! single job", so a retry has another one and so has each copy of a matrix. Older servers lack it; there
//! `SYSTEM_STAGENAME`, `SYSTEM_STAGEATTEMPT`, `AGENT_JOBNAME` and `SYSTEM_JOBATTEMPT` stand for it.

use super::{
    Context, Environment, System,
    key::{Key, without_scheme},
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "azure",
    is_here: |env| env.is_true("TF_BUILD"),
    mapping: Mapping {
        project: &["BUILD_REPOSITORY_NAME"],
        sha: &["SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"],
        git_ref: &["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"],
        job_name: &["SYSTEM_JOBDISPLAYNAME", "AGENT_JOBNAME"],
        job_stage: &["SYSTEM_STAGEDISPLAYNAME", "SYSTEM_STAGENAME"],
        pipeline_id: &["BUILD_BUILDID"],
        pipeline_source: &["BUILD_REASON"],
        runner_id: &["AGENT_ID"],
        runner_description: &["AGENT_NAME"],
        actor_name: &["BUILD_REQUESTEDFOR"],
        actor_email: &["BUILD_REQUESTEDFOREMAIL"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("azure")
        .with(project_url(env).as_deref().map(without_scheme))
        .with(env.get("BUILD_BUILDID"))
        .with(env.get("SYSTEM_JOBID").or_else(|| attempt(env)))
        .finish()
}

fn attempt(env: &Environment<'_>) -> Option<String> {
    let job = env.get("AGENT_JOBNAME")?;
    let [stage, stage_attempt, attempt] =
        ["SYSTEM_STAGENAME", "SYSTEM_STAGEATTEMPT", "SYSTEM_JOBATTEMPT"].map(|name| env.get(name).unwrap_or_default());
    Some(format!("{stage}/{stage_attempt}/{job}/{attempt}"))
}

fn project_url(env: &Environment<'_>) -> Option<String> {
    let collection = env.get("SYSTEM_COLLECTIONURI")?;
    let project = env.get("SYSTEM_TEAMPROJECT")?.replace(' ', "%20");
    Some(format!("{}/{project}", collection.trim_end_matches('/')))
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    if let Some(repository) = &mut context.project
        && !repository.contains('/')
        && let Some(project) = env.get("SYSTEM_TEAMPROJECT")
    {
        *repository = format!("{project}/{repository}");
    }
    let run = project_url(env).zip(env.get("BUILD_BUILDID"));
    let url = run.map(|(project, id)| format!("{project}/_build/results?buildId={id}"));
    if let Some(job) = &mut context.job {
        job.url.clone_from(&url);
    }
    if let Some(pipeline) = &mut context.pipeline {
        pipeline.url = url;
    }
}
