//! The times of a new deployment, which its reporter may give: a deployment can be recorded long after it happened.

use std::time::Duration;

use thiserror::Error;

use crate::{deployment::Status, time::Timestamp};

/// How far a given time may lie ahead, because clocks differ.
const TOLERANCE: Duration = Duration::from_mins(5);

/// The times that a request gives; GitLab takes none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenTimes {
    /// When the deployment was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
}

impl GivenTimes {
    /// Whether any time is given, which only a maintainer may do ([`crate::access::Action::SetHistory`]).
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// The times of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it finished; `None` exactly while its status is no finished one.
    pub finished_at: Option<Timestamp>,
}

/// Why given times are refused. The text is made to follow the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimesError {
    /// A time lies ahead.
    #[error("can't be more than five minutes in the future")]
    Future {
        /// The field.
        field: &'static str,
    },
    /// `finished_at` of a deployment that has not finished.
    #[error("can only be set once the deployment is finished")]
    NotFinished,
    /// A time before the given `created_at`.
    #[error("can't be before created_at")]
    BeforeCreated {
        /// The field.
        field: &'static str,
    },
}

impl TimesError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Future { field } | Self::BeforeCreated { field } => field,
            Self::NotFinished => "finished_at",
        }
    }
}

/// Completes and checks the times of a new deployment.
///
/// Without given times everything is now. Otherwise what is missing follows from what is given, so that a backdated
/// record lies wholly in the past:
///
/// | missing | becomes |
/// | --- | --- |
/// | `finished_at` | nothing while unfinished, else the given `updated_at`, else the given `created_at` |
/// | `updated_at` | `finished_at`, else the given `created_at` |
/// | `created_at` | the earliest of the given others |
pub fn resolve_times(given: GivenTimes, status: Status, now: Timestamp) -> Result<Times, TimesError> {
    check(given, status, now)?;
    let finished_at = status.is_finished().then(|| {
        given
            .finished_at
            .or(given.updated_at)
            .or(given.created_at)
            .unwrap_or(now)
    });
    let earliest_other = [given.updated_at, given.finished_at].into_iter().flatten().min();
    Ok(Times {
        created_at: given.created_at.or(earliest_other).unwrap_or(now),
        updated_at: given.updated_at.or(finished_at).or(given.created_at).unwrap_or(now),
        finished_at,
    })
}

fn check(given: GivenTimes, status: Status, now: Timestamp) -> Result<(), TimesError> {
    let GivenTimes {
        created_at,
        updated_at,
        finished_at,
    } = given;
    for (field, time) in [
        ("created_at", created_at),
        ("updated_at", updated_at),
        ("finished_at", finished_at),
    ] {
        refuse_future(field, time, now)?;
    }
    if finished_at.is_some() && !status.is_finished() {
        return Err(TimesError::NotFinished);
    }
    for (field, time) in [("updated_at", updated_at), ("finished_at", finished_at)] {
        if time.zip(created_at).is_some_and(|(time, created_at)| time < created_at) {
            return Err(TimesError::BeforeCreated { field });
        }
    }
    Ok(())
}

/// Refuses a told time that lies ahead by more than clocks differ (five minutes).
pub fn refuse_future(field: &'static str, told: Option<Timestamp>, now: Timestamp) -> Result<(), TimesError> {
    if told.is_some_and(|told| told > now.plus(TOLERANCE)) {
        return Err(TimesError::Future { field });
    }
    Ok(())
}
