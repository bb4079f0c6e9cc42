//! Branches and tags.

use gix::bstr::ByteSlice;
use gix::objs::Kind;
use gix::refs::PartialNameRef;
use gix::{ObjectId, Reference};

use crate::ancestry;
use crate::commit::{self, Commit, CommitId, CommitTime};
use crate::error::Error;
use crate::history::History;
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};
use crate::resolve;

/// A kind of refs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefKind {
    /// Below `refs/heads/`.
    Branch,
    /// Below `refs/tags/`.
    Tag,
}

/// A branch or tag that leads to a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefName {
    /// Without `refs/heads/` or `refs/tags/`.
    pub name: String,
    /// The object that it names: a commit, or an annotated tag of one.
    target: ObjectId,
    /// The commit.
    commit: ObjectId,
}

impl RefName {
    /// The commit that it leads to.
    #[must_use]
    pub fn commit_id(&self) -> CommitId {
        CommitId::from(self.commit.as_ref())
    }
}

/// A branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Without `refs/heads/`.
    pub name: String,
    /// Its newest commit.
    pub commit: Commit,
    /// Whether the branch that it was compared with has all of its commits, and more.
    pub merged: bool,
}

/// A tag of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Without `refs/tags/`.
    pub name: String,
    /// The id of the object that it names: of the tag itself if it is annotated, else of the commit.
    pub target: CommitId,
    /// The commit.
    pub commit: Commit,
    /// What an annotated tag says, without a signature and without line ends at the end.
    pub message: Option<String>,
    /// When an annotated tag was made.
    pub created_at: Option<CommitTime>,
}

impl Repository {
    /// Every branch or tag that leads to a commit, by name.
    pub fn ref_names(&self, kind: RefKind, limits: &Limits) -> Result<Vec<RefName>, Error> {
        let repo = open(self.path())?;
        names(&repo, kind, &Budget::new(limits)).map_err(|failure| failure.at(self.path()))
    }

    /// The branch or tag of exactly this name, if it leads to a commit.
    pub fn ref_name(&self, kind: RefKind, name: &str) -> Result<Option<RefName>, Error> {
        let repo = open(self.path())?;
        find_name(&repo, kind, name).map_err(|failure| failure.at(self.path()))
    }

    /// When each of the refs was made: an annotated tag itself, otherwise its commit; in seconds since 1970.
    pub fn ref_times(&self, refs: &[RefName], limits: &Limits) -> Result<Vec<i64>, Error> {
        let mut repo = open(self.path())?;
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut read = || -> Result<Vec<i64>, Failure> {
            let mut times = Vec::with_capacity(refs.len());
            for reference in refs {
                let tagged = annotation(history.repo, reference)?.and_then(|(_, time)| time);
                times.push(match tagged {
                    Some(time) => time.seconds,
                    None => history.node(reference.commit)?.map_or(0, |node| node.seconds),
                });
            }
            Ok(times)
        };
        read().map_err(|failure| failure.at(self.path()))
    }

    /// What these branches are, and whether they are merged into the branch `into`. One that is gone meanwhile is passed
    /// over.
    pub fn branches(&self, refs: &[RefName], into: Option<&CommitId>, limits: &Limits) -> Result<Vec<Branch>, Error> {
        let mut repo = open(self.path())?;
        let mut history = History::new(&mut repo, Budget::new(limits));
        let into = into.and_then(ancestry::object_id);
        let mut read = || -> Result<Vec<Branch>, Failure> {
            let mut branches = Vec::with_capacity(refs.len());
            for RefName { name, commit, .. } in refs {
                let merged = match into {
                    Some(into) => into != *commit && ancestry::is_ancestor(&mut history, *commit, into)?,
                    None => false,
                };
                let Some(commit) = resolve::exact(history.repo, *commit)? else {
                    continue;
                };
                branches.push(Branch {
                    name: name.clone(),
                    commit: commit::decode(&commit)?,
                    merged,
                });
            }
            Ok(branches)
        };
        read().map_err(|failure| failure.at(self.path()))
    }

