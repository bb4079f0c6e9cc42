//! The end of work that nobody waits for any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// Ends fetches that are under way. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    flag: AtomicBool,
    bell: Notify,
}

impl Interrupt {
    /// Ends everything, for good.
    pub fn trigger(&self) {
        self.0.flag.store(true, Ordering::SeqCst);
        self.0.bell.notify_waiters();
    }

    /// Whether it was triggered.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.flag.load(Ordering::SeqCst)
    }

    /// For what looks now and then.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0.flag
    }

    /// Waits for it.
    pub(super) async fn triggered(&self) {
        loop {
            // Before the look, so that no bell is missed.
            let rung = self.0.bell.notified();
            if self.is_triggered() {
                return;
            }
            rung.await;
        }
    }
}
