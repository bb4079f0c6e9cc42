//! The optional request throttle (reference 12.3): fixed windows, aligned to multiples of the period since 1970, with
//! GitLab's headers. Each node counts for itself.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use http::{HeaderName, HeaderValue};
use landfall_domain::{ids::UserId, time::Timestamp};

use super::error::ApiError;
use crate::app::RateLimit;

/// `RateLimit-Limit` tells the limit of so many seconds, whatever the period is.
const SHOWN_SECONDS: u64 = 60;

/// Whom a request is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// A user, by whatever token.
    User(UserId),
    /// An address, without a good token.
    Address(IpAddr),
}

/// Counts requests.
pub(crate) struct Throttle {
    authenticated: Option<RateLimit>,
    unauthenticated: Option<RateLimit>,
    windows: Mutex<Windows>,
}

#[derive(Default)]
struct Windows {
    /// Number of the window (time divided by period) and requests in it.
    counts: HashMap<Caller, (u64, u64)>,
    /// The second at which counts of past windows were last thrown away.
    swept: u64,
}

impl Throttle {
    pub(crate) fn new(authenticated: Option<RateLimit>, unauthenticated: Option<RateLimit>) -> Throttle {
        Throttle {
            authenticated,
            unauthenticated,
            windows: Mutex::default(),
        }
    }

    /// Whether any limit is set.
    pub(crate) fn is_on(&self) -> bool {
        self.authenticated.is_some() || self.unauthenticated.is_some()
    }

    /// Counts a request, tells the state of the window in `headers`, and refuses what is over the limit.
    pub(crate) fn count(
        &self,
        caller: Caller,
        now: Timestamp,
        headers: &mut Vec<(HeaderName, HeaderValue)>,
    ) -> Result<(), ApiError> {
        let (limit, name) = match caller {
            Caller::User(_) => (self.authenticated, "throttle_authenticated_api"),
            Caller::Address(_) => (self.unauthenticated, "throttle_unauthenticated_api"),
        };
        let Some(limit) = limit else { return Ok(()) };
        let period = limit.period.get() as u64;
        let seconds = u64::try_from(now.as_micros() / 1_000_000).unwrap_or(0);
        let window = seconds / period;
        let observed = self.observe(caller, window, seconds, period);
        let reset = (window + 1) * period;
        let shown = limit.requests.saturating_mul(SHOWN_SECONDS).div_ceil(period);
        headers.push((
            HeaderName::from_static("ratelimit-name"),
            HeaderValue::from_static(name),
        ));
        for (header, number) in [
            ("ratelimit-limit", shown),
            ("ratelimit-observed", observed),
            ("ratelimit-remaining", limit.requests.saturating_sub(observed)),
            ("ratelimit-reset", reset),
        ] {
            headers.push((HeaderName::from_static(header), HeaderValue::from(number)));
        }
        if observed > limit.requests {
            let reset_at = i64::try_from(reset).unwrap_or(i64::MAX);
            return Err(ApiError::TooManyRequests {
                retry_after: reset - seconds,
                reset: reset_at,
            });
        }
        Ok(())
    }

    fn observe(&self, caller: Caller, window: u64, seconds: u64, period: u64) -> u64 {
        // Counts are plain numbers: a panic elsewhere cannot have left them half changed.
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if seconds >= windows.swept + period {
            windows.counts.retain(|_, (of, _)| *of >= window);
            windows.swept = seconds;
        }
        let count = windows.counts.entry(caller).or_insert((window, 0));
        if count.0 != window {
            *count = (window, 0);
        }
        count.1 += 1;
        count.1
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn throttle() -> Throttle {
        let limit = RateLimit {
            requests: 2,
            period: NonZeroUsize::new(100).unwrap(),
        };
        Throttle::new(Some(limit), None)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_third_request_of_a_window_is_refused_and_the_next_window_starts_anew() {
        let throttle = throttle();
        let caller = Caller::User(UserId(1));
        let mut headers = Vec::new();
        assert!(throttle.count(caller, at(100), &mut headers).is_ok());
        assert!(throttle.count(caller, at(150), &mut headers).is_ok());
        headers.clear();
        let refused = throttle.count(caller, at(170), &mut headers);
        assert!(matches!(
            refused,
            Err(ApiError::TooManyRequests {
                retry_after: 30,
                reset: 200
            })
        ));
        let shown: Vec<String> = headers
            .iter()
            .map(|(n, v)| format!("{n}: {}", v.to_str().unwrap()))
            .collect();
        assert_eq!(
            shown,
            [
                "ratelimit-name: throttle_authenticated_api",
                "ratelimit-limit: 2",
                "ratelimit-observed: 3",
                "ratelimit-remaining: 0",
                "ratelimit-reset: 200"
            ]
        );
        assert!(throttle.count(caller, at(200), &mut headers).is_ok());
        assert!(
            throttle.count(Caller::User(UserId(2)), at(170), &mut headers).is_ok(),
            "users are counted apart"
        );
    }

    #[test]
    fn a_caller_without_a_limit_gets_no_headers() {
        let mut headers = Vec::new();
        let caller = Caller::Address(IpAddr::from([127, 0, 0, 1]));
        assert!(throttle().count(caller, at(1), &mut headers).is_ok());
        assert!(headers.is_empty());
    }
}
