//! Jenkins, by the help texts of Jenkins core (`CoreEnvironmentContributor`), the branch-api, git and
//! pipeline-stage-step plugins, and the page of the build-user-vars plugin.
//!
//! Recognised by `BUILD_TAG` together with `JENKINS_URL` or `JENKINS_HOME`: the former is there only if an
//! administrator configured it. Read are `GIT_URL` (for the path of the repository); `GIT_COMMIT`; of multibranch
//! projects `TAG_NAME`, `CHANGE_BRANCH`, `BRANCH_NAME`, else `GIT_LOCAL_BRANCH` or `GIT_BRANCH` (a remote branch:
//! `origin/main`); `JOB_NAME`, `STAGE_NAME`; `BUILD_NUMBER`, `BUILD_URL`; `NODE_NAME`; and, inside `withBuildUser`,
//! `BUILD_USER_ID`, `BUILD_USER`, `BUILD_USER_EMAIL`. A scripted pipeline has none of the `GIT_` variables, and the
//! checkout tells the commit.
//!
//! **Pull requests.** `CHANGE_BRANCH` is the branch that was proposed. If the job is set up to build the merge,
//! `GIT_COMMIT` is the merge commit; no variable has the head, so that is what is recorded.
//!
//! **Key.** `jenkins:address of the build:stage`, or `BUILD_TAG` (job and number) where Jenkins does not know its own
//! address. Each build has its own number, so a new build is a new deployment. The stage tells parallel stages apart.
//! The cells of a `matrix` have stages of one name: where they deploy to one environment, `LANDFALL_KEY` has to be set.
//! Not verified in the documentation: that a replay and a restart from a stage are new builds, and that the cells of a
//! matrix share the names of stages.

use super::{
    Context, Environment, System,
    git::path_of_remote,
    key::{Key, without_scheme},
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "jenkins",
    is_here: |env| env.get("BUILD_TAG").is_some() && env.first(&["JENKINS_URL", "JENKINS_HOME"]).is_some(),
    mapping: Mapping {
        sha: &["GIT_COMMIT"],
        git_ref: &["CHANGE_BRANCH", "BRANCH_NAME", "GIT_LOCAL_BRANCH"],
        tag: &["TAG_NAME"],
        job_name: &["JOB_NAME"],
        job_stage: &["STAGE_NAME"],
        job_url: &["BUILD_URL"],
        pipeline_iid: &["BUILD_NUMBER"],
        pipeline_url: &["BUILD_URL"],
        runner_description: &["NODE_NAME"],
        actor_username: &["BUILD_USER_ID"],
        actor_name: &["BUILD_USER"],
        actor_email: &["BUILD_USER_EMAIL"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let build = env.get("BUILD_URL").as_deref().map(without_scheme);
    Key::of("jenkins")
        .with(build.or_else(|| env.get("BUILD_TAG")))
        .with_any(env.get("STAGE_NAME"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    context.project = env.get("GIT_URL").as_deref().and_then(path_of_remote);
    if context.git_ref.is_none()
        && let Some(branch) = env.get("GIT_BRANCH").filter(|branch| branch != "detached")
    {
        context.set_ref(branch.strip_prefix("origin/").unwrap_or(&branch));
    }
}
