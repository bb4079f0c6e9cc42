//! One attempt: sends a letter and notes what came of it.

use std::time::{Duration, Instant};

use landfall_domain::{
    ids::WebhookId,
    time::{Timestamp, parse_lenient},
    webhook::{Health, Retry, Webhook, next_attempt},
};
use landfall_net::{
    Answer, Certificates,
    header::{HeaderMap, RETRY_AFTER},
};
use landfall_store::{
    Tx,
    webhook_queue::{self, Attempt, Message, Taken},
    webhooks,
};
use serde_json::{Map, Value};

use super::letter::{Letter, Sealed, shown_address};
use crate::{
    App,
    ops::{Refusal, announce::new_uuid},
};

/// So much of an answer is read, and kept (neighbours, 11.2).
const LONGEST_ANSWER: usize = 8 * 1024;
/// So many headers of an answer are kept, and so many characters of each.
const MOST_HEADERS: usize = 50;
const LONGEST_HEADER: usize = 1024;
/// GitLab's word for the log.
const TRIGGER: &str = "deployment_hooks";

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there: 2xx and 3xx, as GitLab counts.
    Arrived,
    /// It is not, or nobody knows.
    Failed {
        /// The wait that the receiver asked for.
        retry_after: Option<Duration>,
    },
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) outcome: Outcome,
    /// As it goes into the log.
    pub(crate) attempt: Attempt,
}

/// Sends a message to a hook.
pub(crate) async fn make(
    app: &App,
    hook: &Webhook,
    (message, body): (&Message, &str),
    idempotency_key: &str,
) -> Result<Made, Refusal> {
    let now = app.clock.now();
    let letter = Letter {
        hook,
        body,
        event_uuid: &message.event_uuid,
        idempotency_key,
        attempt_uuid: new_uuid()?,
        instance: app.urls.instance(),
        now,
    };
    let started = Instant::now();
    let (answer, shown_headers) = match letter.seal() {
        Ok(Sealed {
            mut request,
            shown_headers,
        }) => {
            *request.timeout_mut() = Some(app.webhook_timeout);
            let certificates = if hook.ssl_verification {
                Certificates::Verified
            } else {
                Certificates::Any
            };
            let sent = app.client.notify(request, certificates, LONGEST_ANSWER).await;
            (sent.map_err(|error| told(&error)), shown_headers)
        }
        Err(error) => (Err(error.to_string()), Map::new()),
    };
    let outcome = outcome_of(&answer, now);
    let (response_status, response_headers, response_body) = match answer {
        Ok(answer) => (
            Some(i64::from(answer.status.as_u16())),
            kept_headers(&answer.headers),
            kept_text(&answer.body),
        ),
        Err(text) => (None, Map::new(), text),
    };
    Ok(Made {
        outcome,
        attempt: Attempt {
            id: 0,
            hook_id: hook.id,
            message_id: message.id,
            idempotency_key: idempotency_key.to_owned(),
            trigger: TRIGGER.to_owned(),
            url: shown_address(&hook.url),
            request_headers: Value::Object(shown_headers).to_string(),
            response_status,
            response_headers: Value::Object(response_headers).to_string(),
            response_body,
            duration: started.elapsed().as_secs_f64(),
            created_at: now,
        },
    })
}

/// Notes an attempt at a delivery from the queue, and what follows from it for the delivery and for the hook.
pub(crate) fn settle(tx: &mut Tx<'_>, taken: &Taken, made: &Made, node: &str, jitter: u16) -> Result<(), Refusal> {
    webhook_queue::log(tx, &made.attempt)?;
    let hook = made.attempt.hook_id;
    let Some(health) = webhooks::health(tx, hook)? else {
        return Ok(webhook_queue::done(tx, taken.id)?);
    };
    let now = made.attempt.created_at;
    match made.outcome {
        Outcome::Arrived => {
            webhook_queue::done(tx, taken.id)?;
            set_health(tx, hook, health, Health::GOOD)
        }
        Outcome::Failed { retry_after } => {
            let next = next_attempt(&Retry {
                since: taken.created_at,
                failed_at: now,
                attempts: taken.attempts,
                retry_after,
                jitter,
            });
            match next {
                Some(at) => webhook_queue::later(tx, taken.id, node, at)?,
                None => webhook_queue::done(tx, taken.id)?,
            }
            set_health(tx, hook, health, health.after_failure(now, retry_after))
        }
    }
}

/// Notes an attempt that somebody asked for: a test, or a delivery sent once more. Only its success counts.
pub(crate) fn note(tx: &mut Tx<'_>, made: &Made) -> Result<(), Refusal> {
    webhook_queue::log(tx, &made.attempt)?;
    let hook = made.attempt.hook_id;
    match (webhooks::health(tx, hook)?, made.outcome) {
        (Some(health), Outcome::Arrived) => set_health(tx, hook, health, Health::GOOD),
        _ => Ok(()),
    }
}

fn set_health(tx: &mut Tx<'_>, hook: WebhookId, before: Health, after: Health) -> Result<(), Refusal> {
    if before == after {
        return Ok(());
    }
    Ok(webhooks::set_health(tx, hook, after)?)
}

fn outcome_of(answer: &Result<Answer, String>, now: Timestamp) -> Outcome {
    match answer {
        Ok(answer) if answer.status.is_success() || answer.status.is_redirection() => Outcome::Arrived,
        Ok(answer) => Outcome::Failed {
            retry_after: retry_after(&answer.headers, now),
        },
        Err(_) => Outcome::Failed { retry_after: None },
    }
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = parse_lenient(text).ok()??;
    u64::try_from(at.as_micros() - now.as_micros())
        .ok()
        .map(Duration::from_micros)
}

/// Why there is no answer, in words that tell nothing of the network that this machine stands in.
fn told(error: &landfall_net::Error) -> String {
    match error {
        landfall_net::Error::Refused(_) => "URL is blocked: Requests to the local network are not allowed".to_owned(),
        landfall_net::Error::Transport(error) if error.is_timeout() => "Net::ReadTimeout".to_owned(),
        landfall_net::Error::Transport(error) if error.is_connect() => "Failed to open TCP connection".to_owned(),
        landfall_net::Error::Transport(_) => "The connection broke".to_owned(),
        other => other.to_string(),
    }
}

fn kept_headers(headers: &HeaderMap) -> Map<String, Value> {
    let kept = headers.iter().take(MOST_HEADERS).map(|(name, value)| {
        let text: String = kept_text(value.as_bytes()).chars().take(LONGEST_HEADER).collect();
        (name.to_string(), text.into())
    });
    kept.collect()
}

/// Text that a database takes.
fn kept_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}
