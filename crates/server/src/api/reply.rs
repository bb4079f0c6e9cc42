//! What an answer is made of: one body type for the whole server, and the content types that it sends.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use xxhash_rust::xxh3::xxh3_128;

/// The body of every answer of the API: complete bytes, never a stream, so that `ETag` and `Content-Length` come free.
pub type Body = Full<Bytes>;

/// An answer with the content type `application/json`, which goes without a charset (reference 2.3).
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "application/json", body.into())
}

/// An answer with the content type `text/plain`.
pub fn plain(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "text/plain", body.into())
}

/// Figures in the text format of Prometheus, whose version readers want to be told.
pub fn figures(body: impl Into<Bytes>) -> Response<Body> {
    with_type(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", body.into())
}

/// The answer of a successful DELETE: 204, neither body nor content type (reference 2.3).
#[must_use]
pub fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The answer where the work is still to be done: 202.
#[must_use]
pub fn accepted() -> Response<Body> {
    json(StatusCode::ACCEPTED, r#"{"message":"202 Accepted"}"#)
}

fn with_type(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A weak tag over a body (reference 12.2). Answers whose tag is known already carry it among their extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag(pub HeaderValue);

impl EntityTag {
    /// The tag of a body; `None` for an empty one.
    #[must_use]
    pub fn of(body: &[u8]) -> Option<EntityTag> {
        if body.is_empty() {
            return None;
        }
        let text = format!("W/\"{:032x}\"", xxh3_128(body));
        HeaderValue::try_from(text).ok().map(EntityTag)
    }
}
