//! What can go wrong, and what the server said about it.

use std::{fmt, time::Duration};

use landfall_net::{StatusCode, header::HeaderMap};
use serde_json::Value;

/// The longest text of an answer that is not JSON that is shown.
const SHOWN: usize = 300;

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be one of a server.
    #[error("{0} is not an http or https address")]
    Address(String),
    /// The token has characters that no header can carry.
    #[error("the token contains characters that no token has")]
    Token,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] landfall_net::Error),
    /// The request cannot be written down.
    #[error("the request cannot be written down")]
    Unsendable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server must not be asked from here: it is not within the client's reach, or cannot be trusted.
    #[error("{place} was not sent")]
    Unreachable {
        /// Method and address.
        place: String,
        /// Why not.
        source: landfall_net::Error,
    },
    /// No complete answer came: no connection, a time-out, a connection that broke.
    #[error("{place} did not answer")]
    Transport {
        /// Method and address.
        place: String,
        /// What the network said.
        source: landfall_net::Error,
    },
    /// The server answered that it will not.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The server answered with success and a body that is not what the call gives.
    #[error("{place} answered something else than the API does")]
    Body {
        /// Method and address.
        place: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The answer is longer than any that the API gives.
    #[error("{place} answered with more than {limit} bytes")]
    TooLong {
        /// Method and address.
        place: String,
        /// The limit that was passed.
        limit: usize,
    },
    /// The next page of a list is the page itself.
    #[error("{place} leads to itself as its next page")]
    Loop {
        /// Method and address.
        place: String,
    },
}

impl Error {
    /// What kept a request from its answer.
    pub(crate) fn of(place: String, source: landfall_net::Error) -> Error {
        match source {
            landfall_net::Error::Transport(_) => Error::Transport { place, source },
            landfall_net::Error::TooLong(limit) => Error::TooLong { place, limit },
            _ => Error::Unreachable { place, source },
        }
    }

    /// The server's refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// An answer with a status that is not a success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Method and address of the request.
    pub place: String,
    /// HTTP status.
    pub status: u16,
    /// What the server said, from any of GitLab's shapes (reference 2.5) or plain text, in one line. The status in words
    /// where it said nothing.
    pub message: String,
    /// How long to wait before trying again, from `Retry-After` in seconds. A date there counts as nothing.
    pub retry_after: Option<Duration>,
    /// The state of the throttle, where one applies (reference 12.3).
    pub rate_limit: Option<RateLimit>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered {}: {}", self.place, self.status, self.message)
    }
}

impl std::error::Error for Refusal {}

/// What the `RateLimit-` headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests a minute.
    pub limit: Option<u64>,
    /// Requests left in this window.
    pub remaining: u64,
    /// End of the window in seconds since 1970 UTC.
    pub reset: Option<i64>,
}

impl Refusal {
    pub(crate) fn new(place: String, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Refusal {
        Refusal {
            place,
            status: status.as_u16(),
            message: message(body).unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason").to_owned()),
            retry_after: number(headers, "retry-after").map(Duration::from_secs),
            rate_limit: number(headers, "ratelimit-remaining").map(|remaining| RateLimit {
                limit: number(headers, "ratelimit-limit"),
                remaining,
                reset: number(headers, "ratelimit-reset"),
            }),
        }
    }
}

/// A header that is a number.
pub(crate) fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The text in a body of any shape; `None` where there is none.
fn message(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let Ok(Value::Object(object)) = serde_json::from_str(&text) else {
        return Some(first_line(&text)).filter(|line| !line.is_empty());
    };
    let said = object.get("message").or_else(|| object.get("error")).map(told);
    let described = object.get("error_description").map(told);
    let both: Vec<String> = [said, described].into_iter().flatten().collect();
    Some(both.join(": ")).filter(|text| !text.is_empty())
}

/// A message that is a text, a list of them, or lists by field: `sha: The commit does not exist`.
fn told(value: &Value) -> String {
    let join = |texts: Vec<String>| texts.join(", ");
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => join(items.iter().map(told).collect()),
        Value::Object(fields) => match fields.get("error") {
            Some(Value::String(text)) if fields.len() == 1 => text.clone(),
            _ => join(
                fields
                    .iter()
                    .map(|(field, texts)| format!("{field}: {}", told(texts)))
                    .collect(),
            ),
        },
        other => other.to_string(),
    }
}

/// The first line with anything in it, cut where it is too long to be shown.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or_default().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_shape() {
        let table = [
            (r#"{"message":"404 Project Not Found"}"#, "404 Project Not Found"),
            (
                r#"{"error":"tag is missing, tag is invalid"}"#,
                "tag is missing, tag is invalid",
            ),
            (
                r#"{"message":{"sha":["The commit does not exist"]}}"#,
                "sha: The commit does not exist",
            ),
            (
                r#"{"message":{"name":["is too long","is invalid"],"path":["has already been taken"]}}"#,
                "name: is too long, is invalid, path: has already been taken",
            ),
            (r#"{"message":["Comment is too long"]}"#, "Comment is too long"),
            (
                r#"{"error":"invalid_token","error_description":"Token was revoked."}"#,
                "invalid_token: Token was revoked.",
            ),
            (r#"{"message":{"error":"Try again later."}}"#, "Try again later."),
            ("Retry later\n", "Retry later"),
            ("\n<html>\n<head>", "<html>"),
            (r#"{"message":null,"error":7}"#, "null"),
            ("{}", "Bad Gateway"),
            ("", "Bad Gateway"),
            ("[1]", "[1]"),
        ];
        for (body, expected) in table {
            let refusal = Refusal::new(
                String::new(),
                StatusCode::BAD_GATEWAY,
                &HeaderMap::new(),
                body.as_bytes(),
            );
            assert_eq!(refusal.message, expected, "{body}");
        }
    }

    #[test]
    fn a_page_of_html_is_cut() {
        let refusal = Refusal::new(
            String::new(),
            StatusCode::OK,
            &HeaderMap::new(),
            "é".repeat(9_999).as_bytes(),
        );
        assert_eq!(refusal.message.chars().count(), SHOWN);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        let refusal = Refusal::new(
            String::new(),
            StatusCode::BAD_GATEWAY,
            &HeaderMap::new(),
            &[0xff, 0xfe, b'a'],
        );
        assert_eq!(refusal.message, "\u{fffd}\u{fffd}a");
    }
}
