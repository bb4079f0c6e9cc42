//! Memberships: what somebody can be a member of, and who may change that.

use crate::{
    access::AccessLevel,
    ids::{NamespaceId, ProjectId},
};

/// What somebody can be a member of, GitLab's *source*. The access tokens of bots belong to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A project.
    Project(ProjectId),
    /// A group, and with it everything in it.
    Group(NamespaceId),
}

impl From<ProjectId> for Source {
    fn from(id: ProjectId) -> Self {
        Self::Project(id)
    }
}

impl From<NamespaceId> for Source {
    fn from(id: NamespaceId) -> Self {
        Self::Group(id)
    }
}

impl Source {
    /// The word for it, as in `resource_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::Group(_) => "group",
        }
    }

    /// Its number.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::Project(id) => id.0,
            Self::Group(id) => id.0,
        }
    }

    /// Whether a member can have this level here: minimal access is a seat in a group.
    #[must_use]
    pub fn takes(self, level: AccessLevel) -> bool {
        matches!(self, Self::Group(_)) || level != AccessLevel::Minimal
    }
}

/// The roles that a user has in a project: by the membership there, and by those in the groups above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// As a member of the project.
    pub project: Option<AccessLevel>,
    /// As a member of a group above it, the highest.
    pub group: Option<AccessLevel>,
}

impl Levels {
    /// The one that counts.
    #[must_use]
    pub fn highest(self) -> Option<AccessLevel> {
        self.project.max(self.group)
    }
}

/// Whether somebody who may manage members, with the role `own` (`None`: an administrator), may turn a membership that
/// is `present` now into `wanted`: nobody gives or takes a role above the own one.
#[must_use]
pub fn may_change(own: Option<AccessLevel>, present: Option<AccessLevel>, wanted: Option<AccessLevel>) -> bool {
    own.is_none_or(|own| present.max(wanted).is_none_or(|level| level <= own))
}
