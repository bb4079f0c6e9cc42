//! How two commits stand to each other.

use gix::ObjectId;

use crate::{
    commit::CommitId,
    error::Error,
    repository::{Repository, open},
    resolve,
};

/// How a commit stands to an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the same.
    Same,
    /// It contains the earlier one.
    Descendant,
    /// It is contained in the earlier one.
    Ancestor,
    /// Each has something that the other has not.
    Diverged,
}

impl Repository {
    /// How `commit` stands to `earlier`; `None` if the repository does not have both. Walks the history between them.
    pub fn relation(&self, earlier: &CommitId, commit: &CommitId) -> Result<Option<Relation>, Error> {
        let repo = open(self.path())?;
        let read = || -> gix::Result<Option<Relation>> {
            let (Some(earlier), Some(commit)) = (existing(&repo, earlier)?, existing(&repo, commit)?) else {
                return Ok(None);
            };
            if earlier == commit {
                return Ok(Some(Relation::Same));
            }
            let bases = repo.merge_bases_many(commit, &[earlier])?;
            Ok(Some(if bases.iter().any(|base| *base == earlier) {
                Relation::Descendant
            } else if bases.iter().any(|base| *base == commit) {
                Relation::Ancestor
            } else {
                Relation::Diverged
            }))
        };
        read().map_err(|error| Error::from_gix(self.path(), &error))
    }
}

fn existing(repo: &gix::Repository, id: &CommitId) -> gix::Result<Option<ObjectId>> {
    let Ok(id) = ObjectId::from_hex(id.as_str().as_bytes()) else {
        return Ok(None);
    };
    if id.kind() != repo.object_hash() {
        return Ok(None);
    }
    Ok(resolve::exact(repo, id)?.map(|commit| commit.id))
}
