//! Whole answers about a project's deployments, by the address that asked for them.

use std::sync::{Arc, OnceLock, atomic::Ordering};

use bytes::Bytes;
use http::HeaderMap;
use landfall_domain::project::Project;
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};

use super::{Age, Cache};
use crate::api::compress;

/// What an entry costs beside its bytes: the headers, above all.
const OVERHEAD: u64 = 2_000;
/// What an answer is reckoned at, for the size of tables.
const USUAL: u64 = 16_000;
/// An answer that is larger, or has a longer address, is not worth the place.
const LARGEST: usize = 1 << 20;

/// A good answer, the same for everybody who may read the project's deployments.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The project.
    pub(crate) project: Arc<Project>,
    /// The endpoint's path.
    pub(crate) route: &'static str,
    /// Headers, all but those that are new with each answer.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: Bytes,
    /// The body compressed, once somebody has asked for that.
    packed: OnceLock<Option<Bytes>>,
}

impl Answer {
    pub(crate) fn new(project: Arc<Project>, route: &'static str, headers: HeaderMap, body: Bytes) -> Answer {
        Answer {
            project,
            route,
            headers,
            body,
            packed: OnceLock::new(),
        }
    }

    /// The body compressed.
    pub(crate) fn packed(&self) -> Option<Bytes> {
        self.packed.get_or_init(|| compress::gzip(&self.body)).clone()
    }

    /// Bytes that it may come to hold.
    fn weight(&self) -> u64 {
        // Compressed it is a tenth, if it is what it usually is.
        OVERHEAD + self.body.len() as u64 * 5 / 4
    }
}

#[derive(Clone)]
struct Kept {
    age: Age,
    answer: Arc<Answer>,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Box<str>, Kept> for Bytewise {
    fn weight(&self, address: &Box<str>, kept: &Kept) -> u64 {
        address.len() as u64 + kept.answer.weight()
    }
}

pub(super) struct Answers(sync::Cache<Box<str>, Kept, Bytewise>);

impl Answers {
    pub(super) fn new(bytes: u64) -> Answers {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Answers(sync::Cache::with_weighter(items, bytes, Bytewise))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl Cache {
    /// Whether there is something that may still hold. Needs no look at the database.
    pub(crate) fn may_answer(&self, address: &str) -> bool {
        self.answers.0.contains_key(address)
    }

    /// The answer to this address, as long as it holds.
    pub(crate) fn answer(&self, address: &str) -> Option<Arc<Answer>> {
        let kept = self.answers.0.get(address)?;
        let age = self.state().age(kept.answer.project.id);
        (kept.age == age).then_some(kept.answer)
    }

    /// Counts an answer that is given again.
    pub(crate) fn count_given(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an answer that was made from this state.
    pub(crate) fn keep_answer(&self, position: Position, address: &str, answer: &Arc<Answer>) {
        if answer.body.len() > LARGEST || address.len() > LARGEST {
            return;
        }
        self.keep(position, |state| {
            let age = state.age(answer.project.id);
            let answer = Arc::clone(answer);
            self.answers.0.insert(address.into(), Kept { age, answer });
        });
    }
}
