//! Bitbucket Pipelines, by Atlassian's "Variables and secrets".
//!
//! Recognised by `BITBUCKET_BUILD_NUMBER`: there is no mark that says only where it runs. Read are
//! `BITBUCKET_REPO_FULL_NAME`, `BITBUCKET_COMMIT`, `BITBUCKET_BRANCH`, `BITBUCKET_TAG`. No documented variable has the
//! name of a step or of a person (a user is told as a UUID), so the job is called like the system and there is no
//! actor. Not verified: that the page of a pipeline is `pipelines/results/` under its repository; the service is in the
//! cloud alone, so the host is known.
//!
//! **Pull requests.** `BITBUCKET_BRANCH` is the source branch, `BITBUCKET_COMMIT` the commit that started the build.
//!
//! **Key.** `bitbucket:workspace/repository:number:step:run`, with `BITBUCKET_STEP_UUID` and
//! `BITBUCKET_STEP_RUN_NUMBER`. A pipeline that is run again has a new number, a step that is run again within it the
//! next run number; parallel steps have UUIDs of their own.

use super::{
    Context, Environment, System,
    key::Key,
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "bitbucket",
    is_here: |env| env.get("BITBUCKET_BUILD_NUMBER").is_some(),
    mapping: Mapping {
        project: &["BITBUCKET_REPO_FULL_NAME"],
        sha: &["BITBUCKET_COMMIT"],
        git_ref: &["BITBUCKET_BRANCH"],
        tag: &["BITBUCKET_TAG"],
        pipeline_iid: &["BITBUCKET_BUILD_NUMBER"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("bitbucket")
        .with(env.get("BITBUCKET_REPO_FULL_NAME"))
        .with(env.get("BITBUCKET_BUILD_NUMBER"))
        .with(
            env.get("BITBUCKET_STEP_UUID")
                .as_deref()
                .map(|id| id.trim_matches(['{', '}'])),
        )
        .with_any(env.get("BITBUCKET_STEP_RUN_NUMBER"))
        .finish()
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    let names = env
        .get("BITBUCKET_REPO_FULL_NAME")
        .zip(env.get("BITBUCKET_BUILD_NUMBER"));
    let url = names.map(|(name, number)| format!("https://bitbucket.org/{name}/pipelines/results/{number}"));
    if let Some(job) = &mut context.job {
        job.url.clone_from(&url);
    }
    context.pipeline.get_or_insert_default().url = url;
}
