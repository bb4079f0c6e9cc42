//! What an answer is made of: one body type for the whole server, and the content types that it sends.

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use http_body_util::Full;
use xxhash_rust::xxh3::xxh3_128;

pub use crate::content::Content;

/// The body of every answer of the API: complete, never a stream, so that `ETag` and `Content-Length` come free.
pub type Body = Full<Content>;

/// An answer with the content type `application/json`, which goes without a charset (reference 2.3).
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "application/json", body.into().into())
}

/// As [`json`], of a body whose tag is known: its bytes are not looked at.
pub(crate) fn tagged_json(body: Content, tag: u128) -> Response<Body> {
    let mut reply = with_type(StatusCode::OK, "application/json", body);
    reply.extensions_mut().insert(Tag(tag));
    reply
}

/// The tag of a body, where it is known already.
#[derive(Clone, Copy)]
struct Tag(u128);

/// An answer with the content type `text/plain`.
pub fn plain(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    with_type(status, "text/plain", body.into().into())
}

/// Figures in the text format of Prometheus, whose version readers want to be told.
pub fn figures(body: impl Into<Bytes>) -> Response<Body> {
    with_type(
        StatusCode::OK,
        "text/plain; version=0.0.4; charset=utf-8",
        body.into().into(),
    )
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

fn with_type(status: StatusCode, content_type: &'static str, body: Content) -> Response<Body> {
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Adds the headers of every answer of the API that depend on nothing but the answer (reference 12.1), its tag among them
/// (12.2). An answer that has them is left as it is.
pub fn finish(reply: &mut Response<Body>) {
    if reply.headers().contains_key(VARY) {
        return;
    }
    let tag = match reply.status() {
        StatusCode::OK | StatusCode::CREATED => tag_of(reply).and_then(entity_tag),
        _ => None,
    };
    let caching = match tag {
        Some(_) => "max-age=0, private, must-revalidate",
        None => "no-cache",
    };
    let headers = reply.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.extend(tag.map(|tag| (ETAG, tag)));
}

/// The tag of an answer's body; `None` for an empty one.
fn tag_of(reply: &Response<Body>) -> Option<u128> {
    if let Some(Tag(tag)) = reply.extensions().get() {
        return Some(*tag);
    }
    let content = reply.body().clone().into_inner()?;
    (!content.is_empty()).then(|| xxh3_128(&content.into_bytes()))
}

/// A weak tag.
fn entity_tag(tag: u128) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("W/\"{tag:032x}\"")).ok()
}
