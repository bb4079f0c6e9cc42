//! From a connection's request to the part of the server that answers it, and what every answer of the API carries.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{ETAG, IF_NONE_MATCH},
    request::Parts,
    uri::PathAndQuery,
};
use hyper::body::{Body as _, Incoming};
use tracing::Instrument as _;

use crate::{
    App, Metrics,
    api::{
        compress, cors,
        endpoint::{Outcome, Reply},
        error::ApiError,
        kept::{self, Repeatable},
        pipeline,
        reply::{self, Body},
        request_id::{self, RequestId},
    },
    bodies::{Collected, Room},
    cache::Cache,
    health,
    inbox::receive,
    metrics::count_request,
    telemetry,
};

/// A body of the API larger than this is refused.
const MAX_BODY: usize = 10 * 1024 * 1024;
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_GITLAB_META: HeaderName = HeaderName::from_static("x-gitlab-meta");
const X_RUNTIME: HeaderName = HeaderName::from_static("x-runtime");

/// The server as one function from request to answer.
pub(crate) struct Service {
    pub(crate) app: Arc<App>,
    pub(crate) metrics: Metrics,
    /// A client that does not finish sending a body within this is refused.
    pub(crate) body_timeout: Duration,
    /// Whether requests are better sent elsewhere.
    pub(crate) leaving: Arc<AtomicBool>,
}

/// The answer, and the endpoint's path if there was one.
type Answered = (Reply, Option<&'static str>);

impl Service {
    /// Answers one request; there is nothing that it does not answer.
    pub(crate) async fn call(&self, request: Request<Incoming>, peer: SocketAddr) -> Result<Reply, Infallible> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let now = self.app.clock.now();
        let id = request_id::new(now);
        let span = || tracing::info_span!("request", id = id.as_str());
        // Both are cheap to clone: they share their bytes.
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let (mut reply, route) = match Area::of(uri.path()) {
            Area::V4(path) => {
                let wishes = Wishes::of(&method, &parts.headers);
                let kept = if body.is_end_stream() {
                    kept::find(&self.app, &parts, now).await
                } else {
                    None
                };
                let (mut reply, route, is_repeatable) = if let Some((reply, route)) = kept {
                    (reply, Some(route), true)
                } else {
                    // In a box, so that answers from memory need not carry its place along.
                    let (reply, route) = Box::pin(self.api(parts, body, path, peer.ip()).instrument(span())).await;
                    let is_repeatable = reply.extensions().get::<Repeatable>().is_some();
                    (reply, route, is_repeatable)
                };
                let address = uri.path_and_query().map(PathAndQuery::as_str).filter(|_| is_repeatable);
                finish(&self.app.cache, address, &wishes, &mut reply, &id).await;
                (reply, route)
            }
            Area::Hooks(path) => {
                let reply = Box::pin(self.hook(parts, body, path).instrument(span())).await;
                (reply, Some("/hooks"))
            }
            Area::V3 => {
                let mut reply = ApiError::api_v3().into_response();
                let wishes = Wishes::of(&method, &parts.headers);
                finish(&self.app.cache, None, &wishes, &mut reply, &id).await;
                (reply, None)
            }
            Area::Elsewhere => (Box::pin(self.elsewhere(&parts)).await, None),
        };
        let took = started.elapsed();
        if reply.headers().contains_key(&X_REQUEST_ID) {
            insert(reply.headers_mut(), X_RUNTIME, format!("{:.6}", took.as_secs_f64()));
        }
        count_request(&method, route, reply.status(), took);
        telemetry::note_request(id.as_str(), &method, uri.path(), route, reply.status(), took);
        Ok(reply)
    }

    /// The probes, the metrics and the front page.
    async fn elsewhere(&self, parts: &Parts) -> Reply {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return reply::plain(StatusCode::NOT_FOUND, "404 Not Found\n");
        }
        match parts.uri.path() {
            "/-/health" => health::health(),
            "/-/liveness" => health::liveness(),
            "/-/readiness" => {
                let query = parts.uri.query().unwrap_or_default();
                let is_leaving = self.leaving.load(Ordering::Relaxed);
                health::readiness(&self.app, is_leaving, query.split('&').any(|pair| pair == "all=1")).await
            }
            "/-/metrics" => reply::figures(self.metrics.render(&self.app).await),
            "/" => reply::plain(StatusCode::OK, self.welcome()),
            _ => reply::plain(StatusCode::NOT_FOUND, "404 Not Found\n"),
        }
    }

    fn welcome(&self) -> String {
        format!(
            "Landfall {}\n\nGitLab's Deployments API: {}\nIts description: {}\n",
            env!("CARGO_PKG_VERSION"),
            self.app.urls.api(""),
            self.app.urls.api("/openapi.json"),
        )
    }

    async fn api(&self, parts: Parts, body: Incoming, path: &str, peer: IpAddr) -> Answered {
        let collected = match self.collect(body, MAX_BODY, &self.app.rooms.api).await {
            Ok(collected) => collected,
            Err(error) => return (error.into_response(), None),
        };
        let request = pipeline::Request {
            method: parts.method,
            path: path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            address: parts.uri,
            headers: parts.headers,
            body: collected.bytes.clone(),
            peer,
        };
        let (reply, seen) = pipeline::answer(&self.app, request).await;
        (reply, seen.route)
    }

    /// A hook. Where its sender cannot be known, or nobody is to be found there, its body is not read.
    async fn hook(&self, parts: Parts, body: Incoming, path: &str) -> Reply {
        let answered = match receive::Address::parse(path).filter(|_| parts.method == Method::POST) {
            None => Err(ApiError::route_not_found()),
            Some(address) => self.deliver(address, parts.headers, body).await,
        };
        answered.unwrap_or_else(|error| {
            telemetry::note_failure(&error);
            error.into_response()
        })
    }

    async fn deliver(&self, address: receive::Address, headers: HeaderMap, body: Incoming) -> Outcome {
        let admitted = receive::admit(&self.app, address, headers).await?;
        let collected = self
            .collect(body, receive::MAX_BODY, admitted.room(&self.app.rooms))
            .await;
        let collected = collected.inspect_err(|error| admitted.count_refused(error))?;
        admitted.receive(&self.app, collected).await
    }

    async fn collect(&self, body: Incoming, most: usize, room: &Room) -> Result<Collected, ApiError> {
        if body.is_end_stream() {
            return Ok(Collected::default());
        }
        let collected = tokio::time::timeout(self.body_timeout, room.collect(body, most)).await;
        collected.unwrap_or_else(|_| Err(ApiError::request_timeout()))
    }
}

