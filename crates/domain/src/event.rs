//! What happened: the one list that audit, hooks and live updates are made from. Events are appended and never changed.

use crate::{
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId},
    time::Timestamp,
};

/// The kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A deployment was recorded.
    DeploymentCreated,
    /// A deployment's status, times or job changed.
    DeploymentUpdated,
    /// A sender reported where a deployment stands, whether or not that changed the record; what it changes is an event
    /// of its own.
    DeploymentReported,
    /// A deployment was deleted.
    DeploymentDeleted,
    /// An environment came into being.
    EnvironmentCreated,
    /// An environment's settings changed, or its deletion was planned.
    EnvironmentUpdated,
    /// An environment was brought back by a success.
    EnvironmentStarted,
    /// An environment was stopped.
    EnvironmentStopped,
    /// An environment was deleted, after all its deployments.
    EnvironmentDeleted,
    /// A project was made.
    ProjectCreated,
    /// A project's settings changed.
    ProjectUpdated,
    /// A project is to be deleted, or no longer.
    ProjectMarked,
    /// A project was deleted.
    ProjectDeleted,
    /// A group was made.
    GroupCreated,
    /// A group's settings changed.
    GroupUpdated,
    /// A group is to be deleted, or no longer.
    GroupMarked,
    /// A group was deleted.
    GroupDeleted,
    /// A user was made.
    UserCreated,
    /// A user's account changed.
    UserUpdated,
    /// A membership was set or removed.
    MemberChanged,
    /// A token was made.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A source of hooks was made.
    HookSourceCreated,
    /// A source of hooks got another secret.
    HookSourceRotated,
    /// A source of hooks was deleted.
    HookSourceDeleted,
}

texts!(Kind {
    DeploymentCreated = "deployment_created",
    DeploymentUpdated = "deployment_updated",
    DeploymentReported = "deployment_reported",
    DeploymentDeleted = "deployment_deleted",
    EnvironmentCreated = "environment_created",
    EnvironmentUpdated = "environment_updated",
    EnvironmentStarted = "environment_started",
    EnvironmentStopped = "environment_stopped",
    EnvironmentDeleted = "environment_deleted",
    ProjectCreated = "project_created",
    ProjectUpdated = "project_updated",
    ProjectMarked = "project_marked",
    ProjectDeleted = "project_deleted",
    GroupCreated = "group_created",
    GroupUpdated = "group_updated",
    GroupMarked = "group_marked",
    GroupDeleted = "group_deleted",
    UserCreated = "user_created",
    UserUpdated = "user_updated",
    MemberChanged = "member_changed",
    TokenCreated = "token_created",
    TokenRevoked = "token_revoked",
    HookSourceCreated = "hook_source_created",
    HookSourceRotated = "hook_source_rotated",
    HookSourceDeleted = "hook_source_deleted",
});

/// An event to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// Where.
    pub project_id: Option<ProjectId>,
    /// To which deployment.
    pub deployment_id: Option<DeploymentId>,
    /// To which environment.
    pub environment_id: Option<EnvironmentId>,
    /// By whom; `None` for the command line.
    pub actor_id: Option<UserId>,
    /// Details as JSON text: what a reader needs to know after the record itself is gone.
    pub data: String,
    /// When.
    pub at: Timestamp,
}
