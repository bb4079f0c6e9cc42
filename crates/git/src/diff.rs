//! What differs between two commits: files, patches, numbers of lines.

mod rename;
mod text;
mod tree;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};

use crate::ancestry;
use crate::commit::CommitId;
use crate::error::Error;
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};
use crate::resolve;

/// The largest file that is looked into, in bytes; a larger one counts as changed and no more.
const MAX_FILE: u64 = 4 << 20;

/// Lines that came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Lines that came.
    pub additions: u64,
    /// Lines that went.
    pub deletions: u64,
}

/// What differs between two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// By path.
    pub files: Vec<FileDiff>,
    /// Whether these are all files, and all patches that are not [too large](Patch::TooLarge) are there.
    pub is_complete: bool,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Where it was; for a new file where it is.
    pub old_path: String,
    /// Where it is; for a deleted file where it was.
    pub new_path: String,
    /// Its mode as git prints it (`100644`), `0` for a new file.
    pub old_mode: String,
    /// Its mode as git prints it, `0` for a deleted file.
    pub new_mode: String,
    /// What became of it.
    pub kind: FileChange,
    /// How its lines differ.
    pub patch: Patch,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Deleted,
    /// It has other bytes or another mode.
    Modified,
    /// It is elsewhere now, with at least half of its lines.
    Renamed,
}

/// How the lines of a file differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch {
    /// The hunks of a unified diff with three lines of context, without the two lines that name the files; of files that
    /// are no text the sentence that git prints. Empty if only the path or the mode differs.
    Text(String),
    /// It is longer than an answer may show.
    TooLarge,
    /// The answer is too long already, or the time is over.
    LeftOut,
}

impl FileDiff {
    /// The patch with the two lines in front that name the files, as `patch` and `git apply` want them.
    #[must_use]
    pub fn unified(&self) -> Option<String> {
        let Patch::Text(text) = &self.patch else { return None };
        if !text.starts_with("@@") {
            return Some(text.clone());
        }
        let old = match self.kind {
            FileChange::Added => "/dev/null".to_owned(),
            _ => format!("a/{}", self.old_path),
        };
        let new = match self.kind {
            FileChange::Deleted => "/dev/null".to_owned(),
            _ => format!("b/{}", self.new_path),
        };
        Some(format!("--- {old}\n+++ {new}\n{text}"))
    }
}

impl Repository {
    /// How many lines came and went with each commit, compared with its first parent, as `git diff --numstat` counts
    /// them. Files that are no text, or larger than 4 MiB, count nothing.
    pub fn stats(&self, commits: &[CommitId], limits: &Limits) -> Result<Vec<Stats>, Error> {
        let mut repo = open(self.path())?;
        repo.object_cache_size_if_unset(4 << 20);
        let budget = Budget::new(limits);
        let read = || -> Result<Vec<Stats>, Failure> {
            let ids = commits.iter().map(ancestry::object_id);
            ids.map(|id| stats_of(&repo, id, limits, &budget)).collect()
        };
        read().map_err(|failure| failure.at(self.path()))
    }
}

fn stats_of(repo: &gix::Repository, id: Option<ObjectId>, limits: &Limits, budget: &Budget) -> Result<Stats, Failure> {
    let mut stats = Stats::default();
    let Some(commit) = id.map(|id| resolve::exact(repo, id)).transpose()?.flatten() else {
        return Ok(stats);
    };
    let parent = commit.parent_ids().next().map(gix::Id::detach);
    let changes = changes(repo, parent, Some(commit.id), limits, budget)?;
    if !changes.is_complete {
        return Err(Failure::TooMuch);
    }
    for change in &changes.found {
        budget.check_time()?;
        if let (Content::Bytes(old), Content::Bytes(new)) = contents(repo, change)? {
            let counted = text::count(&old, &new);
            stats.additions += counted.additions;
            stats.deletions += counted.deletions;
        }
    }
    Ok(stats)
}

/// Everything that differs between two commits; no `old` means that everything is new.
pub(crate) fn diff(
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    limits: &Limits,
    budget: &Budget,
) -> Result<Diff, Failure> {
    let changes = changes(repo, old, new, limits, budget)?;
    let mut diff = Diff {
        files: Vec::with_capacity(changes.found.len()),
        is_complete: changes.is_complete,
    };
    let mut left = limits.patches;
    for change in &changes.found {
        let patch = if left == 0 || budget.check_time().is_err() {
            diff.is_complete = false;
            Patch::LeftOut
        } else {
            patch(repo, change, limits.patch)?
        };
        let patch = match patch {
            Patch::Text(text) if text.len() > left => {
                left = 0;
                diff.is_complete = false;
                Patch::LeftOut
            }
            Patch::Text(text) => {
                left -= text.len();
                Patch::Text(text)
            }
            other => other,
        };
        diff.files.push(change.show(patch));
    }
    Ok(diff)
}

