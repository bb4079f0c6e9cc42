//! The graph of commits as far as a question needs it: each commit is read once and paid for.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;

use gix::ObjectId;

use crate::commit;
use crate::limits::{Budget, Failure};
use crate::resolve;

/// Memory for objects that are read again, such as the upper trees of a repository.
const OBJECT_CACHE: usize = 4 << 20;

/// What the shape of history is made of.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: ObjectId,
    pub(crate) tree: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(crate) seconds: i64,
}

/// A reader of commits that remembers.
pub(crate) struct History<'r> {
    pub(crate) repo: &'r gix::Repository,
    pub(crate) budget: Budget,
    known: HashMap<ObjectId, Option<Rc<Node>>>,
}

impl<'r> History<'r> {
    pub(crate) fn new(repo: &'r mut gix::Repository, budget: Budget) -> Self {
        repo.object_cache_size_if_unset(OBJECT_CACHE);
        Self {
            repo,
            budget,
            known: HashMap::new(),
        }
    }

    /// The commit with this id. `None` if it is not here, like those behind the edge of a shallow clone.
    pub(crate) fn node(&mut self, id: ObjectId) -> Result<Option<Rc<Node>>, Failure> {
        match self.known.entry(id) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(place) => {
                self.budget.take_commit()?;
                let node = read(self.repo, id)?.map(Rc::new);
                Ok(place.insert(node).clone())
            }
        }
    }

    /// The parents that are here, in the commit's order.
    pub(crate) fn parents(&mut self, node: &Node) -> Result<Vec<Rc<Node>>, Failure> {
        let mut found = Vec::with_capacity(node.parents.len());
        for parent in &node.parents {
            found.extend(self.node(*parent)?);
        }
        Ok(found)
    }
}

fn read(repo: &gix::Repository, id: ObjectId) -> gix::Result<Option<Node>> {
    let Some(commit) = resolve::exact(repo, id)? else {
        return Ok(None);
    };
    Ok(Some(Node {
        id,
        tree: commit.tree_id()?.detach(),
        parents: commit.parent_ids().map(gix::Id::detach).collect(),
        seconds: commit::committed_at(&commit),
    }))
}

/// Commits that wait to be visited: the newest first, and of equally old ones the one that was found first.
#[derive(Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Waiting>,
    found: u64,
}

struct Waiting {
    node: Rc<Node>,
    number: u64,
}

impl Queue {
    pub(crate) fn push(&mut self, node: Rc<Node>) {
        self.heap.push(Waiting {
            node,
            number: self.found,
        });
        self.found += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<Rc<Node>> {
        self.heap.pop().map(|waiting| waiting.node)
    }

    pub(crate) fn peek(&self) -> Option<&Rc<Node>> {
        self.heap.peek().map(|waiting| &waiting.node)
    }

    /// Everything that waits, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rc<Node>> {
        self.heap.iter().map(|waiting| &waiting.node)
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_age = self.node.seconds.cmp(&other.node.seconds);
        by_age.then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}
