//! Travis CI, by its "Environment Variables".
//!
//! Recognised by `TRAVIS`. Read are `TRAVIS_REPO_SLUG`; `TRAVIS_COMMIT`, `TRAVIS_BRANCH`, `TRAVIS_TAG`,
//! `TRAVIS_PULL_REQUEST_SHA`, `TRAVIS_PULL_REQUEST_BRANCH`; `TRAVIS_JOB_ID`, `TRAVIS_JOB_NAME` or `TRAVIS_JOB_NUMBER`,
//! `TRAVIS_BUILD_STAGE_NAME`, `TRAVIS_JOB_WEB_URL`; `TRAVIS_BUILD_ID`, `TRAVIS_BUILD_NUMBER`, `TRAVIS_BUILD_WEB_URL`,
//! `TRAVIS_EVENT_TYPE`. No variable tells who started the build.
//!
//! **Pull requests.** `TRAVIS_COMMIT` and `TRAVIS_BRANCH` are the merge and its target; recorded are
//! `TRAVIS_PULL_REQUEST_SHA` and `TRAVIS_PULL_REQUEST_BRANCH`, which are empty otherwise.
//!
//! **Key.** `travis:repository:job id`. Each job of a matrix has an id of its own. But a restarted job keeps its id,
//! and no variable that could be verified counts restarts: a restart continues the first deployment, unless the script
//! sets `LANDFALL_KEY`, as the snippet does.

use super::{
    Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
    nothing_to_add,
};

pub(super) const SYSTEM: System = System {
    name: "travis",
    is_here: |env| env.is_true("TRAVIS"),
    mapping: Mapping {
        project: &["TRAVIS_REPO_SLUG"],
        sha: &["TRAVIS_PULL_REQUEST_SHA", "TRAVIS_COMMIT"],
        git_ref: &["TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH"],
        tag: &["TRAVIS_TAG"],
        job_id: &["TRAVIS_JOB_ID"],
        job_name: &["TRAVIS_JOB_NAME", "TRAVIS_JOB_NUMBER"],
        job_stage: &["TRAVIS_BUILD_STAGE_NAME"],
        job_url: &["TRAVIS_JOB_WEB_URL"],
        pipeline_id: &["TRAVIS_BUILD_ID"],
        pipeline_iid: &["TRAVIS_BUILD_NUMBER"],
        pipeline_url: &["TRAVIS_BUILD_WEB_URL"],
        pipeline_source: &["TRAVIS_EVENT_TYPE"],
        ..NOTHING
    },
    key: run_of_job,
    finish: nothing_to_add,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("travis")
        .with(env.get("TRAVIS_REPO_SLUG"))
        .with(env.get("TRAVIS_JOB_ID"))
        .finish()
}
