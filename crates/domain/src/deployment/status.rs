//! Statuses and the table of changes between them (reference 8.1).

use thiserror::Error;

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

texts!(Status {
    Created = "created",
    Running = "running",
    Success = "success",
    Failed = "failed",
    Canceled = "canceled",
    Skipped = "skipped",
    Blocked = "blocked",
});

/// `TABLE[from][to]`: the changes that are allowed, both in the order of [`Status::ALL`].
#[rustfmt::skip]
const TABLE: [[bool; 7]; 7] = {
    const Y: bool = true;
    const N: bool = false;
    [
        // to: created, running, success, failed, canceled, skipped, blocked
        /* created  */ [N, Y, Y, Y, Y, Y, Y],
        /* running  */ [N, N, Y, Y, Y, Y, N],
        /* success  */ [N, N, N, Y, Y, Y, N],
        /* failed   */ [N, N, Y, N, Y, Y, N],
        /* canceled */ [N, N, Y, Y, N, Y, N],
        /* skipped  */ [Y, N, Y, Y, Y, N, N],
        /* blocked  */ [N, Y, Y, Y, Y, Y, N],
    ]
};

impl Status {
    /// What a new deployment may be recorded as. Today's GitLab refuses `created`; the seed lists it.
    pub const ON_CREATE: &[Self] = &[
        Self::Created,
        Self::Running,
        Self::Success,
        Self::Failed,
        Self::Canceled,
    ];

    /// What a deployment may be set to through the API (reference 6.4).
    pub const ON_UPDATE: &[Self] = &[Self::Running, Self::Success, Self::Failed, Self::Canceled];

    /// GitLab's stored number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The status of a stored number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.number() == number)
    }

    /// Whether the deployment has come to an end: success, failed or canceled. Entering one of these sets
    /// `finished_at` (reference 8.2); skipped is none of them.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Canceled)
    }

    /// Whether a deployment may go from this status to another; to the one that it has already is refused as well.
    pub fn transition(self, to: Self) -> Result<(), TransitionError> {
        if TABLE[self as usize][to as usize] {
            Ok(())
        } else {
            Err(TransitionError { event: to.event() })
        }
    }

    /// GitLab's name for the change to this status.
    const fn event(self) -> &'static str {
        match self {
            Self::Created => "create",
            Self::Running => "run",
            Self::Success => "succeed",
            Self::Failed => "drop",
            Self::Canceled => "cancel",
            Self::Skipped => "skip",
            Self::Blocked => "block",
        }
    }
}

/// A change of status that the table does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("cannot transition via \"{event}\"")]
pub struct TransitionError {
    /// GitLab's name for the change: `run`, `succeed`, `drop`, `cancel`, `skip`, `block` or `create`.
    pub event: &'static str,
}
