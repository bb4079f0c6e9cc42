//! Two commits compared, as `git log from..to` and `git diff from...to` do.

use crate::ancestry::{decode_all, merge_bases, object_id, range};
use crate::commit::{Commit, CommitId};
use crate::diff::{self, Diff};
use crate::error::Error;
use crate::history::History;
use crate::limits::{Budget, Failure, Limits};
use crate::repository::{Repository, open};

/// What lies between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What the second commit has and the first has not, the oldest first. Of more than [`Limits::listed`], the newest.
    pub commits: Vec<Commit>,
    /// How the files differ.
    pub diff: Diff,
}

impl Comparison {
    /// Whether a limit cut something off.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.diff.is_complete
    }
}

impl Repository {
    /// Compares two commits. The files of `to` are compared with those of `from` if the comparison is `straight`, else
    /// with those of their common ancestor, where there is one.
    pub fn compare(
        &self,
        from: &CommitId,
        to: &CommitId,
        straight: bool,
        limits: &Limits,
    ) -> Result<Option<Comparison>, Error> {
        let mut repo = open(self.path())?;
        let (Some(from), Some(to)) = (object_id(from), object_id(to)) else {
            return Ok(None);
        };
        let mut history = History::new(&mut repo, Budget::new(limits));
        let mut compare = || -> Result<Comparison, Failure> {
            let mut ids = range(&mut history, Some(from), to)?;
            let is_cut = ids.len() > limits.listed;
            ids.truncate(limits.listed);
            ids.reverse();
            let base = if straight {
                None
            } else {
                merge_bases(&mut history, from, &[to])?.first().copied()
            };
            let mut diff = diff::diff(history.repo, base.or(Some(from)), Some(to), limits, &history.budget)?;
            diff.is_complete &= !is_cut;
            Ok(Comparison {
                commits: decode_all(history.repo, &ids)?,
                diff,
            })
        };
        compare().map(Some).map_err(|failure| failure.at(self.path()))
    }
}
