//! Ids as types, so that a project's id can never be passed where a user's is meant.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A user, unique in the instance.
    UserId,
    /// An access token.
    TokenId,
    /// A namespace: the personal one of a user, or a group.
    NamespaceId,
    /// A project, unique in the instance.
    ProjectId,
    /// An environment, unique in the instance.
    EnvironmentId,
    /// A deployment's `id`, unique in the instance.
    DeploymentId,
    /// A deployment's `iid`: its number within the project, from 1, never used twice.
    Iid,
    /// A source of hooks that come in.
    HookSourceId,
    /// A delivery of a hook.
    DeliveryId,
    /// A project of another instance that is imported from.
    OriginId,
    /// The row of a recorded job. Not the id that is shown: that is [`crate::job::Job::id`].
    JobRowId,
}
