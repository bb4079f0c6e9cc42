//! Lists of commits, as `git log` makes them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use crate::commit::{self, Commit, CommitId};
use crate::error::Error;
use crate::history::{History, Node, Queue};
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};
use crate::resolve;

/// Where a list of commits begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At a commit.
    Commit(CommitId),
    /// At everything that a ref points to, and at `HEAD`.
    Everywhere,
}

/// In which order commits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first, by the time of the commit.
    #[default]
    Date,
    /// No parent before all of its children, and lines of development not mixed (`git log --topo-order`).
    Topology,
}

/// Which commits are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Where to begin.
    pub from: Start,
    /// Only those that were committed then or later, in seconds since 1970. Nothing behind an older one is looked at.
    pub since: Option<i64>,
    /// Only those that were committed then or earlier.
    pub until: Option<i64>,
    /// Only those that changed what is at this path, with git's simplification of history: where a merge has taken the
    /// path over from one of its parents unchanged, only that parent is followed.
    pub path: Option<String>,
    /// Only those with this text in `Name <address>` of their author.
    pub author: Option<String>,
    /// Follow only the first parent of a merge.
    pub first_parent: bool,
    /// In which order.
    pub order: Order,
    /// How many to pass over.
    pub skip: usize,
    /// How many to list.
    pub take: usize,
}

impl LogQuery {
    /// The newest `take` commits.
    #[must_use]
    pub fn new(from: Start, take: usize) -> Self {
        Self {
            from,
            since: None,
            until: None,
            path: None,
            author: None,
            first_parent: false,
            order: Order::Date,
            skip: 0,
            take,
        }
    }
}

impl Repository {
    /// The commits that a query asks for.
    pub fn log(&self, query: &LogQuery, limits: &Limits) -> Result<Vec<Commit>, Error> {
        let mut repo = open(self.path())?;
        let tips = tips(&repo, &query.from).map_err(|error| Error::from_gix(self.path(), &error))?;
        let history = History::new(&mut repo, Budget::new(limits));
        let mut walk = Walk::new(history, query);
        walk.run(&tips).map_err(|failure| failure.at(self.path()))
    }
}

fn tips(repo: &gix::Repository, from: &Start) -> gix::Result<Vec<ObjectId>> {
    let mut tips = Vec::new();
    match from {
        Start::Commit(id) => tips.extend(ObjectId::from_hex(id.as_str().as_bytes()).ok()),
        Start::Everywhere => {
            for reference in repo.references()?.all()? {
                let Ok(mut reference) = reference else { continue };
                tips.extend(reference.peel_to_id().ok().map(gix::Id::detach));
            }
            tips.extend(resolve::reference(repo, "HEAD")?.map(|commit| commit.id));
        }
    }
    Ok(tips)
}

struct Walk<'r, 'q> {
    history: History<'r>,
    query: &'q LogQuery,
    /// The parts of the path; without any, every commit is wanted.
    path: Vec<&'q str>,
    /// What stands at the path, by tree.
    at_path: HashMap<ObjectId, Option<(ObjectId, u16)>>,
}

/// A commit that the walk has come by.
struct Visited {
    node: Rc<Node>,
    /// The parents that the walk goes on to.
    followed: Vec<Rc<Node>>,
    is_shown: bool,
}

impl<'r, 'q> Walk<'r, 'q> {
    fn new(history: History<'r>, query: &'q LogQuery) -> Self {
        let path = query.path.as_deref().unwrap_or_default();
        Self {
            history,
            query,
            path: path.split('/').filter(|part| !matches!(*part, "" | ".")).collect(),
            at_path: HashMap::new(),
        }
    }

    fn run(&mut self, tips: &[ObjectId]) -> Result<Vec<Commit>, Failure> {
        let shown = match self.query.order {
            Order::Date => self.by_date(tips)?,
            Order::Topology => self.by_topology(tips)?,
        };
        let repo = self.history.repo;
        let page = shown.into_iter().skip(self.query.skip).take(self.query.take);
        let mut commits = Vec::new();
        for id in page {
            commits.extend(resolve::exact(repo, id)?.as_ref().map(commit::decode).transpose()?);
        }
        Ok(commits)
    }

