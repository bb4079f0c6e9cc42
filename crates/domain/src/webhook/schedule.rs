//! When a delivery that failed is tried again.

use std::time::Duration;

use crate::time::Timestamp;

/// A delivery is tried for so long after what it tells of.
pub const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

/// The first wait; each further one is three times as long.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// The longest wait that nobody asked for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// When the delivery was to be made first.
    pub since: Timestamp,
    /// When the attempt failed.
    pub failed_at: Timestamp,
    /// How many attempts there have been, this one among them.
    pub attempts: i64,
    /// The wait that the receiver asked for.
    pub retry_after: Option<Duration>,
    /// A random number, so that receivers that came back are not run over by everybody at once.
    pub jitter: u16,
}

/// When to try again: after 10 seconds, then 30, 90 and so on up to an hour, each a fifth more or less, and not before the
/// receiver wants it. `None` if that is more than [`GIVE_UP_AFTER`] after the beginning.
#[must_use]
pub fn next_attempt(retry: &Retry) -> Option<Timestamp> {
    let tries = u32::try_from(retry.attempts.max(1) - 1).unwrap_or(u32::MAX);
    let factor = 3_u32.saturating_pow(tries);
    let wait = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
    // Four fifths, and up to two fifths more.
    let spread = wait / 5 * 4 + wait * 2 / 5 * u32::from(retry.jitter) / u32::from(u16::MAX);
    let next = retry.failed_at.plus(spread.max(retry.retry_after.unwrap_or_default()));
    (next <= retry.since.plus(GIVE_UP_AFTER)).then_some(next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_767_323_045_000_000);
    /// Just in the middle.
    const EVEN: u16 = u16::MAX / 2;

    /// To the nearest second.
    fn wait_after(attempts: i64) -> i64 {
        let retry = Retry {
            since: START,
            failed_at: START,
            attempts,
            retry_after: None,
            jitter: EVEN,
        };
        let next = next_attempt(&retry).unwrap();
        (next.as_micros() - START.as_micros() + 500_000) / 1_000_000
    }

    #[test]
    fn waits_grow_threefold_up_to_an_hour() {
        let waits = [1, 2, 3, 4, 5, 6, 7, 30, i64::MAX].map(wait_after);
        assert_eq!(waits, [10, 30, 90, 270, 810, 2430, 3600, 3600, 3600]);
    }

    proptest! {
        #[test]
        fn it_ends_within_a_day_and_never_comes_early(
            attempts in 0_i64..100,
            after in 0_u64..200_000,
            asked in proptest::option::of(0_u64..200_000),
            jitter: u16,
        ) {
            let failed_at = START.plus(Duration::from_secs(after));
            let retry_after = asked.map(Duration::from_secs);
            let retry = Retry { since: START, failed_at, attempts, retry_after, jitter };
            if let Some(next) = next_attempt(&retry) {
                prop_assert!(next >= failed_at.plus(Duration::from_secs(8)));
                prop_assert!(next >= failed_at.plus(retry_after.unwrap_or_default()));
                prop_assert!(next <= START.plus(GIVE_UP_AFTER));
            } else {
                let longest = Duration::from_mins(72).max(retry_after.unwrap_or_default());
                prop_assert!(failed_at.plus(longest) > START.plus(GIVE_UP_AFTER));
            }
        }

        #[test]
        fn a_walk_of_failures_has_some_thirty_steps(jitter: u16) {
            let mut failed_at = START;
            let mut attempts = 1;
            while let Some(next) = next_attempt(&Retry { since: START, failed_at, attempts, retry_after: None, jitter }) {
                prop_assert!(next > failed_at);
                (failed_at, attempts) = (next, attempts + 1);
            }
            prop_assert!((24..=36).contains(&attempts), "{}", attempts);
        }
    }
}
