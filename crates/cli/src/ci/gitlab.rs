//! GitLab CI/CD, by GitLab's "Predefined CI/CD variables reference".
//!
//! Recognised by `GITLAB_CI`. Read are `CI_PROJECT_PATH`; `CI_COMMIT_SHA`, `CI_COMMIT_REF_NAME`, `CI_COMMIT_TAG`; of a
//! merge request `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA` and `CI_MERGE_REQUEST_SOURCE_BRANCH_NAME`; `CI_JOB_ID`,
//! `CI_JOB_NAME`, `CI_JOB_STAGE`, `CI_JOB_URL`; `CI_PIPELINE_ID`, `CI_PIPELINE_IID`, `CI_PIPELINE_URL`,
//! `CI_PIPELINE_SOURCE`; `CI_RUNNER_ID`, `CI_RUNNER_DESCRIPTION`; `GITLAB_USER_LOGIN`, `GITLAB_USER_NAME`,
//! `GITLAB_USER_EMAIL`; and `CI_SERVER_HOST` for the key.
//!
//! **Merge requests.** In a merged results pipeline `CI_COMMIT_SHA` is a merge commit that no branch has, and
//! `CI_MERGE_REQUEST_SOURCE_BRANCH_SHA` is the head of the source branch; in other merge request pipelines that
//! variable is empty and `CI_COMMIT_SHA` is the head itself.
//!
//! **Key.** `gitlab:host:job id`. The id is "unique across all jobs in the GitLab instance", the host tells instances
//! apart. A retried job is a new job with a new id, and so is each copy of a `parallel` or `matrix` job.

use super::{Environment, System, key::Key, mapping::Mapping, nothing_to_add};

pub(super) const SYSTEM: System = System {
    name: "gitlab",
    is_here: |env| env.is_true("GITLAB_CI"),
    mapping: Mapping {
        project: &["CI_PROJECT_PATH"],
        sha: &["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"],
        git_ref: &["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"],
        tag: &["CI_COMMIT_TAG"],
        job_id: &["CI_JOB_ID"],
        job_name: &["CI_JOB_NAME"],
        job_stage: &["CI_JOB_STAGE"],
        job_url: &["CI_JOB_URL"],
        pipeline_id: &["CI_PIPELINE_ID"],
        pipeline_iid: &["CI_PIPELINE_IID"],
        pipeline_url: &["CI_PIPELINE_URL"],
        pipeline_source: &["CI_PIPELINE_SOURCE"],
        runner_id: &["CI_RUNNER_ID"],
        runner_description: &["CI_RUNNER_DESCRIPTION"],
        actor_username: &["GITLAB_USER_LOGIN"],
        actor_name: &["GITLAB_USER_NAME"],
        actor_email: &["GITLAB_USER_EMAIL"],
    },
    key: run_of_job,
    finish: nothing_to_add,
};

fn run_of_job(env: &Environment<'_>) -> Option<String> {
    Key::of("gitlab")
        .with_any(env.get("CI_SERVER_HOST"))
        .with(env.get("CI_JOB_ID"))
        .finish()
}
