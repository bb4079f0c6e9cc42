//! Part of a job in GitLab's shape: only what is told, each key of the type that the shape asks for.

use std::time::Duration;

use landfall_domain::time::Timestamp;
use serde_json::{Map, Value};

use super::observation::UserHint;

/// When a job was made, began and ended, as far as it has come to that.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) created: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
}

impl Times {
    /// Seconds that it ran.
    pub(super) fn duration(&self) -> Option<f64> {
        seconds(self.started, self.finished)
    }

    /// Seconds that it waited.
    pub(super) fn queued_duration(&self) -> Option<f64> {
        seconds(self.created, self.started)
    }
}

/// `None` if a time is unknown or they are in the wrong order.
fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<f64> {
    let micros = to?.as_micros().checked_sub(from?.as_micros())?;
    let micros = u64::try_from(micros).ok()?;
    Some(Duration::from_micros(micros).as_secs_f64())
}

/// Collects what is told of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Map<String, Value>);

impl Keys {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a key, if its value is told.
    pub(super) fn set<T: Into<Value>>(mut self, name: &str, value: Option<T>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a time, in one spelling whatever the sender's was.
    pub(super) fn time(self, name: &str, time: Option<Timestamp>) -> Self {
        self.set(name, time.map(Timestamp::to_wire))
    }

    /// Adds `created_at`, `started_at` and `finished_at`.
    pub(super) fn times(self, times: &Times) -> Self {
        self.time("created_at", times.created)
            .time("started_at", times.started)
            .time("finished_at", times.finished)
    }

    /// Adds an object, if anything of it is told.
    pub(super) fn object(self, name: &str, keys: Self) -> Self {
        self.set(name, keys.told())
    }

    /// The object, if anything of it is told.
    pub(super) fn told(self) -> Option<Map<String, Value>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

/// A user (reference 7.6).
pub(super) fn user(user: Option<&UserHint>) -> Keys {
    let Some(user) = user else { return Keys::new() };
    let id = user.external_id.as_deref().and_then(|id| id.parse::<i64>().ok());
    Keys::new()
        .set("id", id)
        .set("username", user.username.clone())
        .set("public_email", user.email.clone())
        .set("name", user.name.clone())
        .set("avatar_url", user.avatar_url.clone())
        .set("web_url", user.web_url.clone())
        .set("bot", user.bot.then_some(true))
}

/// A commit (reference 7.7) of which the message may be known.
pub(super) fn commit(sha: Option<&str>, message: Option<String>) -> Keys {
    let title = message
        .as_deref()
        .and_then(|message| message.lines().next())
        .map(str::to_owned);
    Keys::new()
        .set("id", sha)
        .set("short_id", sha.and_then(|sha| sha.get(..8)))
        .set("title", title)
        .set("message", message)
}
