//! How commits stand to each other: common ancestors, ranges, what contains what.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use gix::ObjectId;

use crate::commit::{self, Commit, CommitId};
use crate::error::Error;
use crate::history::{History, Node, Queue};
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};
use crate::resolve;

/// How many uninteresting commits in a row are looked at after a range seems complete. Clocks differ, so a commit may be
/// older than its child; this many is what git looks at.
const SLOP: u32 = 5;

impl Repository {
    /// The best common ancestor of the first commit and the others together, as `git merge-base` prints it. `None` if
    /// there is none, or fewer than two commits are given.
    pub fn merge_base(&self, commits: &[CommitId], limits: &Limits) -> Result<Option<Commit>, Error> {
        let mut repo = open(self.path())?;
        let ids: Vec<ObjectId> = commits.iter().filter_map(object_id).collect();
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut find = || -> Result<Option<Commit>, Failure> {
            let Some((first, others)) = ids.split_first().filter(|(_, others)| !others.is_empty()) else {
                return Ok(None);
            };
            let bases = merge_bases(&mut history, *first, others)?;
            let Some(best) = bases.first() else { return Ok(None) };
            Ok(resolve::exact(history.repo, *best)?
                .as_ref()
                .map(commit::decode)
                .transpose()?)
        };
        find().map_err(|failure| failure.at(self.path()))
    }

    /// What `git rev-list from..to` lists: the commits that `to` has and `from` has not, the newest first. Of more than
    /// [`Limits::listed`], the newest.
    pub fn range(&self, from: &CommitId, to: &CommitId, limits: &Limits) -> Result<Vec<Commit>, Error> {
        let mut repo = open(self.path())?;
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut find = || -> Result<Vec<Commit>, Failure> {
            let (from, Some(to)) = (object_id(from), object_id(to)) else {
                return Ok(Vec::new());
            };
            let mut ids = range(&mut history, from, to)?;
            ids.truncate(limits.listed);
            decode_all(history.repo, &ids)
        };
        find().map_err(|failure| failure.at(self.path()))
    }

    /// The commits that brought a commit to the line of first parents that ends at `tip`: the one on that line, the one on
    /// the line that it merged, and so on, down to the commit itself. Empty if `tip` does not have the commit.
    pub fn brought_by(&self, commit: &CommitId, tip: &CommitId, limits: &Limits) -> Result<Vec<Commit>, Error> {
        let mut repo = open(self.path())?;
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut find = || -> Result<Vec<Commit>, Failure> {
            let (Some(commit), Some(tip)) = (object_id(commit), object_id(tip)) else {
                return Ok(Vec::new());
            };
            let ids = way_down(&mut history, commit, tip)?;
            decode_all(history.repo, &ids)
        };
        find().map_err(|failure| failure.at(self.path()))
    }
}

/// On each line of first parents the oldest commit that has the wanted one.
fn way_down(history: &mut History<'_>, commit: ObjectId, tip: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut known = HashMap::from([(commit, true)]);
    let mut found = Vec::new();
    if !contains(history, &mut known, tip)? {
        return Ok(found);
    }
    let mut at = tip;
    loop {
        let mut parents = match history.node(at)? {
            Some(node) if at != commit => node.parents.clone(),
            _ => Vec::new(),
        }
        .into_iter();
        let first = parents.next();
        if let Some(first) = first
            && contains(history, &mut known, first)?
        {
            at = first;
            continue;
        }
        found.push(at);
        let mut merged = None;
        for parent in parents {
            if contains(history, &mut known, parent)? {
                merged = Some(parent);
                break;
            }
        }
        match merged {
            Some(parent) => at = parent,
            None => return Ok(found),
        }
    }
}

pub(crate) fn object_id(id: &CommitId) -> Option<ObjectId> {
    ObjectId::from_hex(id.as_str().as_bytes()).ok()
}

pub(crate) fn decode_all(repo: &gix::Repository, ids: &[ObjectId]) -> Result<Vec<Commit>, Failure> {
    let mut commits = Vec::with_capacity(ids.len());
    for id in ids {
        commits.extend(resolve::exact(repo, *id)?.as_ref().map(commit::decode).transpose()?);
    }
    Ok(commits)
}

/// Marks of a commit while common ancestors are looked for.
#[expect(clippy::struct_excessive_bools, reason = "marks, in every combination")]
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Marks {
    /// An ancestor of the one.
    one: bool,
    /// An ancestor of the others.
    other: bool,
    /// An ancestor of a common ancestor.
    stale: bool,
    is_result: bool,
}

/// The best common ancestors, the newest first.
pub(crate) fn merge_bases(
    history: &mut History<'_>,
    one: ObjectId,
    others: &[ObjectId],
) -> Result<Vec<ObjectId>, Failure> {
    if others.contains(&one) {
        return Ok(vec![one]);
    }
    let found = common_ancestors(history, one, others)?;
    if found.len() < 2 {
        return Ok(found);
    }
    let mut best = Vec::new();
    for candidate in &found {
        let rest: Vec<ObjectId> = found.iter().copied().filter(|other| other != candidate).collect();
        // One that is an ancestor of another candidate is not the best.
        if !common_ancestors(history, *candidate, &rest)?.contains(candidate) {
            best.push(*candidate);
        }
    }
    Ok(best)
}

/// Whether `ancestor` is `commit` or comes before it.
pub(crate) fn is_ancestor(history: &mut History<'_>, ancestor: ObjectId, commit: ObjectId) -> Result<bool, Failure> {
    Ok(ancestor == commit || common_ancestors(history, ancestor, &[commit])?.contains(&ancestor))
}

