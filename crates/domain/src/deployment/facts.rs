//! What senders tell of a deployment beyond what GitLab has a place for.

/// The facts; empty where nothing was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Which of the project's services was deployed.
    pub service: Option<String>,
    /// How it went, for people.
    pub description: Option<String>,
    /// Marks, in the order of their declaration.
    pub notes: Vec<Note>,
    /// What was deployed beside the commit: image references, package URLs, digests.
    pub artifacts: Vec<String>,
}

/// What a report says beside the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// It brought an earlier version back.
    Rollback,
    /// Another deployment has taken its place. It was a success all the same.
    Superseded,
    /// What ran there was taken away.
    Removed,
    /// It is deployed, and does not work.
    Degraded,
    /// `sha` is a commit of the repository of manifests, not of the application.
    ManifestRevision,
}

texts!(Note {
    Rollback = "rollback",
    Superseded = "superseded",
    Removed = "removed",
    Degraded = "degraded",
    ManifestRevision = "manifest_revision",
});
