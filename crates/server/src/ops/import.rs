//! Copying a project's deployments from another instance, and keeping the copies up to date.
//!
//! What comes in is what [`imports`](crate::imports) reads. Each part is one closure for `Store::write`, small enough
//! that a running server's own writes come in between, and how far the import has come is noted in the same transaction:
//! so it goes on after a kill at any point, and a part that is written twice changes nothing the second time.

mod deployments;
mod environments;
mod projects;

use std::{collections::BTreeSet, sync::Arc};

use landfall_domain::{
    ids::{OriginId, ProjectId},
    origin::Progress,
    time::Timestamp,
};

pub use self::{
    deployments::import_deployments,
    environments::import_environments,
    projects::{BeginImport, begin_import},
};
use crate::imports::{EnvironmentRecord, Record};

/// The most records of one part.
pub const LARGEST_PART: usize = 500;

/// Deployments to be written.
#[derive(Clone, Debug)]
pub struct ImportDeployments {
    /// Where they go.
    pub project_id: ProjectId,
    /// Where they come from.
    pub origin_id: OriginId,
    /// The deployments, in the order in which those that are new are numbered; [`LARGEST_PART`] at most.
    pub records: Arc<Vec<Record>>,
    /// How far the import has come with them.
    pub progress: Progress,
    /// The time.
    pub now: Timestamp,
}

/// Environments to be written.
#[derive(Clone, Debug)]
pub struct ImportEnvironments {
    /// Where they go.
    pub project_id: ProjectId,
    /// The environments; [`LARGEST_PART`] at most.
    pub records: Vec<EnvironmentRecord>,
    /// The time.
    pub now: Timestamp,
}

/// What became of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Deployments that are new here.
    pub created: u64,
    /// Deployments that were here and had changed.
    pub updated: u64,
    /// Deployments that were here as they are.
    pub unchanged: u64,
    /// Deployments whose iid was taken here: theirs, and the one that they were given.
    pub renumbered: Vec<(i64, i64)>,
    /// Records that cannot be kept.
    pub refused: BTreeSet<Refused>,
    /// Names of environments that were made.
    pub environments_created: BTreeSet<String>,
    /// Names of environments that were changed.
    pub environments_updated: BTreeSet<String>,
    /// Login names of users that were made.
    pub users_created: BTreeSet<String>,
}

/// A record that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// Which: `deployment 42`.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Outcome {
    /// Takes in what became of a further part.
    pub fn add(&mut self, other: Outcome) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.renumbered.extend(other.renumbered);
        self.refused.extend(other.refused);
        self.environments_created.extend(other.environments_created);
        self.environments_updated.extend(other.environments_updated);
        self.users_created.extend(other.users_created);
    }
}
