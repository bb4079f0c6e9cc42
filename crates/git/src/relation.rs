//! How two commits stand to each other.

use crate::ancestry::{merge_bases, object_id};
use crate::commit::CommitId;
use crate::error::Error;
use crate::history::History;
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};

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
    /// How `commit` stands to `earlier`. `None` if that is unknown: the repository does not have both, or more lies between
    /// them than the limits let it read.
    pub fn relation(&self, earlier: &CommitId, commit: &CommitId, limits: &Limits) -> Result<Option<Relation>, Error> {
        let mut repo = open(self.path())?;
        let (Some(earlier), Some(commit)) = (object_id(earlier), object_id(commit)) else {
            return Ok(None);
        };
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut find = || -> Result<Option<Relation>, Failure> {
            if history.node(earlier)?.is_none() || history.node(commit)?.is_none() {
                return Ok(None);
            }
            if earlier == commit {
                return Ok(Some(Relation::Same));
            }
            let bases = merge_bases(&mut history, commit, &[earlier])?;
            Ok(Some(if bases.contains(&earlier) {
                Relation::Descendant
            } else if bases.contains(&commit) {
                Relation::Ancestor
            } else {
                Relation::Diverged
            }))
        };
        match find() {
            Err(Failure::TooMuch) => Ok(None),
            found => found.map_err(|failure| failure.at(self.path())),
        }
    }
}
