//! Following the database where no transaction is open.
//!
//! To ask the database takes longer than everything else about an answer that is kept; so all requests that arrive before
//! or during one question share the next one. A question that begins after a request has come is good for it, however many
//! wait for it.
//!
//! PostgreSQL is asked over the network, once for all threads. SQLite answers at once, so each thread asks for itself,
//! behind the requests that are ready to run: to wake another thread takes longer than to ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landfall_store::Error;
use thread_local::ThreadLocal;
use tokio::sync::oneshot;

use crate::App;

#[derive(Default)]
pub(super) struct Fences {
    shared: Arc<Fence>,
    by_thread: ThreadLocal<Arc<Fence>>,
}

impl Fences {
    fn of(&self, app: &App) -> &Arc<Fence> {
        if app.store.is_at_hand() {
            self.by_thread.get_or_default()
        } else {
            &self.shared
        }
    }
}

#[derive(Default)]
struct Fence(Mutex<Rounds>);

#[derive(Default)]
struct Rounds {
    /// Whether somebody is asking now.
    is_led: bool,
    /// Those who came too late for the question that is under way.
    waiting: Vec<oneshot::Sender<()>>,
}

/// Brings the cache to the state of the database at this moment, or a later one. An error means that what is kept must not
/// be used now.
pub(crate) async fn refresh(app: &Arc<App>) -> Result<(), Error> {
    let fence = app.cache.fences.of(app);
    let (sender, told) = oneshot::channel();
    let leads = {
        let mut rounds = fence.rounds();
        rounds.waiting.push(sender);
        !std::mem::replace(&mut rounds.is_led, true)
    };
    if leads {
        tokio::spawn(lead(Arc::clone(app), Arc::clone(fence)));
    }
    told.await
        .map_err(|_| Error::Unavailable("the state of the database could not be read".to_owned()))
}

async fn ask(app: &Arc<App>) -> Result<(), Error> {
    let asked = Arc::clone(app);
    app.store
        .read_by_one_statement(move |conn| asked.cache.sync(conn).map(drop))
        .await
}

/// Asks as long as anybody waits.
async fn lead(app: Arc<App>, fence: Arc<Fence>) {
    let mut leader = Leader {
        fence: &fence,
        is_done: false,
    };
    while let Some(waiting) = leader.next_round() {
        if ask(&app).await.is_ok() {
            for request in waiting {
                // A request that is gone does not need to know.
                let _ = request.send(());
            }
        }
    }
}

/// Whoever asks for all. If it ends early, those who wait learn that it has.
struct Leader<'f> {
    fence: &'f Fence,
    is_done: bool,
}

impl Leader<'_> {
    /// Those who wait now; once there are none, nobody leads.
    fn next_round(&mut self) -> Option<Vec<oneshot::Sender<()>>> {
        let mut rounds = self.fence.rounds();
        self.is_done = rounds.waiting.is_empty();
        rounds.is_led = !self.is_done;
        (!self.is_done).then(|| std::mem::take(&mut rounds.waiting))
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            *self.fence.rounds() = Rounds::default();
        }
    }
}

impl Fence {
    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
