//! Projects: their paths, who sees them, and which of their features are open.

use crate::{
    ids::{Iid, NamespaceId, ProjectId, UserId},
    time::Timestamp,
};

/// Who may see a project that they are no member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Members only; to others the project does not exist.
    Private,
    /// Everybody who is signed in and not external.
    Internal,
    /// Everybody.
    Public,
}

/// Who may use one feature of a project (GitLab's `*_access_level` settings).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeatureAccess {
    /// Nobody, not even administrators.
    Disabled,
    /// Members only.
    Private,
    /// Everybody who may see the project.
    Enabled,
}

/// Whether a namespace is somebody's own or a group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamespaceKind {
    /// The personal namespace of a user.
    User,
    /// A group.
    Group,
}

/// What a project's path begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Global id.
    pub id: NamespaceId,
    /// Personal or group.
    pub kind: NamespaceKind,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// Whole path.
    pub full_path: String,
    /// The group above.
    pub parent_id: Option<NamespaceId>,
    /// Whose it is, if personal.
    pub owner_id: Option<UserId>,
}

/// A project as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Global id.
    pub id: ProjectId,
    /// The namespace it stands in.
    pub namespace: Namespace,
    /// Who made it.
    pub creator_id: Option<UserId>,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Branch shown as the default one.
    pub default_branch: Option<String>,
    /// Directory of the git repository that shas and refs are checked against.
    pub repository: Option<String>,
    /// Read only.
    pub archived: bool,
    /// Who may use the repository.
    pub repository_access: FeatureAccess,
    /// Who may use CI/CD.
    pub builds_access: FeatureAccess,
    /// Who may use environments and deployments.
    pub environments_access: FeatureAccess,
    /// The highest deployment iid given out.
    pub last_deployment_iid: Iid,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
