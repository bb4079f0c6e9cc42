//! Buildkite, by its "Environment variables" and "Retry" pages.
//!
//! Recognised by `BUILDKITE`. Read are `BUILDKITE_REPO` (for the path of the repository); `BUILDKITE_COMMIT`, which may
//! be `HEAD` until the agent has checked out, `BUILDKITE_BRANCH`, `BUILDKITE_TAG`; `BUILDKITE_LABEL` or
//! `BUILDKITE_STEP_KEY` as the job's name, `BUILDKITE_GROUP_LABEL` as its stage; `BUILDKITE_BUILD_NUMBER`,
//! `BUILDKITE_BUILD_URL`, `BUILDKITE_SOURCE`; `BUILDKITE_AGENT_NAME`; and as the actor the person who unblocked the
//! build (`BUILDKITE_UNBLOCKER`, `BUILDKITE_UNBLOCKER_EMAIL`), else who created it (`BUILDKITE_BUILD_CREATOR`,
//! `BUILDKITE_BUILD_CREATOR_EMAIL`). All ids are UUIDs. Not verified: that the page of a job is the build's with the
//! job's id after `#`.
//!
//! **Pull requests.** Commit and branch are those that were pushed.
//!
//! **Key.** `buildkite:organization/pipeline:build:job id:retries`, from `BUILDKITE_ORGANIZATION_SLUG`,
//! `BUILDKITE_PIPELINE_SLUG`, `BUILDKITE_JOB_ID` and `BUILDKITE_RETRY_COUNT`. A retry creates a new job, and every copy
//! of a step with `parallelism` or a `matrix` is a job of its own, so the id alone would do; the rest makes the key
//! readable.

use super::{
    Context, Environment, System,
    context::Actor,
    git::path_of_remote,
    key::Key,
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "buildkite",
    is_here: |env| env.is_true("BUILDKITE"),
    mapping: Mapping {
        sha: &["BUILDKITE_COMMIT"],
        git_ref: &["BUILDKITE_BRANCH"],
        tag: &["BUILDKITE_TAG"],
        job_name: &["BUILDKITE_LABEL", "BUILDKITE_STEP_KEY"],
        job_stage: &["BUILDKITE_GROUP_LABEL"],
        pipeline_iid: &["BUILDKITE_BUILD_NUMBER"],
        pipeline_url: &["BUILDKITE_BUILD_URL"],
        pipeline_source: &["BUILDKITE_SOURCE"],
        runner_description: &["BUILDKITE_AGENT_NAME"],
        actor_name: &["BUILDKITE_BUILD_CREATOR"],
        actor_email: &["BUILDKITE_BUILD_CREATOR_EMAIL"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let slugs = [
        env.get("BUILDKITE_ORGANIZATION_SLUG"),
        env.get("BUILDKITE_PIPELINE_SLUG"),
    ];
    Key::of("buildkite")
        .with_any(Some(slugs.into_iter().flatten().collect::<Vec<_>>().join("/")))
        .with_any(env.get("BUILDKITE_BUILD_NUMBER"))
        .with(env.get("BUILDKITE_JOB_ID"))
        .with_any(env.get("BUILDKITE_RETRY_COUNT"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    context.project = env.get("BUILDKITE_REPO").as_deref().and_then(path_of_remote);
    if let Some(job) = &mut context.job {
        let ids = env.get("BUILDKITE_BUILD_URL").zip(env.get("BUILDKITE_JOB_ID"));
        job.url = ids.map(|(build, job)| format!("{build}#{job}"));
    }
    if let Some(name) = env.get("BUILDKITE_UNBLOCKER") {
        context.actor = Some(Actor {
            username: None,
            name: Some(name),
            email: env.get("BUILDKITE_UNBLOCKER_EMAIL"),
        });
    }
}
