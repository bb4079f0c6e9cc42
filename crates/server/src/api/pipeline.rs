//! The order of the checks (reference section 2), a line per step, so that it can be read.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, REFERER},
};
use landfall_domain::{ids::TokenId, time::Timestamp, token::AccessToken};
use landfall_store::{Conn, changes::Position, tokens};
use serde_json::{Map, Value};

use super::{
    auth::{self, Presented},
    context::{Cx, InProject, SignedIn},
    cors,
    endpoint::{Access, Endpoint, Handler, InProjectHandler, Login, Outcome, Reply},
    error::ApiError,
    input::{RawInput, check_media_type, check_strings, json_guard, merge},
    kept,
    params::{fill_from_headers, validate},
    places::{find_group, find_project},
    reply,
    throttle::Caller,
};
use crate::{app::App, cache, ops::rotate_token::end_family, telemetry, views};

/// A token's last use is noted when the note is older than this.
const LAST_USE_PRECISION: Duration = Duration::from_mins(10);

/// A request as it came from the wire.
#[derive(Clone)]
pub(crate) struct Request {
    /// Method.
    pub(crate) method: Method,
    /// Path below `/api/v4`, not decoded.
    pub(crate) path: String,
    /// Query, not decoded.
    pub(crate) query: Option<String>,
    /// The whole address, as it came.
    pub(crate) address: Uri,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// The whole body.
    pub(crate) body: Bytes,
    /// Address of the client, for the request throttle.
    pub(crate) peer: IpAddr,
}

/// What the answer and the log need to know of a request beside its outcome.
#[derive(Default)]
pub(crate) struct Seen {
    /// The endpoint's path, once it is known.
    pub(crate) route: Option<&'static str>,
    /// The headers of the request throttle, if it is on.
    pub(crate) limits: Vec<(HeaderName, HeaderValue)>,
}

/// Runs a request through all steps. Whatever goes wrong becomes an answer here.
pub(crate) async fn answer(app: &Arc<App>, request: Request) -> (Reply, Seen) {
    let mut seen = Seen::default();
    let mut reply = match run(app, request, &mut seen).await {
        Ok(reply) => reply,
        Err(error) => {
            telemetry::note_failure(&error);
            error.into_response()
        }
    };
    reply.headers_mut().extend(std::mem::take(&mut seen.limits));
    (reply, seen)
}

async fn run(app: &Arc<App>, request: Request, seen: &mut Seen) -> Outcome {
    let mut given = parameters(&request)?; // 1, 2
    if let Some(preflight) = cors::preflight(&request.method, &request.headers) {
        return Ok(preflight); // 3
    }
    let now = app.clock.now();
    let presented = auth::presented(&request.headers, &given);
    throttle(app, presented.as_ref(), request.peer, now, seen).await?; // 4
    let found = app.routes.find(&request.path).ok_or_else(ApiError::route_not_found)?; // 5
    let endpoint = found.endpoint(&request.method);
    if endpoint.is_none() && request.method != Method::OPTIONS {
        return Err(ApiError::route_not_found());
    }
    seen.route = endpoint.map(|endpoint| endpoint.path);
    auth::refuse_two_tokens(&request.headers, &given)?; // 6
    refuse_format(request.query.as_deref())?; // 7
    check_media_type(&raw_input(&request))?; // 8
    let login = endpoint.map_or_else(|| found.login(), |endpoint| endpoint.login);
    if presented.is_none() && login == Login::Required {
        return Err(ApiError::unauthorized()); // 9, for those who need no look-up
    }
    given.extend(
        found
            .params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::String(value.clone()))),
    );
    let asked = Asked {
        app: Arc::clone(app),
        request,
        given,
        presented,
        now,
    };
    match endpoint {
        Some(endpoint) => {
            let reused = asked.presented.clone().filter(|_| endpoint.rotates_a_token());
            let outcome = asked.dispatch(endpoint).await; // 9 to 12
            if let (Err(ApiError::Token { .. }), Some(reused)) = (&outcome, reused) {
                app.store.write(move |tx| end_family(tx, &reused.digest, now)).await?;
            }
            outcome
        }
        None => asked.options(login, found.allow()).await,
    }
}

