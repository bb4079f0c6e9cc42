//! From a connection's request to the part of the server that answers it, and what every answer of the API carries.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    request::Parts,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use xxhash_rust::xxh3::xxh3_128;

use crate::{
    App, Metrics,
    api::{
        cors,
        endpoint::Reply,
        error::ApiError,
        pipeline,
        reply::{self, Body},
        request_id,
    },
    health,
    metrics::count_request,
    telemetry,
};

/// A body larger than this is refused.
const MAX_BODY: usize = 10 * 1024 * 1024;
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_GITLAB_META: HeaderName = HeaderName::from_static("x-gitlab-meta");
const X_RUNTIME: HeaderName = HeaderName::from_static("x-runtime");

/// The server as one function from request to answer.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) app: Arc<App>,
    pub(crate) metrics: Metrics,
}

impl Service {
    /// Answers one request; there is nothing that it does not answer.
    pub(crate) async fn call(self, request: Request<Incoming>, peer: SocketAddr) -> Result<Reply, Infallible> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let id = request_id::new(self.app.clock.now());
        let span = tracing::info_span!("request", id);
        let method = parts.method.clone();
        let path = parts.uri.path().to_owned();
        let (mut reply, route) = {
            use tracing::Instrument as _;
            self.answer(parts, body, peer.ip(), &id).instrument(span).await
        };
        let took = started.elapsed();
        if path.starts_with("/api/") {
            let headers = reply.headers_mut();
            insert(headers, X_RUNTIME, &format!("{:.6}", took.as_secs_f64()));
        }
        count_request(&method, route, reply.status(), took);
        telemetry::note_request(&id, &method, &path, route, reply.status(), took);
        Ok(reply)
    }

    async fn answer(&self, parts: Parts, body: Incoming, peer: IpAddr, id: &str) -> (Reply, Option<&'static str>) {
        let path = parts.uri.path();
        if let Some(below) = below(path, "/api/v4") {
            let below = below.to_owned();
            return self.api(parts, body, below, peer, id).await;
        }
        if below_exists(path, "/api/v3") {
            return (ApiError::api_v3().into_response(), None);
        }
        let reply = match (&parts.method, path) {
            (&Method::GET | &Method::HEAD, "/-/health") => health::health(),
            (&Method::GET | &Method::HEAD, "/-/liveness") => health::liveness(),
            (&Method::GET | &Method::HEAD, "/-/readiness") => {
                let all = parts
                    .uri
                    .query()
                    .is_some_and(|query| query.split('&').any(|pair| pair == "all=1"));
                health::readiness(&self.app, all).await
            }
            (&Method::GET | &Method::HEAD, "/-/metrics") => {
                reply::plain(StatusCode::OK, self.metrics.render(&self.app))
            }
            (&Method::GET | &Method::HEAD, "/") => reply::plain(StatusCode::OK, self.welcome()),
            _ => reply::plain(StatusCode::NOT_FOUND, "404 Not Found\n"),
        };
        (reply, None)
    }

    fn welcome(&self) -> String {
        format!(
            "Landfall {}\n\nGitLab's Deployments API: {}\nIts description: {}\n",
            env!("CARGO_PKG_VERSION"),
            self.app.urls.api(""),
            self.app.urls.api("/openapi.json"),
        )
    }

    async fn api(
        &self,
        parts: Parts,
        body: Incoming,
        path: String,
        peer: IpAddr,
        id: &str,
    ) -> (Reply, Option<&'static str>) {
        let Parts {
            method, uri, headers, ..
        } = parts;
        let (mut reply, route) = match collect(body).await {
            Ok(body) => {
                let query = uri.query().map(str::to_owned);
                let request = pipeline::Request {
                    method,
                    path,
                    query,
                    headers: headers.clone(),
                    body,
                    peer,
                };
                let (reply, seen) = pipeline::answer(&self.app, request).await;
                (reply, seen.route)
            }
            Err(error) => (error.into_response(), None),
        };
        add_headers(&headers, &mut reply, id);
        (reply, route)
    }
}

/// What follows a prefix in a path, `""` for the prefix alone; doubled slashes before it do not count.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

fn below_exists(path: &str, prefix: &str) -> bool {
    below(path, prefix).is_some()
}

async fn collect(body: Incoming) -> Result<Bytes, ApiError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::too_large()),
        // The client went away or sent no HTTP: whatever is answered reaches nobody.
        Err(_) => Err(ApiError::malformed()),
    }
}

/// The headers of reference 12.1, and the conditional answer of 12.2.
fn add_headers(request: &HeaderMap, reply: &mut Reply, id: &str) {
    cors::allow_origin(request, reply.headers_mut());
    let tag = match reply.status() {
        StatusCode::OK | StatusCode::CREATED => entity_tag(reply.body()),
        _ => None,
    };
    let headers = reply.headers_mut();
    insert(headers, X_REQUEST_ID, id);
    insert(
        headers,
        X_GITLAB_META,
        &format!(r#"{{"correlation_id":"{id}","version":"1"}}"#),
    );
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    let Some(tag) = tag else {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return;
    };
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("max-age=0, private, must-revalidate"),
    );
    insert(headers, ETAG, &tag);
    let known = request.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if reply.status() == StatusCode::OK && known.is_some_and(|known| names(known, &tag)) {
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        *reply.body_mut() = Body::default();
        reply.headers_mut().remove(http::header::CONTENT_TYPE);
    }
}

/// A weak tag over the body; `None` for an empty one.
fn entity_tag(body: &Body) -> Option<String> {
    let bytes = body.clone().into_inner().unwrap_or_default();
    (!bytes.is_empty()).then(|| format!("W/\"{:032x}\"", xxh3_128(&bytes)))
}

/// Whether an `If-None-Match` header names the tag; weak and strong spelling count as the same.
fn names(header: &str, tag: &str) -> bool {
    let tag = tag.trim_start_matches("W/");
    header
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