/// Common ancestors that are not known to come before another one, the newest first.
fn common_ancestors(history: &mut History<'_>, one: ObjectId, others: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
    let mut marks: HashMap<ObjectId, Marks> = HashMap::new();
    let mut queue = Queue::default();
    let tips = [(one, true)]
        .into_iter()
        .chain(others.iter().map(|other| (*other, false)));
    for (tip, is_one) in tips {
        let tip_marks = marks.entry(tip).or_default();
        tip_marks.one |= is_one;
        tip_marks.other |= !is_one;
        if let Some(node) = history.node(tip)? {
            queue.push(node);
        }
    }
    let mut found: Vec<Rc<Node>> = Vec::new();
    while queue.iter().any(|node| !is_stale(&marks, node)) {
        history.budget.check_time()?;
        let Some(node) = queue.pop() else { break };
        let own = marks.entry(node.id).or_default();
        let is_common = own.one && own.other;
        if is_common && !own.stale && !own.is_result {
            own.is_result = true;
            found.push(Rc::clone(&node));
        }
        let passed_on = Marks {
            stale: own.stale || is_common,
            ..*own
        };
        for parent in history.parents(&node)? {
            let parent_marks = marks.entry(parent.id).or_default();
            if parent_marks.take(passed_on) {
                queue.push(parent);
            }
        }
    }
    found.retain(|node| !is_stale(&marks, node));
    found.sort_by_key(|node| Reverse(node.seconds));
    Ok(found.iter().map(|node| node.id).collect())
}

fn is_stale(marks: &HashMap<ObjectId, Marks>, node: &Node) -> bool {
    marks.get(&node.id).is_some_and(|marks| marks.stale)
}

impl Marks {
    /// Takes what a child passes on. Whether that changes anything.
    fn take(&mut self, child: Marks) -> bool {
        let after = Marks {
            one: self.one || child.one,
            other: self.other || child.other,
            stale: self.stale || child.stale,
            is_result: self.is_result,
        };
        let is_new = *self != after;
        *self = after;
        is_new
    }
}

/// What `to` has and `from` has not, the newest first.
pub(crate) fn range(history: &mut History<'_>, from: Option<ObjectId>, to: ObjectId) -> Result<Vec<ObjectId>, Failure> {
    let mut walk = RangeWalk::default();
    for (tip, is_hidden) in [(Some(to), false), (from, true)] {
        if let Some(tip) = tip {
            if is_hidden {
                walk.hidden.insert(tip);
            }
            if walk.seen.insert(tip)
                && let Some(node) = history.node(tip)?
            {
                walk.queue.push(node);
            }
        }
    }
    walk.run(history)?;
    let RangeWalk { listed, hidden, .. } = walk;
    let wanted = listed.iter().filter(|node| !hidden.contains(&node.id));
    Ok(wanted.map(|node| node.id).collect())
}

/// Git's way to the difference of two histories: both are walked back by date until only what is hidden waits.
#[derive(Default)]
struct RangeWalk {
    queue: Queue,
    seen: HashSet<ObjectId>,
    /// What the hidden tip has.
    hidden: HashSet<ObjectId>,
    listed: Vec<Rc<Node>>,
}

impl RangeWalk {
    fn run(&mut self, history: &mut History<'_>) -> Result<(), Failure> {
        let mut slop = SLOP;
        while let Some(node) = self.queue.pop() {
            history.budget.check_time()?;
            let is_hidden = self.hidden.contains(&node.id);
            for parent in history.parents(&node)? {
                if is_hidden {
                    self.hide(history, &parent)?;
                }
                if self.seen.insert(parent.id) {
                    self.queue.push(parent);
                }
            }
            if !is_hidden {
                self.listed.push(node);
                continue;
            }
            slop = if self.may_find_more() { SLOP } else { slop - 1 };
            if slop == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Hides a commit and, as far as they have been walked over already, what comes before it.
    fn hide(&mut self, history: &mut History<'_>, node: &Rc<Node>) -> Result<(), Failure> {
        let mut waiting = vec![Rc::clone(node)];
        while let Some(node) = waiting.pop() {
            if self.hidden.insert(node.id) && self.seen.contains(&node.id) {
                waiting.extend(history.parents(&node)?);
            }
        }
        Ok(())
    }

    /// Whether something that is wanted waits, or something newer than what was listed last, which could hide it.
    fn may_find_more(&self) -> bool {
        let Some(next) = self.queue.peek() else { return false };
        let could_hide = self.listed.last().is_some_and(|last| last.seconds <= next.seconds);
        could_hide || self.queue.iter().any(|node| !self.hidden.contains(&node.id))
    }
}

/// Those of the tips that have the commit among them or before them, in their order.
pub(crate) fn containing(history: &mut History<'_>, commit: ObjectId, tips: &[ObjectId]) -> Result<Vec<bool>, Failure> {
    let mut known = HashMap::from([(commit, true)]);
    let mut answers = Vec::with_capacity(tips.len());
    for tip in tips {
        answers.push(contains(history, &mut known, *tip)?);
    }
    Ok(answers)
}

/// Walks down to the first parents before the second ones, with a list instead of recursion: histories are deep.
fn contains(history: &mut History<'_>, known: &mut HashMap<ObjectId, bool>, tip: ObjectId) -> Result<bool, Failure> {
    let mut waiting = vec![tip];
    while let Some(&id) = waiting.last() {
        if known.contains_key(&id) {
            waiting.pop();
            continue;
        }
        let parents = match history.node(id)? {
            Some(node) => node.parents.clone(),
            None => Vec::new(),
        };
        if parents.iter().any(|parent| known.get(parent) == Some(&true)) {
            known.insert(id, true);
        } else if let Some(next) = parents.iter().find(|parent| !known.contains_key(*parent)) {
            waiting.push(*next);
        } else {
            known.insert(id, false);
        }
    }
    Ok(known.get(&tip) == Some(&true))
}