fn raw_input(request: &Request) -> RawInput<'_> {
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    RawInput {
        method: &request.method,
        query: request.query.as_deref(),
        content_type,
        body: &request.body,
    }
}

/// Steps 1 and 2: one map of everything that query and body say.
fn parameters(request: &Request) -> Result<Map<String, Value>, ApiError> {
    let raw = raw_input(request);
    let json = json_guard(raw.content_type, raw.body)?;
    let given = merge(&raw, json)?;
    let checked = [REFERER, AUTHORIZATION];
    let headers = checked
        .iter()
        .filter_map(|name| request.headers.get(name))
        .map(HeaderValue::as_bytes);
    check_strings(&request.path, headers, &given)?;
    Ok(given)
}

/// Step 4. The user behind a token is looked up only where a limit is set.
async fn throttle(
    app: &Arc<App>,
    presented: Option<&Presented>,
    peer: IpAddr,
    now: Timestamp,
    seen: &mut Seen,
) -> Result<(), ApiError> {
    if !app.throttle.is_on() {
        return Ok(());
    }
    let caller = match presented.cloned() {
        None => Caller::Address(peer),
        Some(presented) => {
            let asked = Arc::clone(app);
            let work = move |conn: &mut Conn<'_>| {
                let state = asked.cache.sync(conn)?;
                auth::look_up(&asked.cache, state, conn, &presented)
            };
            let known = app.store.read_at_once(work).await?;
            known.map_or(Caller::Address(peer), |owned| Caller::User(owned.1.id))
        }
    };
    app.throttle.count(caller, now, &mut seen.limits)
}

/// Step 7: there is nothing but JSON. Only the query chooses a format; in a body the word is no more than an unknown
/// parameter.
fn refuse_format(query: Option<&str>) -> Result<(), ApiError> {
    let Some(query) = query.filter(|query| query.contains("format")) else {
        return Ok(());
    };
    let given = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "format");
    match given.last() {
        Some((_, format)) if !matches!(&*format, "" | "json") => Err(ApiError::unsupported_format(&format)),
        _ => Ok(()),
    }
}

/// A request whose endpoint is known.
#[derive(Clone)]
struct Asked {
    app: Arc<App>,
    request: Request,
    given: Map<String, Value>,
    presented: Option<Presented>,
    now: Timestamp,
}

