//! Limits of single endpoints (reference 12.3): so many requests of one user about one thing in a minute. Each node counts
//! for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use landfall_domain::{ids::UserId, time::Timestamp};

use super::error::ApiError;

/// Length of a window in seconds.
const WINDOW: u64 = 60;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limited {
    /// Tests of the webhooks of one owner.
    WebhookTest,
    /// Webhooks of one owner that are sent once more.
    WebhookResend,
}

impl Limited {
    /// Requests in a window.
    const fn most(self) -> u64 {
        match self {
            Limited::WebhookTest | Limited::WebhookResend => 5,
        }
    }
}

/// Counts them.
#[derive(Default)]
pub(crate) struct Limits(Mutex<Windows>);

#[derive(Default)]
struct Windows {
    number: u64,
    /// What, by whom, about which thing.
    counts: HashMap<(Limited, UserId, String), u64>,
}

impl Limits {
    /// Counts a request, and refuses what is over the limit.
    pub(crate) fn count(&self, what: Limited, user: UserId, about: String, now: Timestamp) -> Result<(), ApiError> {
        let seconds = u64::try_from(now.as_micros() / 1_000_000).unwrap_or(0);
        let number = seconds / WINDOW;
        // Counts are plain numbers: a panic elsewhere cannot have left them half changed.
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.number != number {
            windows.number = number;
            windows.counts.clear();
        }
        let count = windows.counts.entry((what, user, about)).or_default();
        *count += 1;
        if *count > what.most() {
            return Err(ApiError::ApplicationLimit { retry_after: WINDOW });
        }
        Ok(())
    }
}
