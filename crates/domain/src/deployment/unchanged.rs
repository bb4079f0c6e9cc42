//! When a report says nothing new (reference 6.3.3).

use crate::{
    deployment::{Deployment, GivenTimes, Status},
    job::Job,
    time::Timestamp,
};

/// The part of a create request that decides whether it only repeats the environment's last deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchanged<'a> {
    /// Branch or tag as sent.
    pub git_ref: &'a str,
    /// Whether it is a tag.
    pub tag: bool,
    /// Commit as sent.
    pub sha: &'a str,
    /// Status.
    pub status: Status,
    /// Explicit times.
    pub times: GivenTimes,
    /// The job, if one is told.
    pub job: Option<SameJob<'a>>,
}

/// A job as far as a repeated report can be recognised by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameJob<'a> {
    /// The other system's id, if it has one.
    pub id: Option<i64>,
    /// Name.
    pub name: &'a str,
}

impl SameJob<'_> {
    /// The id decides where one is told, else the name.
    fn is(&self, job: &Job) -> bool {
        match self.id {
            Some(id) => id == job.id,
            None => self.name == job.name,
        }
    }
}

/// Whether `request` repeats `last`, the deployment that is live in the environment, done by `last_job`. Then the answer
/// is that deployment and nothing is stored.
///
/// GitLab compares ref, tag, sha and status, which makes a retried report harmless. The times and the job are
/// Landfall's own: where a request tells them they must be the recorded ones, because another time or another job is
/// another deployment. What a request leaves out is not compared, and neither is the user.
#[must_use]
pub fn is_unchanged(last: &Deployment, last_job: Option<&Job>, request: &Unchanged<'_>) -> bool {
    let same_times = is_absent_or(request.times.created_at, last.created_at)
        && is_absent_or(request.times.updated_at, last.updated_at)
        && request
            .times
            .finished_at
            .is_none_or(|given| last.finished_at.is_some_and(|recorded| is_shown_as(recorded, given)));
    last.git_ref == request.git_ref
        && last.tag == request.tag
        && last.sha == request.sha
        && last.status == request.status
        && same_times
        && request
            .job
            .is_none_or(|job| last_job.is_some_and(|last_job| job.is(last_job)))
}

fn is_absent_or(given: Option<Timestamp>, recorded: Timestamp) -> bool {
    given.is_none_or(|given| is_shown_as(recorded, given))
}

/// Whether a told time is the recorded one, as far as answers show it: they show milliseconds, and a caller can only tell
/// what it was shown.
fn is_shown_as(recorded: Timestamp, told: Timestamp) -> bool {
    recorded.as_micros().div_euclid(1000) == told.as_micros().div_euclid(1000)
}
