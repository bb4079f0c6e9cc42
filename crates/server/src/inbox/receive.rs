//! `POST /hooks/<sender>` and `POST /hooks/<sender>/<id of a source>`: who sends is found out, the delivery is kept, and
//! that is answered. What it says is read afterwards, because senders give up on hooks that answer slowly.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use landfall_domain::{
    hook::{HookSource, Scope, Sender},
    ids::HookSourceId,
    time::Timestamp,
};
use landfall_store::{
    Conn, Tx, hook_sources,
    inbox::{self, Content, NewDelivery, Stored},
};
use metrics::counter;
use serde_json::json;
use tracing::debug;

use super::{headers, worker};
use crate::{
    App,
    api::{endpoint::Outcome, error::ApiError, pipeline::json},
    bodies::{Collected, Room, Rooms},
    hooks_in::{Delivery, Unauthentic, delivery_id, has_proof, is_signed, verify},
    metrics::DELIVERIES,
};

/// A body larger than this is refused; GitLab sends up to 25 MB.
pub(crate) const MAX_BODY: usize = 25 * 1024 * 1024;
/// Bytes that are hashed for one request at most: where many sources share an address, each signature has to be tried.
const MAX_HASHED: usize = 256 * 1024 * 1024;
/// Characters of the name of an event that are kept.
const LONGEST_EVENT: usize = 255;

/// Whom a request is addressed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Which kind of sender.
    pub(crate) sender: Sender,
    /// The source, where the address names one.
    pub(crate) source: Option<HookSourceId>,
}

impl Address {
    /// Reads what follows `/hooks`.
    pub(crate) fn parse(path: &str) -> Option<Address> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let sender = Sender::parse(parts.next()?)?;
        let source = match parts.next() {
            Some(id) if id.bytes().all(|byte| byte.is_ascii_digit()) => Some(HookSourceId(id.parse().ok()?)),
            Some(_) => return None,
            None => None,
        };
        parts.next().is_none().then_some(Address { sender, source })
    }
}

/// A delivery whose body may be read.
#[derive(Debug)]
pub(crate) struct Admitted {
    sender: Sender,
    headers: HeaderMap,
    /// Those that it may come from: one, unless only the body tells.
    sources: Vec<HookSource>,
    /// Whether only the body tells.
    is_signed: bool,
}

/// Finds out who may be sending before the body is read, and refuses who cannot be a source.
pub(crate) async fn admit(app: &App, address: Address, headers: HeaderMap) -> Result<Admitted, ApiError> {
    let sender = address.sender;
    let mut sources = Vec::new();
    if has_proof(sender, &headers) {
        sources = app.store.read(move |conn| candidates(conn, address)).await?;
    }
    let is_signed = is_signed(sender, &headers);
    let bodiless = Delivery {
        headers: &headers,
        body: b"",
    };
    sources.retain(|source| match verify(sender, &source.proof, &bodiless) {
        Ok(()) => true,
        // The signature is one of the body, which is yet to come.
        Err(Unauthentic::Wrong(_)) => is_signed,
        Err(_) => false,
    });
    if sources.is_empty() {
        count(sender, "unauthorized");
        return Err(ApiError::unauthorized());
    }
    Ok(Admitted {
        sender,
        headers,
        sources,
        is_signed,
    })
}

impl Admitted {
    /// Where its body finds room.
    pub(crate) fn room<'a>(&self, rooms: &'a Rooms) -> &'a Room {
        if self.is_signed { &rooms.strangers } else { &rooms.known }
    }

    /// Counts a delivery whose body was not read to its end.
    pub(crate) fn count_refused(&self, error: &ApiError) {
        if matches!(error, ApiError::Unavailable { .. }) {
            count(self.sender, "no_room");
        }
    }

    /// Keeps a delivery and answers: 202 where it is new, 200 where it is known, or a ping.
    pub(crate) async fn receive(self, app: &Arc<App>, collected: Collected) -> Outcome {
        let sender = self.sender;
        if self.is_signed && collected.bytes.len().saturating_mul(self.sources.len()) > MAX_HASHED {
            return Err(ApiError::too_large());
        }
        let (now, body) = (app.clock.now(), collected.bytes.clone());
        // Hashing a large body takes a while, and other requests must not wait for it.
        #[expect(
            clippy::disallowed_methods,
            reason = "this reads no store and no repository, it only computes"
        )]
        let checked = tokio::task::spawn_blocking(move || {
            let source = authenticate(self.sources, sender, &self.headers, &body)?;
            Some((new_delivery(&source, &self.headers, body, now), source))
        });
        let Some((new, source)) = checked.await.map_err(ApiError::internal)? else {
            count(sender, "unauthorized");
            return Err(ApiError::unauthorized());
        };
        let is_ping = new.event.as_deref() == Some("ping") && source.sender == Sender::Github;
        let stored = app.store.write(move |tx: &mut Tx<'_>| inbox::insert(tx, &new)).await?;
        match stored {
            Stored::New(id) => {
                count(sender, "stored");
                app.wakes.wake(&worker::JOB);
                let status = if is_ping { StatusCode::OK } else { StatusCode::ACCEPTED };
                json(status, &json!({ "id": id.0, "repeated": false }))
            }
            Stored::Repeated(id) => {
                count(sender, "repeated");
                json(StatusCode::OK, &json!({ "id": id.0, "repeated": true }))
            }
        }
    }
}

fn candidates(conn: &mut Conn<'_>, address: Address) -> Result<Vec<HookSource>, ApiError> {
    Ok(match address.source {
        Some(id) => {
            let found = hook_sources::by_id(conn, id)?;
            found
                .into_iter()
                .filter(|found| found.sender == address.sender)
                .collect()
        }
        None => hook_sources::of_sender(conn, address.sender)?,
    })
}

/// The source whose secret it is.
fn authenticate(sources: Vec<HookSource>, sender: Sender, headers: &HeaderMap, body: &[u8]) -> Option<HookSource> {
    let delivery = Delivery { headers, body };
    sources.into_iter().find(|source| {
        let verified = verify(sender, &source.proof, &delivery);
        if let Err(error) = verified {
            debug!(source = source.id.0, %error, "a delivery is not this source's");
        }
        verified.is_ok()
    })
}

fn new_delivery(source: &HookSource, headers: &HeaderMap, body: Bytes, now: Timestamp) -> NewDelivery {
    let (sender, delivery) = (source.sender, Delivery { headers, body: &body });
    NewDelivery {
        source_id: source.id,
        sender,
        project_id: match source.scope {
            Scope::Project(id) => Some(id),
            Scope::Group(_) => None,
        },
        external_id: delivery_id(sender, &delivery),
        event: event(sender, headers),
        content: Content {
            headers: headers::to_json(headers),
            body: body.into(),
        },
        received_at: now,
    }
}

/// What the sender calls the kind of event, where that stands in a header.
fn event(sender: Sender, headers: &HeaderMap) -> Option<String> {
    let name = match sender {
        Sender::Gitlab => "x-gitlab-event",
        Sender::Github => "x-github-event",
        Sender::Cdevents => "ce-type",
        Sender::Argocd | Sender::Flux => return None,
    };
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.chars().take(LONGEST_EVENT).collect())
}

fn count(sender: Sender, result: &'static str) {
    counter!(DELIVERIES, "sender" => sender.as_str(), "result" => result).increment(1);
}
