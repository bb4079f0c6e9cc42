//! Drone, by its "Reference" of environment variables.
//!
//! Recognised by `DRONE`. Read are `DRONE_REPO`; `DRONE_COMMIT_SHA`, `DRONE_BRANCH`, `DRONE_SOURCE_BRANCH`,
//! `DRONE_TAG`, `DRONE_BUILD_EVENT`; `DRONE_STEP_NAME` as the job, `DRONE_STAGE_NAME`; `DRONE_BUILD_NUMBER`,
//! `DRONE_BUILD_LINK`; `DRONE_STAGE_MACHINE`; `DRONE_BUILD_TRIGGER`, which is a user or, with `@` before it, a robot.
//! Not verified: that the page of a step is the build's with the numbers of stage and step behind it.
//!
//! **Pull requests.** `DRONE_BRANCH` is the target then; recorded is `DRONE_SOURCE_BRANCH`.
//!
//! **Key.** `drone:host/repository:build:stage:step`, with `DRONE_SYSTEM_HOST`, `DRONE_STAGE_NUMBER` and
//! `DRONE_STEP_NUMBER`. A restarted build "is assigned a new, unique build number". Numbers of stages and steps tell
//! parallel pipelines and steps apart.

use super::{
    Context, Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "drone",
    is_here: |env| env.is_true("DRONE"),
    mapping: Mapping {
        project: &["DRONE_REPO"],
        sha: &["DRONE_COMMIT_SHA"],
        git_ref: &["DRONE_BRANCH"],
        tag: &["DRONE_TAG"],
        job_name: &["DRONE_STEP_NAME"],
        job_stage: &["DRONE_STAGE_NAME"],
        pipeline_iid: &["DRONE_BUILD_NUMBER"],
        pipeline_url: &["DRONE_BUILD_LINK"],
        pipeline_source: &["DRONE_BUILD_EVENT"],
        runner_description: &["DRONE_STAGE_MACHINE"],
        actor_username: &["DRONE_BUILD_TRIGGER"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    let host = env.get("DRONE_SYSTEM_HOST").unwrap_or_default();
    Key::of("drone")
        .with(env.get("DRONE_REPO").map(|repository| format!("{host}/{repository}")))
        .with(env.get("DRONE_BUILD_NUMBER"))
        .with_any(env.get("DRONE_STAGE_NUMBER"))
        .with_any(env.get("DRONE_STEP_NUMBER"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    if env.is("DRONE_BUILD_EVENT", "pull_request")
        && let Some(branch) = env.get("DRONE_SOURCE_BRANCH")
    {
        context.set_ref(&branch);
    }
    context.actor = context
        .actor
        .take()
        .filter(|actor| !actor.username.as_deref().is_some_and(|name| name.starts_with('@')));
    if let Some(job) = &mut context.job {
        let parts = ["DRONE_BUILD_LINK", "DRONE_STAGE_NUMBER", "DRONE_STEP_NUMBER"].map(|name| env.get(name));
        if let [Some(build), Some(stage), Some(step)] = parts {
            job.url = Some(format!("{build}/{stage}/{step}"));
        }
    }
}