/// One end of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Side {
    path: BString,
    mode: u16,
    id: ObjectId,
}

/// A file that differs; at least one end is there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Added(Side),
    Deleted(Side),
    Modified(Side, Side),
    Renamed(Side, Side),
}

impl Change {
    fn before(&self) -> Option<&Side> {
        match self {
            Self::Added(_) => None,
            Self::Deleted(old) | Self::Modified(old, _) | Self::Renamed(old, _) => Some(old),
        }
    }

    fn after(&self) -> Option<&Side> {
        match self {
            Self::Deleted(_) => None,
            Self::Added(new) | Self::Modified(_, new) | Self::Renamed(_, new) => Some(new),
        }
    }

    /// Where it is, or was.
    fn path(&self) -> &BString {
        match self {
            Self::Added(side) | Self::Deleted(side) | Self::Modified(_, side) | Self::Renamed(_, side) => &side.path,
        }
    }

    fn show(&self, patch: Patch) -> FileDiff {
        let place = |side: Option<&Side>| side.map_or(self.path(), |side| &side.path).to_str_lossy().into_owned();
        let mode = |side: Option<&Side>| side.map_or_else(|| "0".to_owned(), |side| format!("{:06o}", side.mode));
        FileDiff {
            old_path: place(self.before()),
            new_path: place(self.after()),
            old_mode: mode(self.before()),
            new_mode: mode(self.after()),
            kind: match self {
                Self::Added(_) => FileChange::Added,
                Self::Deleted(_) => FileChange::Deleted,
                Self::Modified(..) => FileChange::Modified,
                Self::Renamed(..) => FileChange::Renamed,
            },
            patch,
        }
    }
}

/// Files that differ, by path, and whether these are all.
struct Changes {
    found: Vec<Change>,
    is_complete: bool,
}

fn changes(
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    limits: &Limits,
    budget: &Budget,
) -> Result<Changes, Failure> {
    let mut changes = tree::changes(repo, (tree_of(repo, old)?, tree_of(repo, new)?), limits.files, budget)?;
    changes.found = rename::find(repo, changes.found, budget)?;
    changes.found.sort_by(|one, other| one.path().cmp(other.path()));
    Ok(changes)
}

fn tree_of(repo: &gix::Repository, commit: Option<ObjectId>) -> gix::Result<Option<ObjectId>> {
    let commit = commit.map(|id| resolve::exact(repo, id)).transpose()?.flatten();
    commit.map(|commit| Ok(commit.tree_id()?.detach())).transpose()
}

/// What a file holds.
enum Content {
    Bytes(Vec<u8>),
    TooLarge,
}

fn contents(repo: &gix::Repository, change: &Change) -> gix::Result<(Content, Content)> {
    Ok((content(repo, change.before())?, content(repo, change.after())?))
}

/// What stands there; nothing where there is no file. Of a submodule, the line that git shows.
fn content(repo: &gix::Repository, side: Option<&Side>) -> gix::Result<Content> {
    let Some(side) = side else {
        return Ok(Content::Bytes(Vec::new()));
    };
    if side.mode == tree::SUBMODULE {
        return Ok(Content::Bytes(format!("Subproject commit {}\n", side.id).into_bytes()));
    }
    if repo.find_header(side.id)?.size() > MAX_FILE {
        return Ok(Content::TooLarge);
    }
    Ok(Content::Bytes(repo.find_object(side.id)?.detach().data))
}

fn patch(repo: &gix::Repository, change: &Change, longest: usize) -> gix::Result<Patch> {
    if change.before().map(|side| side.id) == change.after().map(|side| side.id) {
        return Ok(Patch::Text(String::new()));
    }
    let (Content::Bytes(old), Content::Bytes(new)) = contents(repo, change)? else {
        return Ok(Patch::TooLarge);
    };
    if text::is_binary(&old) || text::is_binary(&new) {
        let name = |prefix: &str, side: Option<&Side>| {
            side.map_or_else(
                || "/dev/null".to_owned(),
                |side| format!("{prefix}/{}", side.path.to_str_lossy()),
            )
        };
        let (old, new) = (name("a", change.before()), name("b", change.after()));
        return Ok(Patch::Text(format!("Binary files {old} and {new} differ\n")));
    }
    let text = text::hunks(&old, &new);
    Ok(if text.len() > longest {
        Patch::TooLarge
    } else {
        Patch::Text(text)
    })
}
