//! Hooks that come in: what GitLab, GitHub, Argo CD, Flux and senders of `CDEvents` tell, turned into neutral
//! [`Observation`]s about deployments.
//!
//! Pure functions from headers and body to data: no database, no server, no clock. Who calls them keeps every delivery
//! first ([`verify()`], [`delivery_id`]) and reads it afterwards ([`parse`]), because senders give up on hooks that answer
//! slowly or with an error, and because what is kept can be read again.
//!
//! Nothing here relies on the order or the number of deliveries. Each observation says which deployment it is about in a
//! way that any other report of the same deployment says too ([`Key`]), when it happened, and what to believe where two
//! reports name the same moment ([`Observation::order`]).

mod argocd;
mod cdevents;
mod deployable;
mod flux;
pub(crate) mod github;
pub(crate) mod gitlab;
mod observation;
pub(crate) mod place;
mod revision;
#[cfg(test)]
mod tests;
pub(crate) mod verify;

use http::HeaderMap;
use serde_json::Value;

pub use landfall_domain::{deployment::Note, hook::Sender};
pub(crate) use observation::recurring_id;
pub use observation::{About, EnvironmentHint, Key, Observation, Order, ProjectHint, RunKey, UserHint};
pub use place::Broken;
pub use verify::{Unauthentic, has_proof, is_signed, verify};

/// One request to a hook. Its size has been limited by whoever received it; GitLab sends up to 25 MB.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The request's body, exactly as received: signatures are made over it.
    pub body: &'a [u8],
}

/// What a delivery says.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Nothing about deployments. It is still answered with success.
    Ignored {
        /// Why, for the list of deliveries.
        why: &'static str,
    },
    /// The sender tries out whether somebody listens.
    Ping,
    /// At least one report.
    Observations(Vec<Observation>),
}

impl<'a> Delivery<'a> {
    /// A header as text; `None` if it is missing, empty or not ASCII.
    fn header(&self, name: &str) -> Option<&'a str> {
        let text = self.headers.get(name)?.to_str().ok()?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn json(&self) -> Result<Value, Broken> {
        serde_json::from_slice(self.body).map_err(|error| Broken::NotJson(error.to_string()))
    }
}

/// The longest delivery id that is kept as it is.
const LONGEST_ID: usize = 200;

/// What tells a repeated delivery from a new one, unique per hook. It is always there for GitHub and GitLab's present
/// versions; an id of over 200 bytes, or with control characters, is replaced by its digest.
///
/// * GitLab: `Idempotency-Key`, which a resend by hand repeats. Versions before 17.4 do not send it; there
///   `X-Gitlab-Webhook-UUID` takes its place, which is new for each attempt and so only catches what a proxy repeats.
///   `X-Gitlab-Event-UUID` is no id: one chain of events shares it.
/// * GitHub: `X-GitHub-Delivery`, which a redelivery repeats.
/// * `CDEvents`: source and id of the event, which the specification of `CloudEvents` makes unique together.
/// * Argo CD and Flux name none: the digest of the body. Equal bodies hold equal times, so they are one report.
#[must_use]
pub fn delivery_id(sender: Sender, delivery: &Delivery<'_>) -> Option<String> {
    let id = match sender {
        Sender::Gitlab => delivery
            .header("idempotency-key")
            .or_else(|| delivery.header("x-gitlab-webhook-uuid"))
            .map(str::to_owned),
        Sender::Github => delivery.header("x-github-delivery").map(str::to_owned),
        Sender::Argocd | Sender::Flux => Some(verify::digest(delivery.body)),
        Sender::Cdevents => cdevents::delivery_id(delivery),
    }?;
    if id.len() > LONGEST_ID || id.chars().any(char::is_control) {
        Some(verify::digest(id.as_bytes()))
    } else {
        Some(id)
    }
}

/// Reads a delivery. Keys that are not known are passed over, keys that are missing are not told, numbers and booleans
/// may come as text; what identifies the deployment must be there, and what is there must be of its type.
pub fn parse(sender: Sender, delivery: &Delivery<'_>) -> Result<Meaning, Broken> {
    match sender {
        Sender::Gitlab => gitlab::parse(delivery),
        Sender::Github => github::parse(delivery),
        Sender::Argocd => argocd::parse(delivery),
        Sender::Flux => flux::parse(delivery),
        Sender::Cdevents => cdevents::parse(delivery),
    }
}
