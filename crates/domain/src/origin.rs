//! Where imported records come from: a project of another instance, whose deployments are copied in order and then kept
//! up to date.

use crate::{
    deployment::Status,
    ids::{OriginId, ProjectId},
    time::Timestamp,
};

/// What kind of system it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Whatever speaks GitLab's API, Landfall included.
    Gitlab,
    /// GitHub.
    Github,
}

texts!(Kind { Gitlab = "gitlab", Github = "github" });

/// A project elsewhere that is copied into one here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Global id.
    pub id: OriginId,
    /// The project here.
    pub project_id: ProjectId,
    /// What kind of system it comes from.
    pub kind: Kind,
    /// Address of that system, without the scheme: `gitlab.example.com`.
    pub instance: String,
    /// The project's id there.
    pub external_project_id: i64,
    /// How far copying has come.
    pub progress: Progress,
    /// When it was first imported.
    pub created_at: Timestamp,
}

/// How far copying has come: first everything in the order of the ids, then what has changed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether everything has been read once.
    pub walked: bool,
    /// Until then: every deployment up to this id of the origin's has been.
    pub walked_to: Option<i64>,
    /// Every change up to this time of the origin's clock is here once everything has been read; `None` where the origin
    /// does not tell when a deployment changed.
    pub changed_to: Option<Timestamp>,
}

/// What an imported deployment is where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentOrigin<T = String> {
    /// The project there.
    pub origin_id: OriginId,
    /// The deployment's id there.
    pub id: i64,
    /// Where people see it there.
    pub url: Option<T>,
}

/// When an imported deployment finished, which GitLab does not tell (reference 8.2): as told if it is; else, for a status
/// that finishes, when its job ended; else when it last changed. Never before it was made.
#[must_use]
pub fn finished_at(
    status: Status,
    told: Option<Timestamp>,
    job: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
) -> Option<Timestamp> {
    let derived = || status.is_finished().then(|| job.unwrap_or(updated_at).max(created_at));
    told.or_else(derived)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_moment_is_the_end() {
        let [told, job, created, updated] = [4, 3, 1, 2].map(Timestamp);
        let end = |status, told, job| finished_at(status, told, job, created, updated);
        assert_eq!(end(Status::Success, Some(told), Some(job)), Some(told));
        assert_eq!(end(Status::Failed, None, Some(job)), Some(job));
        assert_eq!(end(Status::Canceled, None, None), Some(updated));
        assert_eq!(end(Status::Success, None, Some(Timestamp(0))), Some(created));
        assert_eq!(end(Status::Running, None, Some(job)), None);
        assert_eq!(end(Status::Skipped, None, None), None);
        assert_eq!(
            end(Status::Running, Some(told), None),
            Some(told),
            "it had finished before"
        );
    }
}
