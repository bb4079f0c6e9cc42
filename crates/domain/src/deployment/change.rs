//! What a deployment changes.

/// A deployment compared, by git ancestry, with the one that it replaces in its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was none before.
    First,
    /// The same commit again.
    Redeploy,
    /// A commit that contains the one before.
    Forward,
    /// A commit that is contained in the one before.
    Rollback,
    /// Each has something that the other has not.
    Diverged,
    /// Nobody can tell.
    Unknown,
}

texts!(Change {
    First = "first",
    Redeploy = "redeploy",
    Forward = "forward",
    Rollback = "rollback",
    Diverged = "diverged",
    Unknown = "unknown",
});
