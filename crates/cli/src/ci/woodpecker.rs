//! Woodpecker, by its "Environment variables" and, for `CI_WORKFLOW_NUMBER`, its source.
//!
//! Recognised by `CI` or `CI_SYSTEM_NAME` being `woodpecker`. For plugins it can set Drone's variables, too, but not
//! `DRONE` itself. Read are `CI_REPO`; `CI_COMMIT_SHA`, `CI_COMMIT_BRANCH`, `CI_COMMIT_SOURCE_BRANCH`, `CI_COMMIT_TAG`;
//! `CI_STEP_NAME` as the job, `CI_WORKFLOW_NAME` as its stage, `CI_STEP_URL`; `CI_PIPELINE_NUMBER`, `CI_PIPELINE_URL`,
//! `CI_PIPELINE_EVENT`, `CI_PIPELINE_AUTHOR`.
//!
//! **Pull requests.** `CI_COMMIT_BRANCH` is the target then; recorded is `CI_COMMIT_SOURCE_BRANCH`, which is set for
//! pull requests alone.
//!
//! **Key.** `woodpecker:host/repository:pipeline:workflow:number:step`, with `CI_SYSTEM_HOST`. A restart makes a new
//! pipeline with a new number. The workflows of a matrix share a name and differ in the number.

use super::{
    Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
    nothing_to_add,
};

pub(super) const SYSTEM: System = System {
    name: "woodpecker",
    is_here: |env| env.is("CI", "woodpecker") || env.is("CI_SYSTEM_NAME", "woodpecker"),
    mapping: Mapping {
        project: &["CI_REPO"],
        sha: &["CI_COMMIT_SHA"],
        git_ref: &["CI_COMMIT_SOURCE_BRANCH", "CI_COMMIT_BRANCH"],
        tag: &["CI_COMMIT_TAG"],
        job_name: &["CI_STEP_NAME"],
        job_stage: &["CI_WORKFLOW_NAME"],
        job_url: &["CI_STEP_URL"],
        pipeline_iid: &["CI_PIPELINE_NUMBER"],
        pipeline_url: &["CI_PIPELINE_URL"],
        pipeline_source: &["CI_PIPELINE_EVENT"],
        actor_username: &["CI_PIPELINE_AUTHOR"],
        ..NOTHING
    },
    key: run_of_job,
    finish: nothing_to_add,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let host = env.get("CI_SYSTEM_HOST").unwrap_or_default();
    Key::of("woodpecker")
        .with(env.get("CI_REPO").map(|repository| format!("{host}/{repository}")))
        .with(env.get("CI_PIPELINE_NUMBER"))
        .with_any(env.get("CI_WORKFLOW_NAME"))
        .with_any(env.get("CI_WORKFLOW_NUMBER"))
        .with_any(env.get("CI_STEP_NAME"))
        .finish()
}