    /// What these tags are. One that is gone meanwhile is passed over.
    pub fn tags(&self, refs: &[RefName]) -> Result<Vec<Tag>, Error> {
        let repo = open(self.path())?;
        let read = || -> gix::Result<Vec<Tag>> {
            let mut tags = Vec::with_capacity(refs.len());
            for reference in refs {
                let Some(commit) = resolve::exact(&repo, reference.commit)? else {
                    continue;
                };
                let (message, created_at) = annotation(&repo, reference)?.unwrap_or_default();
                tags.push(Tag {
                    name: reference.name.clone(),
                    target: CommitId::from(reference.target.as_ref()),
                    commit: commit::decode(&commit)?,
                    message: (reference.target != reference.commit).then_some(message),
                    created_at,
                });
            }
            Ok(tags)
        };
        read().map_err(|error| Error::from_gix(self.path(), &error))
    }

    /// The names of the branches or tags that have this commit, in the order of their names.
    pub fn refs_containing(&self, kind: RefKind, id: &CommitId, limits: &Limits) -> Result<Vec<String>, Error> {
        let mut repo = open(self.path())?;
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut read = || -> Result<Vec<String>, Failure> {
            let Some(id) = ancestry::object_id(id) else {
                return Ok(Vec::new());
            };
            let refs = names(history.repo, kind, &history.budget)?;
            let tips: Vec<ObjectId> = refs.iter().map(|reference| reference.commit).collect();
            let answers = ancestry::containing(&mut history, id, &tips)?;
            let found = refs.into_iter().zip(answers).filter(|(_, contains)| *contains);
            Ok(found.map(|(reference, _)| reference.name).collect())
        };
        read().map_err(|failure| failure.at(self.path()))
    }
}

fn names(repo: &gix::Repository, kind: RefKind, budget: &Budget) -> Result<Vec<RefName>, Failure> {
    let platform = repo.references()?;
    let refs = match kind {
        RefKind::Branch => platform.local_branches()?,
        RefKind::Tag => platform.tags()?,
    };
    let mut found = Vec::new();
    for reference in refs {
        budget.check_time()?;
        // A file that is no ref, a ref to nothing: git warns and passes them over.
        let Ok(reference) = reference else { continue };
        found.extend(read_name(repo, reference)?);
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn find_name(repo: &gix::Repository, kind: RefKind, name: &str) -> Result<Option<RefName>, Failure> {
    let directory = match kind {
        RefKind::Branch => "refs/heads/",
        RefKind::Tag => "refs/tags/",
    };
    if name.split('/').any(|part| part.len() > resolve::MAX_NAME_PART) {
        return Ok(None);
    }
    let full = format!("{directory}{name}");
    let Ok(partial) = <&PartialNameRef>::try_from(full.as_str()) else {
        return Ok(None);
    };
    match repo.try_find_reference(partial)? {
        // Git also tries longer names, such as `refs/refs/heads/…`.
        Some(reference) if reference.name().as_bstr() == full.as_str() => read_name(repo, reference),
        _ => Ok(None),
    }
}

fn read_name(repo: &gix::Repository, mut reference: Reference<'_>) -> Result<Option<RefName>, Failure> {
    let name = reference.name().shorten().to_str_lossy().into_owned();
    let Ok(target) = reference.follow_to_object().map(gix::Id::detach) else {
        return Ok(None);
    };
    let commit = resolve::peel_to_id(repo, target)?;
    Ok(commit.map(|commit| RefName { name, target, commit }))
}

/// The message and the time of an annotated tag.
fn annotation(repo: &gix::Repository, reference: &RefName) -> gix::Result<Option<(String, Option<CommitTime>)>> {
    if reference.target == reference.commit {
        return Ok(None);
    }
    let Some(object) = repo
        .try_find_object(reference.target)?
        .filter(|object| object.kind == Kind::Tag)
    else {
        return Ok(None);
    };
    let Ok(tag) = gix::objs::TagRef::from_bytes(&object.data, object.id.kind()) else {
        return Ok(None);
    };
    let tagger = tag.tagger.map(|tagger| commit::signature(tagger));
    let message = tag.message.to_str_lossy().trim_end_matches(['\r', '\n']).to_owned();
    Ok(Some((message, tagger.map(|tagger| tagger.time))))
}
