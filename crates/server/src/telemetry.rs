//! What the log says of requests: one line each, and one for each failure that is ours.
//!
//! Never in it: tokens, and queries, which may carry tokens.

use std::time::Duration;

use http::{Method, StatusCode};
use tracing::{error, info};

use crate::api::error::ApiError;

/// Logs a failure that the client is not told about.
pub(crate) fn note_failure(failure: &ApiError) {
    if let ApiError::Internal(source) = failure {
        let mut text = source.to_string();
        let mut cause = source.source();
        while let Some(next) = cause {
            text.push_str(": ");
            text.push_str(&next.to_string());
            cause = next.source();
        }
        error!(error = %text, "a request failed");
    }
}

/// Logs a request that has been answered.
pub(crate) fn note_request(
    id: &str,
    method: &Method,
    path: &str,
    route: Option<&'static str>,
    status: StatusCode,
    took: Duration,
) {
    info!(
        request_id = id,
        method = method.as_str(),
        path,
        route = route.unwrap_or_default(),
        status = status.as_u16(),
        duration_ms = took.as_secs_f64() * 1000.0,
        "request"
    );
}
