//! Answers about a project's deployments, by the address that asked for them: what they say and which deployments they
//! show. The rows themselves are kept once, however many answers show them.

use std::sync::{Arc, atomic::Ordering};

use http::HeaderMap;
use landfall_domain::{ids::DeploymentId, project::Project};
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};

use super::{Age, Cache, Row, Shown};

/// What an entry costs beside its address and the ids of deployments: the headers, above all.
const OVERHEAD: u64 = 2_000;
/// What an answer is reckoned at, for the size of tables.
const USUAL: u64 = 2_500;
/// Longer addresses are not worth the place.
const LONGEST: usize = 4 << 10;

/// A good answer, the same for everybody who may read the project's deployments.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The project.
    pub(crate) project: Arc<Project>,
    /// The endpoint's path.
    pub(crate) route: &'static str,
    /// Headers, all but those that are new with each answer.
    pub(crate) headers: HeaderMap,
    /// What the body is made of.
    pub(crate) shown: Shown<DeploymentId>,
}

impl Answer {
    /// Bytes that it holds.
    fn weight(&self) -> u64 {
        let ids = match &self.shown {
            Shown::One(_) => 0,
            Shown::List(ids) => ids.capacity(),
        };
        OVERHEAD + (ids * size_of::<DeploymentId>()) as u64
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

    /// The answer to this address with what it shows, as long as it holds and all of that is kept.
    pub(crate) fn answer(&self, address: &str) -> Option<(Arc<Answer>, Shown<Row>)> {
        let kept = self.answers.0.get(address)?;
        // Nothing is dropped and put back meanwhile, so that all rows are of one state.
        let state = self.state();
        if kept.age != state.age(kept.answer.project.id) {
            return None;
        }
        let shown = self.rows.shown(&kept.answer.shown)?;
        Some((kept.answer, shown))
    }

    /// Counts an answer that is given again.
    pub(crate) fn count_given(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an answer that was made from this state.
    pub(crate) fn keep_answer(&self, position: Position, address: &str, answer: Answer) {
        if address.len() > LONGEST {
            return;
        }
        self.keep(position, |state| {
            let age = state.age(answer.project.id);
            let answer = Arc::new(answer);
            self.answers.0.insert(address.into(), Kept { age, answer });
        });
    }
}
