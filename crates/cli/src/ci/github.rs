//! GitHub Actions, by GitHub's "Variables reference" and "Events that trigger workflows".
//!
//! Recognised by `GITHUB_ACTIONS`. Read are `GITHUB_REPOSITORY`; `GITHUB_SHA`, `GITHUB_REF`, `GITHUB_HEAD_REF`,
//! `GITHUB_EVENT_PATH`; `GITHUB_JOB`, `GITHUB_WORKFLOW` (as the stage); `GITHUB_RUN_ID`, `GITHUB_RUN_NUMBER`,
//! `GITHUB_RUN_ATTEMPT`, `GITHUB_EVENT_NAME`, `GITHUB_SERVER_URL`; `RUNNER_NAME`; `GITHUB_TRIGGERING_ACTOR`, which in a
//! re-run is who started it again, else `GITHUB_ACTOR`. No variable tells the number of the job, so its id stays
//! unknown, and its page is that of the run.
//!
//! **Pull requests.** For `pull_request` events `GITHUB_REF` is `refs/pull/N/merge` and `GITHUB_SHA` the last merge
//! commit there. Recorded are the head commit out of the event's file (`pull_request.head.sha`) and `GITHUB_HEAD_REF`.
//! Where `GITHUB_REF` is a branch in spite of a pull request, the branch is what the job works on and is recorded: in
//! `pull_request_target` events, and after the merge.
//!
//! **Key.** `github:host/owner/repository:run:attempt:job:runner`. The id of a run is unique within the repository and
//! stays the same in a re-run, the attempt counts up. The copies of a matrix job share `GITHUB_JOB` and no variable
//! tells them apart; the runner does for copies that run at the same time, and for all on GitHub's own runners, which
//! take one job each. For a self-hosted runner that takes the copies in turn, and for one that is called like another,
//! `LANDFALL_KEY` has to be set.

use serde_json::Value;

use super::{
    Context, Environment, System, environment,
    key::{Key, without_scheme},
    mapping::{Mapping, NOTHING},
};

pub(super) const SYSTEM: System = System {
    name: "github",
    is_here: |env| env.is_true("GITHUB_ACTIONS"),
    mapping: Mapping {
        project: &["GITHUB_REPOSITORY"],
        sha: &["GITHUB_SHA"],
        git_ref: &["GITHUB_REF"],
        job_name: &["GITHUB_JOB"],
        job_stage: &["GITHUB_WORKFLOW"],
        pipeline_id: &["GITHUB_RUN_ID"],
        pipeline_iid: &["GITHUB_RUN_NUMBER"],
        pipeline_source: &["GITHUB_EVENT_NAME"],
        runner_description: &["RUNNER_NAME"],
        actor_username: &["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"],
        ..NOTHING
    },
    key: run_of_job,
    finish,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("github")
        .with(repository_url(env).as_deref().map(without_scheme))
        .with(env.get("GITHUB_RUN_ID"))
        .with(env.get("GITHUB_RUN_ATTEMPT").or(Some("1".to_owned())))
        .with(env.get("GITHUB_JOB"))
        .with_any(env.get("RUNNER_NAME"))
        .finish()
}

fn repository_url(env: &Environment<'_>) -> Option<String> {
    let server = env.get("GITHUB_SERVER_URL");
    let server = server.as_deref().unwrap_or("https://github.com").trim_end_matches('/');
    Some(format!("{server}/{}", env.get("GITHUB_REPOSITORY")?))
}

fn finish(env: &Environment<'_>, context: &mut Context) {
    let run = repository_url(env).zip(env.get("GITHUB_RUN_ID"));
    let url = run.map(|(repository, id)| format!("{repository}/actions/runs/{id}"));
    if let Some(job) = &mut context.job {
        job.url.clone_from(&url);
    }
    if let Some(pipeline) = &mut context.pipeline {
        pipeline.url = url;
    }
    if context
        .git_ref
        .as_deref()
        .is_some_and(|name| name.starts_with("refs/pull/"))
    {
        if let Some(head) = env.get("GITHUB_HEAD_REF") {
            context.set_ref(&head);
        }
        if let Some(head) = head_of_pull_request(env) {
            context.sha = Some(head);
        }
    }
}

fn head_of_pull_request(env: &Environment<'_>) -> Option<String> {
    let event: Value = serde_json::from_str(&(env.file)(&env.get("GITHUB_EVENT_PATH")?)?).ok()?;
    event
        .pointer("/pull_request/head/sha")?
        .as_str()
        .and_then(environment::sha)
}
