//! `AppVeyor`, by its "Environment variables".
//!
//! Recognised by `APPVEYOR`. Read are `APPVEYOR_REPO_NAME`; `APPVEYOR_REPO_COMMIT`, `APPVEYOR_REPO_BRANCH`,
//! `APPVEYOR_REPO_TAG_NAME`, `APPVEYOR_PULL_REQUEST_HEAD_COMMIT`, `APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH`;
//! `APPVEYOR_JOB_NAME` or `APPVEYOR_PROJECT_NAME` (a build without a matrix has a job without a name);
//! `APPVEYOR_BUILD_ID`, `APPVEYOR_BUILD_NUMBER`, `APPVEYOR_URL`. The ids of jobs are texts, and no variable tells who
//! started the build. Not verified: that the page of a job is `builds/…/job/…` under its project.
//!
//! **Pull requests.** `APPVEYOR_REPO_BRANCH` is the target then; recorded are head commit and head branch.
//!
//! **Key.** `appveyor:host/account/project:build:job id`, with `APPVEYOR_ACCOUNT_NAME`, `APPVEYOR_PROJECT_SLUG` and
//! `APPVEYOR_JOB_ID`. Build and job have unique ids, and a commit that is built again is a new build. "Re-run
//! incomplete" starts a job of the same build again; not verified: whether under a new id. `APPVEYOR_RE_RUN_INCOMPLETE`
//! is part of the key, so that at least the first such run is a deployment of its own.

use super::{
    Context, Environment, System,
    key::{Key, without_scheme},
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "appveyor",
    is_here: |env| env.is_true("APPVEYOR"),
    mapping: Mapping {
        project: &["APPVEYOR_REPO_NAME"],
        sha: &["APPVEYOR_PULL_REQUEST_HEAD_COMMIT", "APPVEYOR_REPO_COMMIT"],
        git_ref: &["APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "APPVEYOR_REPO_BRANCH"],
        tag: &["APPVEYOR_REPO_TAG_NAME"],
        job_name: &["APPVEYOR_JOB_NAME", "APPVEYOR_PROJECT_NAME"],
        pipeline_id: &["APPVEYOR_BUILD_ID"],
        pipeline_iid: &["APPVEYOR_BUILD_NUMBER"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

/// Server, account and project.
fn address(env: &Environment<'_>) -> Option<[String; 3]> {
    let server = env.get("APPVEYOR_URL")?.trim_end_matches('/').to_owned();
    Some([
        server,
        env.get("APPVEYOR_ACCOUNT_NAME")?,
        env.get("APPVEYOR_PROJECT_SLUG")?,
    ])
}

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let again = env.is_true("APPVEYOR_RE_RUN_INCOMPLETE");
    Key::of("appveyor")
        .with(address(env).map(|parts| without_scheme(&parts.join("/"))))
        .with(env.get("APPVEYOR_BUILD_ID"))
        .with(env.get("APPVEYOR_JOB_ID"))
        .with_any(again.then_some("again"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    let ids = env.get("APPVEYOR_BUILD_ID").zip(env.get("APPVEYOR_JOB_ID"));
    let Some(([server, account, project], (build, job))) = address(env).zip(ids) else {
        return;
    };
    let url = format!("{server}/project/{account}/{project}/builds/{build}");
    if let Some(known) = &mut context.job {
        known.url = Some(format!("{url}/job/{job}"));
    }
    context.pipeline.get_or_insert_default().url = Some(url);
}
