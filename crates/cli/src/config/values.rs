//! The values of configuration that have a form of their own.

use std::{fmt, num::NonZeroUsize, str::FromStr, time::Duration};

use landfall_server::RateLimit;
use url::Url;

/// An address to listen on: `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen(pub(crate) String);

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Listen, Self::Err> {
        let named = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let has_port = named.is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if has_port {
            Ok(Listen(text.to_owned()))
        } else {
            Err("an address to listen on is ADDRESS:PORT, such as 127.0.0.1:8080")
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address that links begin with, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExternalUrl(pub(crate) String);

impl FromStr for ExternalUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<ExternalUrl, Self::Err> {
        let says = "it must be http://HOST or https://HOST, with a port or path if need be and nothing after it";
        let url = Url::parse(text).map_err(|_| says)?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if is_plain {
            Ok(ExternalUrl(url.as_str().trim_end_matches('/').to_owned()))
        } else {
            Err(says)
        }
    }
}

/// Requests in a period: `7200/3600`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(pub(crate) RateLimit);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Limit, Self::Err> {
        let says = "a limit is REQUESTS/SECONDS, such as 7200/3600";
        let (requests, period) = text.split_once('/').ok_or(says)?;
        Ok(Limit(RateLimit {
            requests: u64::from(requests.trim().parse::<u32>().map_err(|_| says)?),
            period: period.trim().parse::<NonZeroUsize>().map_err(|_| says)?,
        }))
    }
}

/// A length of time: `30`, `30s` or `2m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

impl FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Seconds, Self::Err> {
        let (number, unit) = match text.strip_suffix('m') {
            Some(minutes) => (minutes, 60),
            None => (text.strip_suffix('s').unwrap_or(text), 1),
        };
        let number: u32 = number
            .parse()
            .map_err(|_| "a time is a number of seconds or minutes, such as 30s or 2m")?;
        Ok(Seconds(Duration::from_secs(u64::from(number) * unit)))
    }
}

/// A number of bytes: `500M` or `2G`, in powers of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Size, Self::Err> {
        let says = "a size is a number of bytes, such as 500M or 2G";
        let (number, shift) = match text.as_bytes().last() {
            Some(b'K') => (text.strip_suffix('K'), 10),
            Some(b'M') => (text.strip_suffix('M'), 20),
            Some(b'G') => (text.strip_suffix('G'), 30),
            _ => (Some(text), 0),
        };
        let number: u64 = number.and_then(|number| number.parse().ok()).ok_or(says)?;
        number.checked_mul(1 << shift).map(Size).ok_or(says)
    }
}

/// A number of days: `30` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days(pub(crate) Duration);

impl FromStr for Days {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Days, Self::Err> {
        let says = "it is a number of days from 1 to 36500, such as 30d";
        let days: u64 = text.strip_suffix('d').unwrap_or(text).parse().map_err(|_| says)?;
        if (1..=36_500).contains(&days) {
            Ok(Days(Duration::from_hours(days * 24)))
        } else {
            Err(says)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_listen_on_have_a_port() {
        for fine in ["127.0.0.1:8080", "[::1]:80", "localhost:0", "0.0.0.0:65535"] {
            assert_eq!(fine.parse::<Listen>(), Ok(Listen(fine.to_owned())));
        }
        for wrong in ["", "127.0.0.1", ":8080", "localhost:http", "localhost:65536"] {
            assert!(wrong.parse::<Listen>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn external_addresses_lose_the_slash_at_their_end() {
        let parsed = |text: &str| text.parse::<ExternalUrl>().map(|url| url.0);
        assert_eq!(parsed("https://example.com/"), Ok("https://example.com".to_owned()));
        assert_eq!(parsed("http://h:8080/ledger/"), Ok("http://h:8080/ledger".to_owned()));
        for wrong in [
            "example.com",
            "ftp://h",
            "http://",
            "http://u:p@h",
            "http://h?x=1",
            "http://h/#x",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn limits_and_times() {
        let limit = "7200/3600"
            .parse::<Limit>()
            .map(|limit| (limit.0.requests, limit.0.period.get()));
        assert_eq!(limit, Ok((7200, 3600)));
        for wrong in ["7200", "/1", "1/", "1/0", "-1/1", "a/b"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
        for (text, seconds) in [("0", 0), ("30", 30), ("30s", 30), ("2m", 120)] {
            assert_eq!(text.parse(), Ok(Seconds(Duration::from_secs(seconds))));
        }
        for (text, days) in [("1", 1), ("30d", 30)] {
            assert_eq!(text.parse(), Ok(Days(Duration::from_hours(days * 24))));
        }
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1000),
            ("3K", 3072),
            ("500M", 500 << 20),
            ("2G", 2 << 30),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)));
        }
        for wrong in ["", "G", "-1", "1.5G", "2g", "2T", "99999999999G"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        for wrong in ["", "d", "0", "-1d", "36501", "2m"] {
            assert!(wrong.parse::<Days>().is_err(), "{wrong}");
        }
        for wrong in ["", "s", "m", "-1", "1h", "1.5"] {
            assert!(wrong.parse::<Seconds>().is_err(), "{wrong}");
        }
    }
}
