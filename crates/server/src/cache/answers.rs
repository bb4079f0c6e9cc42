//! Answers about a project's deployments, by the address that asked for them: what they say and which deployments they
//! show. The rows themselves are kept once, however many answers show them.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue, header::ETAG};
use landfall_domain::{ids::DeploymentId, project::Project};
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};

use super::{Age, Cache, Shown};
use crate::content::Content;

/// What an entry costs beside its address, its headers and the ids of deployments.
const OVERHEAD: usize = 400;
/// What a header costs beside its value.
const HEADER: usize = size_of::<HeaderName>() + size_of::<HeaderValue>() + 40;
/// What an answer is reckoned at, for the size of tables.
const USUAL: u64 = 2_000;
/// Each time that a list has been given so often it is worth being kept in one piece.
const OFTEN: u32 = 4;
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
    /// How often its body was made.
    pub(crate) made: AtomicU32,
}

impl Answer {
    /// Bytes that it holds.
    fn weight(&self) -> u64 {
        let headers: usize = self.headers.values().map(|value| HEADER + value.len()).sum();
        let ids = match &self.shown {
            Shown::One(_) => 0,
            Shown::List(ids) => ids.capacity(),
        };
        (OVERHEAD + headers + ids * size_of::<DeploymentId>()) as u64
    }

    /// Counts that its body is made. Whether this happens often.
    fn is_made_often(&self) -> bool {
        self.made.fetch_add(1, Ordering::Relaxed) % OFTEN == OFTEN - 1
    }
}

/// An answer that may still hold.
#[derive(Clone)]
pub(crate) struct Kept {
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
    /// What is kept for this address. Needs no look at the database.
    pub(crate) fn kept(&self, address: &str) -> Option<Kept> {
        self.answers.0.get(address)
    }

    /// The answer that is kept for this address with its body, if it holds and all that it shows is kept.
    pub(crate) fn answer(&self, address: &str, kept: Kept) -> Option<(Arc<Answer>, Content)> {
        // Nothing is dropped and put back meanwhile, so that all rows are of one state.
        let state = self.state();
        if kept.age != state.age(kept.answer.project.id) {
            return None;
        }
        let body = self.body(address, &kept.answer)?;
        Some((kept.answer, body))
    }

    fn body(&self, address: &str, answer: &Answer) -> Option<Content> {
        if matches!(answer.shown, Shown::One(_)) {
            return Some(self.rows.shown(&answer.shown)?.body());
        }
        let tag = answer.headers.get(ETAG)?;
        if let Some(whole) = self.whole.get(address, tag) {
            return Some(whole.into());
        }
        let body = self.rows.shown(&answer.shown)?.body();
        if !answer.is_made_often() {
            return Some(body);
        }
        let whole = body.into_bytes();
        self.whole.keep(address, tag.clone(), whole.clone());
        Some(whole.into())
    }

    /// Counts an answer that is given again.
    pub(crate) fn count_given(&self) {
        self.given.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps an answer that was made from this state.
    pub(crate) fn keep_answer(&self, position: Position, address: &str, answer: Answer) {
        // Without what it shows it cannot be given again.
        if address.len() > LONGEST || !self.rows.has(&answer.shown) {
            return;
        }
        self.keep(position, |state| {
            let age = state.age(answer.project.id);
            let answer = Arc::new(answer);
            self.answers.0.insert(address.into(), Kept { age, answer });
        });
    }
}
