//! Which files differ between two trees.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::TreeRefIter;

use super::{Change, Changes, Side};
use crate::limits::{Budget, Failure};

/// The mode of a submodule, whose object is a commit of another repository.
pub(super) const SUBMODULE: u16 = 0o160_000;
const DIRECTORY: u16 = 0o040_000;

/// The longest path that is followed, in bytes. Deeper trees are made by hand, to harm.
const MAX_PATH: usize = 4_096;

/// What stands in a tree under one name.
type Entry = (u16, ObjectId);

/// Two directories of one path that remain to be compared.
struct Pair {
    path: BString,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
}

/// Files that differ, at most so many.
pub(super) fn changes(
    repo: &gix::Repository,
    (old, new): (Option<ObjectId>, Option<ObjectId>),
    most: usize,
    budget: &Budget,
) -> Result<Changes, Failure> {
    let mut changes = Changes {
        found: Vec::new(),
        is_complete: true,
    };
    let mut waiting = vec![Pair {
        path: BString::default(),
        old,
        new,
    }];
    while let Some(pair) = waiting.pop() {
        budget.check_time()?;
        for (name, (old, new)) in entries(repo, &pair)? {
            let mut path = pair.path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            if path.len() > MAX_PATH {
                return Err(Failure::TooMuch);
            }
            let directory = |entry: Option<Entry>| entry.filter(|(mode, _)| *mode == DIRECTORY).map(|(_, id)| id);
            let (old_directory, new_directory) = (directory(old), directory(new));
            if old_directory.or(new_directory).is_some() {
                waiting.push(Pair {
                    path: path.clone(),
                    old: old_directory,
                    new: new_directory,
                });
            }
            let file = |entry: Option<Entry>| {
                let (mode, id) = entry.filter(|(mode, _)| *mode != DIRECTORY)?;
                let path = path.clone();
                Some(Side { path, mode, id })
            };
            changes.found.extend(change(file(old), file(new)));
            if changes.found.len() > most {
                changes.found.truncate(most);
                changes.is_complete = false;
                return Ok(changes);
            }
        }
    }
    Ok(changes)
}

/// A file that became a link, or the other way round, is another file.
fn change(old: Option<Side>, new: Option<Side>) -> Vec<Change> {
    let kind = |side: &Side| side.mode & 0o170_000;
    match (old, new) {
        (Some(old), Some(new)) if kind(&old) == kind(&new) => vec![Change::Modified(old, new)],
        (old, new) => {
            let old = old.map(Change::Deleted);
            old.into_iter().chain(new.map(Change::Added)).collect()
        }
    }
}

/// What stands under each name before and after.
type Entries = BTreeMap<BString, (Option<Entry>, Option<Entry>)>;

/// What differs directly in a directory.
fn entries(repo: &gix::Repository, pair: &Pair) -> gix::Result<Entries> {
    let mut entries = Entries::new();
    if pair.old == pair.new {
        return Ok(entries);
    }
    for (name, entry) in read(repo, pair.old)? {
        entries.entry(name).or_default().0 = Some(entry);
    }
    for (name, entry) in read(repo, pair.new)? {
        entries.entry(name).or_default().1 = Some(entry);
    }
    entries.retain(|_, (old, new)| old != new);
    Ok(entries)
}

fn read(repo: &gix::Repository, tree: Option<ObjectId>) -> gix::Result<Vec<(BString, Entry)>> {
    let Some(id) = tree else { return Ok(Vec::new()) };
    let tree = repo.find_object(id)?.try_into_tree()?;
    let mut entries = Vec::new();
    for entry in TreeRefIter::from_bytes(&tree.data, id.kind()) {
        let entry = entry?;
        entries.push((entry.filename.to_owned(), (entry.mode.value(), entry.oid.to_owned())));
    }
    Ok(entries)
}
