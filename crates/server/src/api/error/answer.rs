//! How a refusal is written: its status, headers and body.

use http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::ApiError;
use crate::api::reply::{self, Body};

const RATE_LIMIT_RESET_TIME: HeaderName = HeaderName::from_static("ratelimit-resettime");

impl ApiError {
    /// The answer: status, headers and body.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        match self {
            Self::Params(text) => body(StatusCode::BAD_REQUEST, &json!({ "error": text })),
            Self::Error(status, text) => body(status, &json!({ "error": text })),
            Self::Message(status, text) => body(status, &json!({ "message": text })),
            Self::Fields(status, fields) => {
                let fields: serde_json::Map<String, Value> = fields
                    .into_iter()
                    .map(|(field, texts)| (field.to_owned(), texts.into()))
                    .collect();
                body(status, &json!({ "message": fields }))
            }
            Self::Sentences(status, sentences) => body(status, &json!({ "message": sentences })),
            Self::NoReviewApps(status, text) => body(
                status,
                &json!({ "scheduled_entries": [], "unprocessable_entries": [], "message": text }),
            ),
            Self::Token { description } => dead_token(description),
            Self::InsufficientScope { scope } => body(
                StatusCode::FORBIDDEN,
                &json!({
                    "error": "insufficient_scope",
                    "error_description": "The request requires higher privileges than provided by the access token.",
                    "scope": scope,
                }),
            ),
            Self::TwoTokens => body(
                StatusCode::BAD_REQUEST,
                &json!({
                    "error": "invalid_request",
                    "error_description": "Both Authorization header and payload includes access token.",
                }),
            ),
            Self::Plain(status, text) => reply::plain(status, text),
            Self::Moved { location } => moved(&location),
            Self::TooManyRequests { retry_after, reset } => throttled(retry_after, reset),
            Self::ApplicationLimit { retry_after } => {
                let text = "This endpoint has been requested too many times. Try again later.";
                let response = body(StatusCode::TOO_MANY_REQUESTS, &json!({ "message": { "error": text } }));
                with_retry_after(response, retry_after)
            }
            Self::Unavailable { retry_after } => {
                let response = body(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &json!({ "message": "503 Service Unavailable" }),
                );
                with_retry_after(response, retry_after)
            }
            Self::Internal(_) => body(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({ "message": "500 Internal Server Error" }),
            ),
        }
    }
}

fn body(status: StatusCode, value: &Value) -> Response<Body> {
    reply::json(status, value.to_string())
}

fn dead_token(description: &'static str) -> Response<Body> {
    let mut response = body(
        StatusCode::UNAUTHORIZED,
        &json!({ "error": "invalid_token", "error_description": description }),
    );
    let challenge =
        format!(r#"Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{description}""#);
    insert(&mut response, WWW_AUTHENTICATE, &challenge);
    response
}

fn moved(location: &str) -> Response<Body> {
    let text = format!("This resource has been moved permanently to {location}");
    let mut response = reply::plain(StatusCode::MOVED_PERMANENTLY, text);
    insert(&mut response, LOCATION, location);
    response
}

fn throttled(retry_after: u64, reset: i64) -> Response<Body> {
    let response = reply::plain(StatusCode::TOO_MANY_REQUESTS, "Retry later\n");
    let mut response = with_retry_after(response, retry_after);
    let date = jiff::Timestamp::from_second(reset)
        .and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at));
    if let Ok(date) = date {
        insert(&mut response, RATE_LIMIT_RESET_TIME, &date);
    }
    response
}

fn with_retry_after(mut response: Response<Body>, seconds: u64) -> Response<Body> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Sets a header, unless the text holds bytes that no header can carry: then the answer is better off without it.
fn insert(response: &mut Response<Body>, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(name, value);
    }
}
