//! Answers that are given again without going through the pipeline.
//!
//! An answer is kept by its address alone, so only such requests may keep one or be given one whose answer depends on
//! nothing else: a GET without a body, its token in a header of its own, and no other header that means anything to the
//! API. Whoever asks must still be known and allowed, at this moment.

use std::sync::{Arc, atomic::AtomicU32};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONNECTION, HOST, IF_NONE_MATCH,
        ORIGIN, PRAGMA, USER_AGENT,
    },
    request::Parts,
};
use landfall_domain::{access::Action, time::Timestamp};
use serde_json::{Map, Value};

use super::{
    auth,
    context::{Cx, InProject},
    endpoint::{Access, Login, Reply},
    error::ApiError,
    pipeline::{Request, was_used_lately},
    reply::{self, Body},
};
use crate::{
    app::App,
    cache::{self, Answer, Row, Shown},
};

/// Headers that change nothing about an answer of the pipeline.
const MEANINGLESS: [HeaderName; 10] = [
    HOST,
    USER_AGENT,
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CONNECTION,
    CACHE_CONTROL,
    PRAGMA,
    ORIGIN,
    // What it means is decided when the answer is there.
    IF_NONE_MATCH,
];
/// Parameters that say who asks.
const WHO: [&str; 4] = ["private_token", "access_token", "bearer_token", "sudo"];

/// Deployments that a handler shows.
pub struct Showing {
    /// What the body is made of.
    pub(crate) shown: Shown<Row>,
    /// What the handler has to say beside them.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// What a handler comes to whose answer is kept.
pub(crate) type Shows = Result<Showing, ApiError>;

/// A mark of answers that may be given again, for what is made of their bodies.
#[derive(Clone)]
pub(crate) struct Repeatable;

/// Whether nothing but the address and one token decides the answer.
fn is_plain(method: &Method, headers: &HeaderMap) -> bool {
    let mut tokens = 0;
    let is_known = headers.keys().all(|name| {
        let is_token = *name == AUTHORIZATION || *name == auth::PRIVATE_TOKEN;
        tokens += usize::from(is_token);
        is_token || MEANINGLESS.contains(name)
    });
    *method == Method::GET && is_known && tokens == 1
}

/// The address under which the answer to this request may be kept, if it may.
pub(super) fn address(request: &Request, given: &Map<String, Value>) -> Option<String> {
    let is_plain = is_plain(&request.method, &request.headers) && request.body.is_empty();
    let says_who = WHO.iter().any(|name| given.contains_key(*name));
    let address = request.address.path_and_query()?;
    (is_plain && !says_who).then(|| address.as_str().to_owned())
}

/// The answer that a handler has found.
pub(super) fn answer(showing: Showing) -> Reply {
    let Showing { shown, headers } = showing;
    let mut reply = reply::tagged_json(shown.body(), shown.tag());
    reply.headers_mut().extend(headers);
    reply
}

/// As [`answer`], and keeps it for the next who asks the same.
pub(super) fn keep(cx: &Cx, project: &InProject, route: &'static str, address: &str, showing: Showing) -> Reply {
    let shown = showing.shown.ids();
    let mut reply = answer(showing);
    reply::finish(&mut reply);
    let answer = Answer {
        project: Arc::clone(&project.project),
        route,
        headers: reply.headers().clone(),
        shown,
        made: AtomicU32::default(),
    };
    cx.app.cache.keep_answer(cx.state, address, answer);
    reply.extensions_mut().insert(Repeatable);
    reply
}

/// The answer to a request, if it is kept and whoever asks may have it. All other requests are the pipeline's, those that
/// must be refused among them.
pub(crate) async fn find(app: &Arc<App>, parts: &Parts, now: Timestamp) -> Option<(Reply, &'static str)> {
    let address = parts.uri.path_and_query()?.as_str();
    let kept = app.cache.kept(address).filter(|_| !app.throttle.is_on())?;
    if !is_plain(&parts.method, &parts.headers) {
        return None;
    }
    let nothing = Map::new();
    let presented = auth::presented(&parts.headers, &nothing)?;
    cache::refresh(app).await.ok()?;
    let request = auth::Request {
        presented: Some(&presented),
        headers: &parts.headers,
        params: &nothing,
        method: &parts.method,
        login: Login::Required,
        access: Access::Api,
        now,
        urls: &app.urls,
        cache: &app.cache,
    };
    let owned = request.remembered()?;
    let (token, user) = &*owned;
    if !was_used_lately(token, now) {
        return None;
    }
    let (answer, body) = app.cache.answer(address, kept)?;
    let project = InProject::remembered(&app.cache, Arc::clone(&answer.project), user, now.date())?;
    project.allows(user, Action::ReadDeployments).then(|| {
        app.cache.count_given();
        let mut reply = Reply::new(Body::new(body));
        *reply.headers_mut() = answer.headers.clone();
        (reply, answer.route)
    })
}
