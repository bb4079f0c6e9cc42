//! Copies of remote repositories: where they stand, and when they are brought up to date next.

use std::time::Duration;

use crate::{ids::ProjectId, time::Timestamp};

/// Where a copy stands, in GitLab's words for imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportStatus {
    /// It is to be made or brought up to date.
    Scheduled,
    /// That is under way.
    Started,
    /// It was, the last time.
    Finished,
    /// It was not, the last time; it is tried again.
    Failed,
}

texts!(ImportStatus { Scheduled = "scheduled", Started = "started", Finished = "finished", Failed = "failed" });

/// The copy of a project's remote repository. Each node has one of its own; this is what they share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Of which project.
    pub project_id: ProjectId,
    /// What its directories are called; new with each address, so that nobody is shown what another one held.
    pub key: String,
    /// The remote's address, without credentials.
    pub url: String,
    /// Whether the server's credentials may be used: the address was named by somebody who may use them.
    pub with_credentials: bool,
    /// Where it stands.
    pub status: ImportStatus,
    /// Why it failed the last time, in words for whoever looks after the project.
    pub error: Option<String>,
    /// How often it has failed since it was brought up to date.
    pub failures: i64,
    /// When it was brought up to date last.
    pub fetched_at: Option<Timestamp>,
    /// What says which refs that copy has. A node whose own copy has others has something to catch up with.
    pub digest: Option<String>,
    /// When it is to be brought up to date next.
    pub next_at: Timestamp,
}

/// The longest pause after failures, unless the ordinary one is longer.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// The pause before a copy is brought up to date again: the interval, doubled with each failure up to an hour, and up to a
/// tenth more by `luck`, which spreads copies that began together.
#[must_use]
pub fn pause(interval: Duration, failures: i64, luck: u16) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 16)).unwrap_or(0);
    let longest = LONGEST_PAUSE.max(interval);
    let due = interval.saturating_mul(1 << doublings).min(longest);
    due + due.mul_f64(f64::from(luck) / f64::from(u16::MAX) / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_failures_and_are_spread() {
        let minutes = |failures| pause(Duration::from_mins(5), failures, 0).as_secs() / 60;
        assert_eq!([0, 1, 2, 3, 4, 99].map(minutes), [5, 10, 20, 40, 60, 60]);
        assert_eq!(pause(Duration::from_hours(6), 3, 0), Duration::from_hours(6));
        assert_eq!(pause(Duration::from_mins(10), 0, u16::MAX), Duration::from_mins(11));
        assert_eq!(pause(Duration::from_mins(5), -1, 0), Duration::from_mins(5));
    }
}
