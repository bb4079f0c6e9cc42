//! What one question may cost, so that no repository, however large or odd, takes the server down.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::Error;

/// What one look-up may cost. What goes beyond is refused with [`Error::TooMuch`], or told to be cut off where the answer
/// has a place for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take.
    pub time: Duration,
    /// How many different commits it may read. Each that is remembered takes some 200 bytes.
    pub commits: usize,
    /// How many commits an answer may list.
    pub listed: usize,
    /// How many changed files are looked at.
    pub files: usize,
    /// Bytes of one file's patch; a longer one is left out.
    pub patch: usize,
    /// Bytes of all patches of an answer; those that come then are left out.
    pub patches: usize,
}

impl Default for Limits {
    /// Ten seconds, 500,000 commits, 10,000 of them listed, 3,000 files, 200 kB for a patch and 4 MB for all of them.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            commits: 500_000,
            listed: 10_000,
            files: 3_000,
            patch: 200_000,
            patches: 4_000_000,
        }
    }
}

/// What is left of the limits while a question is being answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    deadline: Instant,
    commits: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            deadline: Instant::now() + limits.time,
            commits: limits.commits,
        }
    }

    /// Pays for one commit more.
    pub(crate) fn take_commit(&mut self) -> Result<(), Failure> {
        self.commits = self.commits.checked_sub(1).ok_or(Failure::TooMuch)?;
        self.check_time()
    }

    pub(crate) fn check_time(&self) -> Result<(), Failure> {
        if Instant::now() > self.deadline {
            return Err(Failure::TooMuch);
        }
        Ok(())
    }
}

/// Why a look-up came to no answer, before the path of the repository is told with it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The repository is broken.
    Gix(gix::Error),
    /// A limit was reached.
    TooMuch,
}

impl From<gix::Error> for Failure {
    fn from(error: gix::Error) -> Self {
        Self::Gix(error)
    }
}

impl Failure {
    pub(crate) fn at(self, path: &Path) -> Error {
        match self {
            Self::Gix(error) => Error::from_gix(path, &error),
            Self::TooMuch => Error::TooMuch { path: path.to_owned() },
        }
    }
}
