//! Auto-disable (neighbours, 11.2): a receiver that keeps failing is left alone for longer and longer.

use std::time::Duration;

use crate::time::Timestamp;

/// So many failures in a row have no effect.
const TOLERATED: i64 = 3;
/// The first pause; each further failure doubles it.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// How a hook's receiver has been lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failed attempts since the last success.
    pub failures: i64,
    /// Nothing is sent before this time.
    pub paused_until: Option<Timestamp>,
}

/// Whether a hook is sent, in GitLab's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStatus {
    /// It is.
    Executable,
    /// Not before a certain time.
    TemporarilyDisabled,
    /// Not until a test of it succeeds.
    Disabled,
}

texts!(AlertStatus {
    Executable = "executable",
    TemporarilyDisabled = "temporarily_disabled",
    Disabled = "disabled",
});

impl Health {
    /// So many failures in a row end it, until somebody sends a test that arrives.
    pub const FATAL: i64 = 40;

    /// After a success nothing is held against a receiver.
    pub const GOOD: Self = Self {
        failures: 0,
        paused_until: None,
    };

    /// After one more failure. `retry_after` is the pause that the receiver itself asked for.
    #[must_use]
    pub fn after_failure(self, now: Timestamp, retry_after: Option<Duration>) -> Self {
        let failures = self.failures.saturating_add(1);
        let pause = pause_after(failures).max(retry_after.map(|asked| asked.min(LONGEST_PAUSE)));
        Self {
            failures,
            paused_until: pause.map(|pause| now.plus(pause)),
        }
    }

    /// Whether the last attempt failed: then one at a time is tried.
    #[must_use]
    pub const fn is_failing(self) -> bool {
        self.failures > 0
    }

    /// Whether anything may be sent, now or later, without a test.
    #[must_use]
    pub const fn is_dead(self) -> bool {
        self.failures >= Self::FATAL
    }

    /// Where it stands.
    #[must_use]
    pub fn status(self, now: Timestamp) -> AlertStatus {
        if self.is_dead() {
            AlertStatus::Disabled
        } else if self.disabled_until(now).is_some() {
            AlertStatus::TemporarilyDisabled
        } else {
            AlertStatus::Executable
        }
    }

    /// The end of a pause, as it is shown. One that a receiver of fewer failures asked for is none of its owner's.
    #[must_use]
    pub fn disabled_until(self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until
            .filter(|until| self.failures > TOLERATED && !self.is_dead() && *until > now)
    }
}

fn pause_after(failures: i64) -> Option<Duration> {
    let doublings = u32::try_from(failures - TOLERATED - 1).ok()?;
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    Some(FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_323_045_000_000);

    fn after(failures: usize) -> Health {
        (0..failures).fold(Health::GOOD, |health, _| health.after_failure(NOW, None))
    }

    #[test]
    fn the_fourth_failure_pauses_and_the_fortieth_ends() {
        let minutes = |failures| {
            let health = after(failures);
            let pause = health.disabled_until(NOW)?;
            Some((pause.as_micros() - NOW.as_micros()) / 60_000_000)
        };
        assert_eq!(minutes(3), None);
        assert_eq!(
            [4, 5, 6, 13, 14, 15, 39].map(minutes),
            [1, 2, 4, 512, 1024, 1440, 1440].map(Some)
        );
        assert_eq!(after(3).status(NOW), AlertStatus::Executable);
        assert_eq!(after(4).status(NOW), AlertStatus::TemporarilyDisabled);
        assert_eq!(after(4).status(NOW.plus(FIRST_PAUSE)), AlertStatus::Executable);
        assert_eq!(after(39).status(NOW), AlertStatus::TemporarilyDisabled);
        assert_eq!(after(40).status(NOW), AlertStatus::Disabled);
        assert_eq!(after(40).disabled_until(NOW), None);
    }

    #[test]
    fn a_receiver_may_ask_for_a_pause_that_is_not_shown() {
        let asked = Health::GOOD.after_failure(NOW, Some(Duration::from_secs(30)));
        assert_eq!(asked.paused_until, Some(NOW.plus(Duration::from_secs(30))));
        assert_eq!(
            (asked.status(NOW), asked.disabled_until(NOW)),
            (AlertStatus::Executable, None)
        );
    }

    proptest! {
        #[test]
        fn a_pause_never_shrinks_and_never_exceeds_a_day(failures in 0_i64..i64::MAX, asked in 0_u64..u64::MAX) {
            let one = Health { failures, paused_until: None };
            let next = one.after_failure(NOW, Some(Duration::from_secs(asked)));
            let pause = next.paused_until.unwrap();
            prop_assert!(pause <= NOW.plus(LONGEST_PAUSE));
            prop_assert!(pause_after(failures) <= pause_after(failures.saturating_add(1)));
        }
    }
}
