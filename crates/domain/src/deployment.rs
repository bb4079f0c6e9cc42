//! Deployments: their statuses, the changes between them, and the query that lists them.

use thiserror::Error;

use crate::{
    environment::Environment,
    ids::{DeploymentId, EnvironmentId, Iid, JobRowId, ProjectId, UserId},
    job::Job,
    time::Timestamp,
    user::User,
};

/// Where a deployment stands. The numbers are GitLab's stored ones (reference 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i64)]
pub enum Status {
    /// Known, not started.
    Created = 0,
    /// Under way.
    Running = 1,
    /// Finished well: a candidate for being live.
    Success = 2,
    /// Finished badly.
    Failed = 3,
    /// Stopped before its end.
    Canceled = 4,
    /// Its CI job was skipped.
    Skipped = 5,
    /// Waits for somebody.
    Blocked = 6,
}

/// A deployment as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Global id.
    pub id: DeploymentId,
    /// Number within the project.
    pub iid: Iid,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it went.
    pub environment_id: EnvironmentId,
    /// Who recorded it; `None` once that user is gone.
    pub user_id: Option<UserId>,
    /// The job that did it, if one was recorded.
    pub job_id: Option<JobRowId>,
    /// Branch or tag, exactly as sent.
    pub git_ref: String,
    /// Whether `git_ref` names a tag.
    pub tag: bool,
    /// Commit, exactly as sent (also abbreviated, also a branch name).
    pub sha: String,
    /// The full object id that `sha` meant when it was recorded; `None` where the project has no repository, which
    /// marks the record as unverified.
    pub commit: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// How it came here.
    pub source: Source,
    /// Whether its job is run by a GitLab, which then alone may change it (reference 6.4).
    pub owned_by_gitlab: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// When it last became success, failed or canceled (reference 8.2).
    pub finished_at: Option<Timestamp>,
}

/// A deployment with everything that its wire form shows.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentDetails {
    /// The deployment itself.
    pub deployment: Deployment,
    /// Its environment.
    pub environment: Environment,
    /// Its user.
    pub user: Option<User>,
    /// Its job.
    pub job: Option<Job>,
}

/// How a record came into the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// `POST /projects/:id/deployments`.
    Api,
    /// `landfall run` and `landfall record`.
    Cli,
    /// Copied from another system's API.
    Import,
    /// Told by another system's hook.
    Hook,
}