    /// As many as are wanted.
    fn by_date(&mut self, tips: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
        let wanted = self.query.skip.saturating_add(self.query.take);
        let mut shown = Vec::new();
        self.visit(tips, |visited| {
            if visited.is_shown {
                shown.push(visited.node.id);
            }
            shown.len() < wanted
        })?;
        Ok(shown)
    }

    /// All of them: which comes first is only known at the end.
    fn by_topology(&mut self, tips: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
        let mut all = Vec::new();
        self.visit(tips, |visited| {
            all.push(visited);
            true
        })?;
        Ok(sort_by_topology(&all))
    }

    /// Walks back in time until `go_on` says no.
    fn visit(&mut self, tips: &[ObjectId], mut go_on: impl FnMut(Visited) -> bool) -> Result<(), Failure> {
        let mut queue = Queue::default();
        let mut seen = HashSet::new();
        for tip in tips {
            if seen.insert(*tip)
                && let Some(node) = self.history.node(*tip)?
            {
                queue.push(node);
            }
        }
        while let Some(node) = queue.pop() {
            if self.query.since.is_some_and(|since| node.seconds < since) {
                continue;
            }
            let visited = self.look_at(node)?;
            for parent in &visited.followed {
                if seen.insert(parent.id) {
                    queue.push(Rc::clone(parent));
                }
            }
            if !go_on(visited) {
                break;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, node: Rc<Node>) -> Result<Visited, Failure> {
        let mut followed = self.history.parents(&node)?;
        if self.query.first_parent {
            followed.truncate(1);
        }
        let mut is_shown = self.query.until.is_none_or(|until| node.seconds <= until);
        if !self.path.is_empty() {
            let here = self.entry(node.tree)?;
            if followed.is_empty() {
                is_shown &= here.is_some();
            }
            for (number, parent) in followed.iter().enumerate() {
                if self.entry(parent.tree)? == here {
                    followed.swap(0, number);
                    followed.truncate(1);
                    is_shown = false;
                    break;
                }
            }
        }
        if is_shown && let Some(author) = &self.query.author {
            is_shown = self.is_by(node.id, author)?;
        }
        Ok(Visited {
            node,
            followed,
            is_shown,
        })
    }

    /// What stands at the path in a tree.
    fn entry(&mut self, tree: ObjectId) -> Result<Option<(ObjectId, u16)>, Failure> {
        if let Some(known) = self.at_path.get(&tree) {
            return Ok(*known);
        }
        self.history.budget.check_time()?;
        let tree_object = self.history.repo.find_object(tree)?.try_into_tree()?;
        let entry = tree_object.lookup_entry(self.path.iter().map(|part| part.as_bytes()))?;
        let entry = entry.map(|entry| (entry.object_id(), entry.mode().value()));
        self.at_path.insert(tree, entry);
        Ok(entry)
    }

    fn is_by(&self, id: ObjectId, author: &str) -> Result<bool, Failure> {
        let Some(commit) = resolve::exact(self.history.repo, id)? else {
            return Ok(false);
        };
        let signature = commit::decode(&commit)?.author;
        Ok(format!("{} <{}>", signature.name, signature.email).contains(author))
    }
}

/// Git's order: the tips in the order of the walk, then always the last parent that has no child left.
fn sort_by_topology(all: &[Visited]) -> Vec<ObjectId> {
    let places: HashMap<ObjectId, usize> = all.iter().enumerate().map(|(at, it)| (it.node.id, at)).collect();
    let parents = |at: usize| {
        let followed = all
            .get(at)
            .map(|visited| visited.followed.as_slice())
            .unwrap_or_default();
        followed.iter().filter_map(|parent| places.get(&parent.id).copied())
    };
    let mut children = vec![0_usize; all.len()];
    for at in 0..all.len() {
        parents(at).for_each(|parent| children[parent] += 1);
    }
    let mut free: Vec<usize> = (0..all.len()).rev().filter(|at| children[*at] == 0).collect();
    let mut sorted = Vec::with_capacity(all.len());
    while let Some(at) = free.pop() {
        for parent in parents(at) {
            children[parent] -= 1;
            if children[parent] == 0 {
                free.push(parent);
            }
        }
        sorted.extend(
            all.get(at)
                .filter(|visited| visited.is_shown)
                .map(|visited| visited.node.id),
        );
    }
    sorted
}
