//! Deployments: their statuses and the changes between them, their times, the rule that makes a repeated report no new
//! record, and the query that lists them (reference sections 6 and 8).

mod change;
mod facts;
mod query;
mod status;
mod times;
mod unchanged;

pub use change::Change;
pub use facts::{Facts, Note};
pub use query::{DeploymentFilter, DeploymentOrder, DeploymentQuery, ShaFilter};
pub use status::{Status, TransitionError};
pub use times::{GivenTimes, Times, TimesError, refuse_future, resolve_times};
pub use unchanged::{SameJob, Unchanged, is_unchanged};

use crate::{
    environment::Environment,
    ids::{DeploymentId, EnvironmentId, Iid, JobRowId, ProjectId, UserId},
    job::Job,
    origin::DeploymentOrigin,
    time::Timestamp,
    user::User,
};

/// A deployment as it is stored. Its texts are its own, or, as those of its job may be, lent from what it was read from (`T`
/// is `&str` then).
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment<T = String> {
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
    pub git_ref: T,
    /// Whether `git_ref` names a tag.
    pub tag: bool,
    /// Commit, exactly as sent (also abbreviated, also a branch name).
    pub sha: T,
    /// The full object id that `sha` meant when it was recorded; `None` where the project has no repository, which
    /// marks the record as unverified.
    pub commit: Option<T>,
    /// Where it stands.
    pub status: Status,
    /// How it came here.
    pub source: Source,
    /// The key under which its sender reports it, unique for the project and the source.
    pub external_id: Option<T>,
    /// What its senders tell beyond that.
    pub facts: Facts<T>,
    /// Whether its job is run by a GitLab, which then alone may change it (reference 6.4).
    pub owned_by_gitlab: bool,
    /// What it is where it was imported from.
    pub origin: Option<DeploymentOrigin<T>>,
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

texts!(Source { Api = "api", Cli = "cli", Import = "import", Hook = "hook" });

/// Whether success `a` is live rather than success `b` of the same environment; each is given by its `finished_at` and
/// its id.
///
/// The newest `finished_at` wins, and among equal ones the highest id (reference 6.3.3). Because the time decides and
/// not the order of arrival, a late or backdated report never displaces a newer one.
#[must_use]
pub fn is_live_before(a: (Timestamp, DeploymentId), b: (Timestamp, DeploymentId)) -> bool {
    a > b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_finish_is_live_and_the_id_breaks_ties() {
        let success = |at, id| (Timestamp(at), DeploymentId(id));
        assert!(
            is_live_before(success(2, 1), success(1, 9)),
            "a later arrival with an older time stays behind"
        );
        assert!(!is_live_before(success(1, 9), success(2, 1)));
        assert!(is_live_before(success(1, 9), success(1, 8)));
        assert!(
            !is_live_before(success(1, 8), success(1, 8)),
            "nothing stands before itself"
        );
    }
}