/// Which part of the server a path belongs to. Doubled slashes do not count (reference section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Area<'p> {
    /// The API, with what follows `/api/v4`.
    V4(&'p str),
    /// The API of the past.
    V3,
    /// The hooks, with what follows `/hooks`.
    Hooks(&'p str),
    /// Everything else.
    Elsewhere,
}

impl Area<'_> {
    fn of(path: &str) -> Area<'_> {
        if let Some(path) = below(path, "hooks") {
            return Area::Hooks(path);
        }
        let Some(version) = below(path, "api") else {
            return Area::Elsewhere;
        };
        match below(version, "v4") {
            Some(path) => Area::V4(path),
            None if below(version, "v3").is_some() => Area::V3,
            None => Area::Elsewhere,
        }
    }
}

/// What follows a segment that a path begins with.
fn below<'p>(path: &'p str, segment: &str) -> Option<&'p str> {
    let rest = path.strip_prefix('/')?.trim_start_matches('/').strip_prefix(segment)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// What a request's headers say about the form of the answer.
struct Wishes {
    cors: cors::Origin,
    gzip: bool,
    /// On reads alone: no other method is conditional.
    if_none_match: Option<HeaderValue>,
}

impl Wishes {
    fn of(method: &Method, headers: &HeaderMap) -> Wishes {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        Wishes {
            cors: cors::Origin::of(headers),
            gzip: compress::is_wanted(headers),
            if_none_match: headers.get(IF_NONE_MATCH).filter(|_| reads).cloned(),
        }
    }
}

/// The headers of reference 12.1, and the conditional answer of 12.2. The address is that of an answer that may be given
/// again.
async fn finish(cache: &Cache, address: Option<&str>, wishes: &Wishes, reply: &mut Reply, id: &RequestId) {
    reply::finish(reply);
    let headers = reply.headers_mut();
    wishes.cors.allow(headers);
    insert(headers, X_REQUEST_ID, id.as_str().to_owned());
    let meta = [r#"{"correlation_id":""#, id.as_str(), r#"","version":"1"}"#].concat();
    insert(headers, X_GITLAB_META, meta);
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let known = wishes.if_none_match.as_ref().and_then(|value| value.to_str().ok());
    let is_known = known.zip(tag).is_some_and(|(known, tag)| names(known, tag));
    if reply.status() == StatusCode::OK && is_known {
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        *reply.body_mut() = Body::default();
        reply.headers_mut().remove(http::header::CONTENT_TYPE);
        return;
    }
    compress::apply(cache, address, reply, wishes.gzip).await;
}

/// Whether an `If-None-Match` header names the tag; weak and strong spelling count as the same.
fn names(header: &str, tag: &str) -> bool {
    let tag = tag.trim_start_matches("W/");
    header
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
