//! Hands deliveries out, so that no receiver can hold up the others.
//!
//! Of one hook one delivery is under way at a time, on whichever node, in the order of the changes; so a receiver that hangs
//! takes one place of many. Hooks that failed last share a quarter of the places. One host has a few places at most, however
//! many hooks lead there. When there are more hooks than places, they take turns.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use landfall_domain::{ids::WebhookId, webhook::Webhook};
use landfall_store::{
    Tx, webhook_queue,
    webhook_queue::{Message, Taken},
};
use metrics::counter;
use tokio::sync::Notify;
use tracing::warn;

use super::{
    DELIVER,
    attempt::{self, Outcome},
    body_of,
    letter::address,
};
use crate::{App, jobs::Left, metrics::WEBHOOK_DELIVERIES, ops::Refusal};

/// Deliveries under way at a time.
const PLACES: usize = 256;
/// Those of them for hooks whose last attempt failed.
const FAILING_PLACES: usize = PLACES / 4;
/// Those of them for one host.
const HOST_PLACES: usize = 16;
/// Deliveries that are handed out in one transaction.
const BATCH: usize = 64;
/// Hooks that are looked at in one step.
const LOOK: i64 = 256;
/// How much longer than an attempt can take a delivery is held. A node that dies leaves it to the others after this.
const SLACK: Duration = Duration::from_secs(50);

/// What is under way on this node.
#[derive(Default)]
pub(crate) struct Courier {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    taken: usize,
    failing: usize,
    ended: u64,
    hosts: HashMap<String, usize>,
    /// The hook that was looked at last, so that the next ones have their turn.
    after: i64,
}

/// The right to make a delivery; it ends with this value.
struct Place {
    courier: Arc<Courier>,
    host: String,
    is_failing: bool,
}

/// A delivery to be made now.
struct Delivery {
    hook: Webhook,
    taken: Taken,
    place: Place,
}

impl Courier {
    /// Waits until nothing is under way.
    pub(crate) async fn settled(&self) {
        while self.one_ended_since(self.ended()).await {}
    }

    /// How many deliveries have ended.
    pub(crate) fn ended(&self) -> u64 {
        self.state().ended
    }

    /// Waits until more than so many deliveries have ended; answers false if none is under way that could.
    pub(crate) async fn one_ended_since(&self, before: u64) -> bool {
        let changed = self.changed.notified();
        let (ended, taken) = {
            let state = self.state();
            (state.ended, state.taken)
        };
        if ended == before && taken > 0 {
            changed.await;
        }
        ended != before || taken > 0
    }

    fn is_full(&self) -> bool {
        self.state().taken >= PLACES
    }

    fn place(self: &Arc<Courier>, hook: &Webhook) -> Option<Place> {
        let host = address(hook)
            .ok()
            .and_then(|(url, _)| url.host_str().map(str::to_owned));
        let host = host.unwrap_or_default();
        let is_failing = hook.health.is_failing();
        let mut state = self.state();
        let of_host = state.hosts.get(&host).copied().unwrap_or_default();
        if state.taken >= PLACES || of_host >= HOST_PLACES || (is_failing && state.failing >= FAILING_PLACES) {
            return None;
        }
        state.taken += 1;
        state.failing += usize::from(is_failing);
        state.hosts.insert(host.clone(), of_host + 1);
        drop(state);
        Some(Place {
            courier: Arc::clone(self),
            host,
            is_failing,
        })
    }

    /// Numbers only: a panic elsewhere cannot have left them half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.courier.state();
        state.taken -= 1;
        state.ended += 1;
        state.failing -= usize::from(self.is_failing);
        if let Some(count) = state.hosts.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                state.hosts.remove(&self.host);
            }
        }
        drop(state);
        self.courier.changed.notify_waiters();
    }
}