impl Asked {
    async fn dispatch(self, endpoint: &'static Endpoint) -> Outcome {
        let app = Arc::clone(&self.app);
        let (reply, used) = match endpoint.handler {
            Handler::Read(handler) => {
                let work = move |conn: &mut Conn<'_>| {
                    let cx = self.admit(endpoint, conn)?;
                    Ok::<_, ApiError>((handler(&cx, conn)?, used(&cx)))
                };
                app.store.read(work).await?
            }
            Handler::ReadProject(handler) => {
                let work = move |conn: &mut Conn<'_>| {
                    let cx = self.admit(endpoint, conn)?;
                    let project = find_project(&cx, conn)?;
                    Ok::<_, ApiError>((handler(&cx, &project, conn)?, used(&cx)))
                };
                app.store.read(work).await?
            }
            Handler::Kept { is_short, answer } => {
                let is_short = is_short(&self.given);
                let address = kept::address(&self.request, &self.given);
                let work = move |conn: &mut Conn<'_>| {
                    let cx = self.admit(endpoint, conn)?;
                    let project = find_project(&cx, conn)?;
                    let showing = answer(&cx, &project, conn)?;
                    let reply = match address {
                        Some(address) => kept::keep(&cx, &project, endpoint.path, &address, showing),
                        None => kept::answer(showing),
                    };
                    Ok::<_, ApiError>((reply, used(&cx)))
                };
                if is_short {
                    app.store.read_at_once(work).await?
                } else {
                    app.store.read_at_once_if_short(work).await?
                }
            }
            Handler::Write(handler) => {
                let cx = app.store.read_at_once(move |conn| self.admit(endpoint, conn)).await?;
                let used = used(&cx);
                (handler(Arc::clone(&app), cx).await?, used)
            }
            Handler::WriteProject(handler) | Handler::LookUp(handler) => {
                let (cx, project) = self.enter(endpoint).await?;
                let used = used(&cx);
                (handler(Arc::clone(&app), cx, project).await?, used)
            }
            Handler::Record(handler) => self.record(endpoint, handler).await?,
            Handler::ReadGroup(handler) => {
                let work = move |conn: &mut Conn<'_>| {
                    let cx = self.admit(endpoint, conn)?;
                    let group = find_group(&cx, conn)?;
                    Ok::<_, ApiError>((handler(&cx, &group, conn)?, used(&cx)))
                };
                app.store.read(work).await?
            }
            Handler::WriteGroup(handler) => {
                let work = move |conn: &mut Conn<'_>| {
                    let cx = self.admit(endpoint, conn)?;
                    let group = find_group(&cx, conn)?;
                    Ok::<_, ApiError>((cx, group))
                };
                let (cx, group) = app.store.read_at_once(work).await?;
                let used = used(&cx);
                (handler(Arc::clone(&app), cx, group).await?, used)
            }
        };
        if let Some((token, now)) = used {
            note_use(app, token, now);
        }
        Ok(reply)
    }

    /// Steps 9 to 12 of [`Handler::Record`].
    async fn record(self, endpoint: &'static Endpoint, handler: InProjectHandler) -> Result<(Reply, Used), ApiError> {
        let app = Arc::clone(&self.app);
        if let Some((cx, project)) = self.enter_provisionally(endpoint) {
            let used = used(&cx);
            match handler(Arc::clone(&app), cx, project).await {
                Ok(reply) => return Ok((reply, used)),
                // It may have been carried out.
                Err(error @ (ApiError::Unavailable { .. } | ApiError::Internal(_))) => return Err(error),
                // Whoever may not do this any more must not learn why it could not be done.
                Err(_) => {}
            }
        }
        let (cx, project) = self.enter(endpoint).await?;
        let used = used(&cx);
        Ok((handler(app, cx, project).await?, used))
    }

    /// As [`Asked::enter`], from memory alone, which may be behind; where to ask costs little it is not tried.
    fn enter_provisionally(&self, endpoint: &'static Endpoint) -> Option<(Cx, InProject)> {
        if self.app.store.is_at_hand() {
            return None;
        }
        let (signed_in, project, state) = self.remembered(endpoint)?;
        let mut cx = self.clone().check(endpoint, Some(signed_in), state).ok()?;
        cx.is_provisional = true;
        Some((cx, project))
    }

    /// Steps 9 to 11, for what needs no connection afterwards.
    async fn enter(self, endpoint: &'static Endpoint) -> Result<(Cx, InProject), ApiError> {
        if cache::refresh(&self.app).await.is_ok()
            && let Some((signed_in, project, state)) = self.remembered(endpoint)
        {
            return Ok((self.check(endpoint, Some(signed_in), state)?, project));
        }
        let app = Arc::clone(&self.app);
        let work = move |conn: &mut Conn<'_>| {
            let cx = self.admit(endpoint, conn)?;
            let project = find_project(&cx, conn)?;
            Ok::<_, ApiError>((cx, project))
        };
        app.store.read_at_once(work).await
    }

    /// Steps 9 and 11 from memory, which spares a transaction: the question whether anything has changed is shared by all
    /// requests that wait. Answers those who are let in, and the state that says so or an earlier one; everybody else, and
    /// whoever is not remembered, is the database's.
    fn remembered(&self, endpoint: &'static Endpoint) -> Option<(SignedIn, InProject, Position)> {
        let app = &self.app;
        let state = app.cache.position()?;
        let owned = self.authentication(endpoint.login, endpoint.access).remembered()?;
        let (token, user) = &*owned;
        let project = app.cache.project(self.given.get("id")?.as_str()?)?;
        let found = InProject::remembered(&app.cache, project, user, self.now.date())?;
        let (token, user) = (token.clone(), user.clone());
        Some((SignedIn { user, token }, found, state))
    }

    /// Steps 9 and 10.
    fn admit(self, endpoint: &'static Endpoint, conn: &mut Conn<'_>) -> Result<Cx, ApiError> {
        let state = self.app.cache.sync(conn)?;
        let signed_in = self
            .authentication(endpoint.login, endpoint.access)
            .authenticate(state, conn)?;
        self.check(endpoint, signed_in, state)
    }

    /// Step 10.
    fn check(
        mut self,
        endpoint: &'static Endpoint,
        signed_in: Option<SignedIn>,
        state: Position,
    ) -> Result<Cx, ApiError> {
        if let Some(prepare) = endpoint.prepare {
            prepare(&mut self.given);
        }
        fill_from_headers(endpoint.params, &self.request.headers, &mut self.given)?;
        let params = validate(endpoint.params, endpoint.rules, &self.given)?;
        Ok(Cx {
            app: self.app,
            signed_in,
            params,
            given: self.given,
            now: self.now,
            state,
            is_provisional: false,
            method: self.request.method,
            raw_path: self.request.path,
            raw_query: self.request.query,
            headers: self.request.headers,
        })
    }

    fn authentication(&self, login: Login, access: Access) -> auth::Request<'_> {
        auth::Request {
            presented: self.presented.as_ref(),
            headers: &self.request.headers,
            params: &self.given,
            method: &self.request.method,
            login,
            access,
            now: self.now,
            urls: &self.app.urls,
            cache: &self.app.cache,
        }
    }

    /// OPTIONS on a known path: which methods it has.
    async fn options(self, login: Login, allow: HeaderValue) -> Outcome {
        let app = Arc::clone(&self.app);
        let work = move |conn: &mut Conn<'_>| {
            let state = self.app.cache.sync(conn)?;
            self.authentication(login, Access::Any)
                .authenticate(state, conn)
                .map(drop)
        };
        app.store.read_at_once(work).await?;
        let mut reply = reply::no_content();
        reply.headers_mut().insert(ALLOW, allow);
        Ok(reply)
    }
}

/// A token, and when it was used.
type Used = Option<(TokenId, Timestamp)>;

/// The token to note as used now, unless that was noted lately.
fn used(cx: &Cx) -> Used {
    let token = &cx.signed_in.as_ref()?.token;
    (!was_used_lately(token, cx.now)).then_some((token.id, cx.now))
}

/// Whether the last use of the token needs no new note.
pub(super) fn was_used_lately(token: &AccessToken, now: Timestamp) -> bool {
    token
        .last_used_at
        .is_some_and(|last| last.plus(LAST_USE_PRECISION) > now)
}

/// Writes the note behind the answer's back: no client waits for it.
fn note_use(app: Arc<App>, token: TokenId, now: Timestamp) {
    tokio::spawn(async move {
        let noted: Result<(), landfall_store::Error> = app.store.write(move |tx| tokens::touch(tx, token, now)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "noting the use of a token failed");
        }
    });
}

/// A JSON answer.
pub(crate) fn json<T: serde::Serialize>(status: StatusCode, value: &T) -> Outcome {
    let mut body = Vec::new();
    views::write(value, &mut body).map_err(ApiError::internal)?;
    Ok(reply::json(status, body))
}
