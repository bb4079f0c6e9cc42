//! Asking again where a server cannot answer now: it is overloaded, limits requests, or the connection broke.

use std::time::Duration;

use httpdate::parse_http_date;
use reqwest::{StatusCode, header::HeaderMap};

use crate::client::Answer;

/// How long a client goes on asking for one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Requests at most.
    pub tries: u32,
    /// The first pause; each following one is twice as long.
    pub first: Duration,
    /// The longest pause that the client chooses.
    pub longest: Duration,
    /// The longest pause that a server can ask for. One that wants more is not asked again.
    pub longest_told: Duration,
}

impl Default for Patience {
    /// About three minutes of silence, and as long as a server with a limit by the hour can want.
    fn default() -> Patience {
        Patience {
            tries: 10,
            first: Duration::from_millis(500),
            longest: Duration::from_mins(1),
            longest_told: Duration::from_secs(3700),
        }
    }
}

/// A pause before asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What happened: `the server answered 503`.
    pub why: String,
    /// How long it is.
    pub pause: Duration,
}

impl Patience {
    /// The pause after so many requests in vain, from 1; `None` if it is time to give up. `luck`, from 0 to 1, spreads the
    /// pauses of clients that were turned away at the same moment: over the upper half of what is due.
    #[must_use]
    pub fn pause(&self, failed: u32, told: Option<Duration>, luck: f64) -> Option<Duration> {
        if failed >= self.tries {
            return None;
        }
        if let Some(told) = told {
            return (told <= self.longest_told).then_some(told);
        }
        let doublings = failed.saturating_sub(1).min(31);
        let due = self.first.saturating_mul(1 << doublings).min(self.longest);
        Some(due.mul_f64(0.5 + luck.clamp(0.0, 1.0) / 2.0))
    }
}

/// What an answer says about asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the answer.
    Final,
    /// It is worth asking again, after this pause if one is told.
    Again(Option<Duration>),
}

impl Answer {
    pub(crate) fn verdict(&self) -> Verdict {
        let told = told_pause(&self.headers);
        match self.status {
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Verdict::Again(told),
            // How GitHub says that a limit is reached.
            StatusCode::FORBIDDEN if told.is_some() => Verdict::Again(told),
            _ => Verdict::Final,
        }
    }

    /// How long the next request should wait, after an answer that used up what a limit allows.
    pub(crate) fn exhausted_for(&self) -> Option<Duration> {
        until_reset(&self.headers)
    }
}

/// `Retry-After`, in seconds or as a date, else the end of a window in which nothing is left.
fn told_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, "retry-after");
    let seconds = text.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let date = || {
        let at = parse_http_date(text?).ok()?;
        // A moment that has passed is no time to wait for.
        Some(at.duration_since(date_of(headers)?).unwrap_or_default())
    };
    seconds.or_else(date).or_else(|| until_reset(headers))
}

/// GitLab's and GitHub's names for the same two facts. The server's clock decides, which it tells in `Date`.
fn until_reset(headers: &HeaderMap) -> Option<Duration> {
    [
        ("ratelimit-remaining", "ratelimit-reset"),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ]
    .into_iter()
    .find_map(|(remaining, reset)| {
        let remaining: u64 = text(headers, remaining)?.parse().ok()?;
        let reset: u64 = text(headers, reset)?.parse().ok()?;
        let now = date_of(headers)?.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        (remaining == 0).then(|| Duration::from_secs(reset.saturating_sub(now)))
    })
}

fn date_of(headers: &HeaderMap) -> Option<std::time::SystemTime> {
    parse_http_date(text(headers, "date")?).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn verdict(status: u16, headers: &[(&'static str, &'static str)]) -> Verdict {
        answer(status, headers).verdict()
    }

    fn answer(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_end() {
        let patience = Patience {
            tries: 6,
            longest: Duration::from_secs(3),
            ..Patience::default()
        };
        let pauses = |luck| (1..8).map(move |failed| patience.pause(failed, None, luck).map(|pause| pause.as_millis()));
        assert!(pauses(1.0).eq([Some(500), Some(1000), Some(2000), Some(3000), Some(3000), None, None]));
        assert!(pauses(0.0).eq([Some(250), Some(500), Some(1000), Some(1500), Some(1500), None, None]));
        let told = |seconds| patience.pause(1, Some(Duration::from_secs(seconds)), 0.3);
        assert_eq!(told(0), Some(Duration::ZERO));
        assert_eq!(told(3700), Some(Duration::from_secs(3700)));
        assert_eq!(told(3701), None, "longer than anybody waits");
        assert_eq!(patience.pause(6, Some(Duration::ZERO), 0.0), None);
    }

    #[test]
    fn what_may_pass_is_asked_again() {
        let again = |seconds| Verdict::Again(Some(Duration::from_secs(seconds)));
        for status in [408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(verdict(status, &[]), Verdict::Again(None), "{status}");
            assert_eq!(verdict(status, &[("retry-after", "37")]), again(37), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 501] {
            assert_eq!(
                verdict(status, &[("x-ratelimit-remaining", "9")]),
                Verdict::Final,
                "{status}"
            );
        }
        assert_eq!(verdict(403, &[("retry-after", "60")]), again(60));
    }

    #[test]
    fn the_servers_clock_says_how_long_a_limit_holds() {
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        let github = [
            date,
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1792567710"),
        ];
        assert_eq!(verdict(403, &github), Verdict::Again(Some(Duration::from_secs(30))));
        let gitlab = [date, ("ratelimit-remaining", "0"), ("ratelimit-reset", "1792567000")];
        assert_eq!(
            verdict(429, &gitlab),
            Verdict::Again(Some(Duration::ZERO)),
            "it is over"
        );
        assert_eq!(answer(200, &github).exhausted_for(), Some(Duration::from_secs(30)));
        let left = [date, ("ratelimit-remaining", "1"), ("ratelimit-reset", "1792567710")];
        assert_eq!(answer(200, &left).exhausted_for(), None);
        let later = [date, ("retry-after", "Wed, 21 Oct 2026 07:28:05 GMT")];
        assert_eq!(verdict(503, &later), Verdict::Again(Some(Duration::from_secs(5))));
        let nonsense = [("retry-after", "soon"), ("ratelimit-remaining", "x")];
        assert_eq!(verdict(429, &nonsense), Verdict::Again(None));
    }
}
