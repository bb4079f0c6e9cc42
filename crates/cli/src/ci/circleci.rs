//! `CircleCI`, by its "Project values and variables".
//!
//! Recognised by `CIRCLECI`. Read are `CIRCLE_PROJECT_USERNAME` and `CIRCLE_PROJECT_REPONAME`, else
//! `CIRCLE_REPOSITORY_URL` (projects of GitLab and of the GitHub App have the latter alone); `CIRCLE_SHA1`,
//! `CIRCLE_BRANCH`, `CIRCLE_TAG`; `CIRCLE_JOB`, `CIRCLE_BUILD_NUM` ("unique for each job"), `CIRCLE_BUILD_URL`;
//! `CIRCLE_USERNAME`; and `CIRCLE_WORKFLOW_JOB_ID`, `CIRCLE_NODE_INDEX` for the key. Ids of pipelines and workflows are
//! UUIDs and no variable holds their page, so there is no pipeline.
//!
//! **Pull requests.** `CIRCLE_SHA1` is the last commit of the branch. Not verified: what `CIRCLE_BRANCH` is for a pull
//! request of a fork; it is recorded as it is.
//!
//! **Key.** `circleci:job id:node`, with the address of the build where an old server sets no job id. A re-run makes a
//! new workflow of new jobs. The runs of one job with `parallelism` share its id and differ in the node.

use super::{
    Context, Environment, System,
    git::path_of_remote,
    key::{Key, without_scheme},
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "circleci",
    is_here: |env| env.is_true("CIRCLECI"),
    mapping: Mapping {
        sha: &["CIRCLE_SHA1"],
        git_ref: &["CIRCLE_BRANCH"],
        tag: &["CIRCLE_TAG"],
        job_id: &["CIRCLE_BUILD_NUM"],
        job_name: &["CIRCLE_JOB"],
        job_url: &["CIRCLE_BUILD_URL"],
        actor_username: &["CIRCLE_USERNAME"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let job = env.get("CIRCLE_WORKFLOW_JOB_ID");
    let job = job.or_else(|| env.get("CIRCLE_BUILD_URL").as_deref().map(without_scheme));
    Key::of("circleci")
        .with(job)
        .with_any(env.get("CIRCLE_NODE_INDEX"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    let names = env
        .get("CIRCLE_PROJECT_USERNAME")
        .zip(env.get("CIRCLE_PROJECT_REPONAME"));
    context.project = names
        .map(|(owner, name)| format!("{owner}/{name}"))
        .or_else(|| path_of_remote(&env.get("CIRCLE_REPOSITORY_URL")?));
}