/// Hands out what is due, as far as there are places.
pub(super) async fn step(app: Arc<App>) -> Result<Left, Refusal> {
    let now = app.clock.now();
    let after = WebhookId(app.courier.state().after);
    let due = app
        .store
        .read(move |conn| webhook_queue::due_hooks(conn, now, after, LOOK))
        .await?;
    let mut is_cut = i64::try_from(due.len()).unwrap_or(LOOK) == LOOK;
    let mut last = after;
    let mut picked = Vec::new();
    for hook in due {
        if picked.len() == BATCH || app.courier.is_full() {
            is_cut = true;
            break;
        }
        last = hook.id;
        if let Some(place) = app.courier.place(&hook) {
            picked.push((hook, place));
        }
    }
    app.courier.state().after = if is_cut { last.0 } else { 0 };
    let has_picked = !picked.is_empty();
    if has_picked {
        hand_out(&app, picked).await?;
    }
    // Each delivery that ends wakes the job, so there is nothing to do before one does. And hooks in front of those that
    // this step looked at have their turn, too.
    let goes_on = !app.courier.is_full() && (is_cut || (has_picked && after.0 > 0));
    Ok(if goes_on { Left::More } else { Left::Nothing })
}

/// Takes a delivery of each hook and begins with it.
async fn hand_out(app: &Arc<App>, picked: Vec<(Webhook, Place)>) -> Result<(), Refusal> {
    let now = app.clock.now();
    let until = now.plus(app.webhook_timeout + SLACK);
    let (node, hooks) = (
        app.node.clone(),
        picked.iter().map(|(hook, _)| hook.id).collect::<Vec<_>>(),
    );
    let work = move |tx: &mut Tx<'_>| -> Result<Vec<Option<(Taken, Message)>>, Refusal> {
        let mut all = Vec::with_capacity(hooks.len());
        for hook in &hooks {
            let taken = webhook_queue::take(tx, *hook, &node, now, until)?;
            let message = match &taken {
                Some(taken) => webhook_queue::message(tx, taken.message_id)?,
                None => None,
            };
            all.push(taken.zip(message));
        }
        Ok(all)
    };
    let all = app.store.write(work).await?;
    let mut by_message: BTreeMap<i64, (Message, Vec<Delivery>)> = BTreeMap::new();
    for ((hook, place), taken) in picked.into_iter().zip(all) {
        if let Some((taken, message)) = taken {
            let (_, deliveries) = by_message.entry(message.id).or_insert_with(|| (message, Vec::new()));
            deliveries.push(Delivery { hook, taken, place });
        }
    }
    for (message, deliveries) in by_message.into_values() {
        begin(Arc::clone(app), message, deliveries);
    }
    Ok(())
}

/// Apart from [`hand_out`], because the task wakes the job whose step that is, and the compiler cannot look into both at once.
fn begin(app: Arc<App>, message: Message, deliveries: Vec<Delivery>) {
    tokio::spawn(deliver_all(app, message, deliveries));
}

/// Begins with the deliveries of one message, whose body is made once for all. What goes wrong on this side is left as it
/// is: others take the deliveries over, and make them again.
async fn deliver_all(app: Arc<App>, message: Message, deliveries: Vec<Delivery>) {
    match body_of(&app, &message).await {
        Ok(body) => {
            let (message, body) = (Arc::new(message), Arc::<str>::from(body));
            for delivery in deliveries {
                tokio::spawn(deliver(
                    Arc::clone(&app),
                    Arc::clone(&message),
                    Arc::clone(&body),
                    delivery,
                ));
            }
        }
        Err(error) => {
            warn!(message = message.id, %error, "what webhooks are sent could not be made and will be tried again");
            drop(deliveries);
            app.wakes.wake(&DELIVER);
        }
    }
}

async fn deliver(app: Arc<App>, message: Arc<Message>, body: Arc<str>, delivery: Delivery) {
    let Delivery { hook, taken, place } = delivery;
    if let Err(error) = try_to_deliver(&app, &hook, taken, (&message, &body)).await {
        warn!(hook = hook.id.0, %error, "a webhook could not be sent and will be tried again");
    }
    drop(place);
    app.wakes.wake(&DELIVER);
}

async fn try_to_deliver(app: &App, hook: &Webhook, taken: Taken, sent: (&Message, &str)) -> Result<(), Refusal> {
    let made = attempt::make(app, hook, sent, &taken.idempotency_key).await?;
    let result = match made.outcome {
        Outcome::Arrived => "success",
        Outcome::Failed { .. } => "failure",
    };
    counter!(WEBHOOK_DELIVERIES, "result" => result).increment(1);
    let node = app.node.clone();
    let jitter = jitter();
    app.store
        .write(move |tx| attempt::settle(tx, &taken, &made, &node, jitter))
        .await
}

fn jitter() -> u16 {
    let mut random = [0; 2];
    // Without randomness all wait the same.
    let _ = getrandom::fill(&mut random);
    u16::from_ne_bytes(random)
}
