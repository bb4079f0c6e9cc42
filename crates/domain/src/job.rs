//! The job that did a deployment (GitLab's `deployable`), its pipeline and its runner, as told by the system that ran
//! them.
//!
//! These are snapshots: their ids and times are the other system's and are shown as they were given. Only `name` is
//! always known.

use crate::time::Timestamp;

/// JSON text, kept as it was given (after its keys were put into GitLab's order). It is one valid value: nobody looks at it
/// again before it goes out.
///
/// Used for the nested objects of a job that Landfall shows but never asks about: the user's profile, the commit, the
/// artifacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<T = String>(pub T);

/// A CI job (reference 7.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Job<T = String> {
    /// The id that is shown: the other system's, or ours where it gave none.
    pub id: i64,
    /// The job's own status; a text, because every CI system has words of its own.
    pub status: Option<T>,
    /// Stage of the pipeline.
    pub stage: Option<T>,
    /// Name of the job.
    pub name: T,
    /// Branch or tag the job ran for.
    pub git_ref: Option<T>,
    /// Whether `git_ref` is a tag.
    pub tag: Option<bool>,
    /// Test coverage in percent.
    pub coverage: Option<f64>,
    /// Whether the pipeline goes on when the job fails.
    pub allow_failure: Option<bool>,
    /// When the job was made.
    pub created_at: Option<Timestamp>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When its log was erased.
    pub erased_at: Option<Timestamp>,
    /// Seconds it ran.
    pub duration: Option<f64>,
    /// Seconds it waited.
    pub queued_duration: Option<f64>,
    /// Who started it (reference 7.6).
    pub user: Option<Snapshot<T>>,
    /// What it built (reference 7.7).
    pub commit: Option<Snapshot<T>>,
    /// The pipeline it is part of.
    pub pipeline: Option<Pipeline<T>>,
    /// Why it failed.
    pub failure_reason: Option<T>,
    /// Its page.
    pub web_url: Option<T>,
    /// GitLab's `project.ci_job_token_scope_enabled`.
    pub ci_job_token_scope_enabled: Option<bool>,
    /// The artifacts archive.
    pub artifacts_file: Option<Snapshot<T>>,
    /// The list of artifacts.
    pub artifacts: Option<Snapshot<T>>,
    /// The runner it ran on.
    pub runner: Option<Runner<T>>,
    /// The machine of that runner.
    pub runner_manager: Option<Snapshot<T>>,
    /// When the artifacts go.
    pub artifacts_expire_at: Option<Timestamp>,
    /// Whether the job is archived.
    pub archived: Option<bool>,
    /// The runner tags it asked for: a list of texts.
    pub tag_list: Snapshot<T>,
}

impl Job {
    /// A job of which only the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            id: 0,
            status: None,
            stage: None,
            name: name.to_owned(),
            git_ref: None,
            tag: None,
            coverage: None,
            allow_failure: None,
            created_at: None,
            started_at: None,
            finished_at: None,
            erased_at: None,
            duration: None,
            queued_duration: None,
            user: None,
            commit: None,
            pipeline: None,
            failure_reason: None,
            web_url: None,
            ci_job_token_scope_enabled: None,
            artifacts_file: None,
            artifacts: None,
            runner: None,
            runner_manager: None,
            artifacts_expire_at: None,
            archived: None,
            tag_list: Snapshot("[]".to_owned()),
        }
    }
}

/// A pipeline (reference 7.8).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline<T = String> {
    /// The other system's id.
    pub id: Option<i64>,
    /// Number within the project.
    pub iid: Option<i64>,
    /// The other system's project.
    pub project_id: Option<i64>,
    /// Commit.
    pub sha: Option<T>,
    /// Branch or tag.
    pub git_ref: Option<T>,
    /// The pipeline's own status.
    pub status: Option<T>,
    /// What started it (`push`, `schedule`, `web`, …).
    pub source: Option<T>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// Its page.
    pub web_url: Option<T>,
}

/// A runner (reference 7.8).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runner<T = String> {
    /// The other system's id.
    pub id: Option<i64>,
    /// What its owner calls it.
    pub description: Option<T>,
    /// Its address, which current GitLab leaves null.
    pub ip_address: Option<T>,
    /// Not paused.
    pub active: Option<bool>,
    /// Takes no jobs.
    pub paused: Option<bool>,
    /// Serves the whole instance.
    pub is_shared: Option<bool>,
    /// `instance_type`, `group_type` or `project_type`.
    pub runner_type: Option<T>,
    /// The program's name.
    pub name: Option<T>,
    /// Seen lately.
    pub online: Option<bool>,
    /// Who registered it.
    pub created_by: Option<Snapshot<T>>,
    /// When it was registered.
    pub created_at: Option<Timestamp>,
    /// `online`, `offline`, `stale`, `never_contacted` or `paused`.
    pub status: Option<T>,
    /// `active` or `idle`.
    pub job_execution_status: Option<T>,
}
