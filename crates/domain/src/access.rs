//! Who may do what (reference section 13).
//!
//! One function decides, [`decide`]: it knows nothing of requests, and everything it needs is handed to it. That a
//! request must be signed in at all is not its business; the API asks for that first (reference section 4).

use crate::{
    ids::UserId,
    project::{FeatureAccess, Namespace, NamespaceKind, Project, Visibility},
    user::User,
};

/// A member's role. The highest of all that a user has in the project and the groups above counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i64)]
pub enum AccessLevel {
    /// Belongs to a group above, without any right in its projects.
    Minimal = 5,
    /// Sees the project.
    Guest = 10,
    /// Plans.
    Planner = 15,
    /// Reads code and deployments.
    Reporter = 20,
    /// Looks after security.
    SecurityManager = 25,
    /// Deploys.
    Developer = 30,
    /// Runs the project.
    Maintainer = 40,
    /// Owns the project.
    Owner = 50,
}

impl AccessLevel {
    /// Every level, lowest first.
    pub const ALL: &[Self] = &[
        Self::Minimal,
        Self::Guest,
        Self::Planner,
        Self::Reporter,
        Self::SecurityManager,
        Self::Developer,
        Self::Maintainer,
        Self::Owner,
    ];

    /// GitLab's number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The level of a number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.number() == number)
    }

    /// The name that people see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "Minimal Access",
            Self::Guest => "Guest",
            Self::Planner => "Planner",
            Self::Reporter => "Reporter",
            Self::SecurityManager => "Security Manager",
            Self::Developer => "Developer",
            Self::Maintainer => "Maintainer",
            Self::Owner => "Owner",
        }
    }

    /// Reads a number or a name. Letter case does not matter, and `_` or `-` may stand for a blank.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Self::from_number(number);
        }
        let name = text.replace(['_', '-'], " ");
        Self::ALL
            .iter()
            .copied()
            .find(|level| level.as_str().eq_ignore_ascii_case(&name))
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// Administrator of the instance.
    pub admin: bool,
    /// External user.
    pub external: bool,
}

impl From<&User> for Actor {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id,
            admin: user.admin,
            external: user.external,
        }
    }
}

/// What somebody wants to do with a project or something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See that the project is there, its settings and its members.
    ReadProject,
    /// See what stands in its repository.
    ReadCode,
    /// See its deployments and environments.
    ReadDeployments,
    /// Record a deployment.
    CreateDeployment,
    /// Change a deployment's status.
    UpdateDeployment,
    /// Delete a deployment.
    DestroyDeployment,
    /// Say oneself when a deployment was made, changed and finished.
    SetHistory,
    /// Make an environment, also by a first deployment to it.
    CreateEnvironment,
    /// Change an environment's settings.
    UpdateEnvironment,
    /// Stop an environment.
    StopEnvironment,
    /// Stop all environments that have long been unused.
    StopStaleEnvironments,
    /// Delete an environment.
    DestroyEnvironment,
    /// Change the project's settings.
    AdminProject,
    /// Change the project's shown name, or who may see it.
    RenameProject,
    /// Set and remove memberships.
    ManageMembers,
    /// Make and revoke the project's own access tokens.
    ManageAccessTokens,
    /// Archive the project, or bring it back.
    ArchiveProject,
    /// Delete the project.
    DestroyProject,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] = &[
        Self::ReadProject,
        Self::ReadCode,
        Self::ReadDeployments,
        Self::CreateDeployment,
        Self::UpdateDeployment,
        Self::DestroyDeployment,
        Self::SetHistory,
        Self::CreateEnvironment,
        Self::UpdateEnvironment,
        Self::StopEnvironment,
        Self::StopStaleEnvironments,
        Self::DestroyEnvironment,
        Self::AdminProject,
        Self::RenameProject,
        Self::ManageMembers,
        Self::ManageAccessTokens,
        Self::ArchiveProject,
        Self::DestroyProject,
    ];

    /// The least role that may do it, wherever the project is not open to others as well.
    const fn least_level(self) -> AccessLevel {
        match self {
            Self::ReadProject => AccessLevel::Guest,
            Self::ReadCode | Self::ReadDeployments => AccessLevel::Reporter,
            Self::CreateDeployment
            | Self::UpdateDeployment
            | Self::CreateEnvironment
            | Self::UpdateEnvironment
            | Self::StopEnvironment
            | Self::DestroyEnvironment => AccessLevel::Developer,
            Self::DestroyDeployment
            | Self::SetHistory
            | Self::StopStaleEnvironments
            | Self::AdminProject
            | Self::ManageMembers
            | Self::ManageAccessTokens => AccessLevel::Maintainer,
            Self::RenameProject | Self::ArchiveProject | Self::DestroyProject => AccessLevel::Owner,
        }
    }

    const fn is_read(self) -> bool {
        matches!(self, Self::ReadProject | Self::ReadCode | Self::ReadDeployments)
    }

    /// Whether it concerns the project as such and not what is recorded in it.
    const fn is_administration(self) -> bool {
        matches!(
            self,
            Self::AdminProject
                | Self::RenameProject
                | Self::ManageMembers
                | Self::ManageAccessTokens
                | Self::ArchiveProject
                | Self::DestroyProject
        )
    }
}

/// The project, as far as it matters to what an actor may do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Who may see the project.
    pub visibility: Visibility,
    /// Read only.
    pub archived: bool,
    /// Who may use the repository.
    pub repository_access: FeatureAccess,
    /// Who may use CI/CD.
    pub builds_access: FeatureAccess,
    /// Who may use environments and deployments.
    pub environments_access: FeatureAccess,
    /// The actor's role; `None` for somebody who is no member.
    pub level: Option<AccessLevel>,
}

impl Subject {
    /// A project, and the role that the actor has in it.
    #[must_use]
    pub fn new(project: &Project, level: Option<AccessLevel>) -> Self {
        Self {
            visibility: project.visibility,
            archived: project.archived,
            repository_access: project.repository_access,
            builds_access: project.builds_access,
            environments_access: project.environments_access,
            level,
        }
    }

    /// Who may use all of the features that an action needs: deployments need the repository, CI/CD and environments.
    fn feature_access(&self, action: Action) -> FeatureAccess {
        let features: &[FeatureAccess] = match action {
            Action::ReadCode => &[self.repository_access],
            Action::ReadProject => &[],
            _ if action.is_administration() => &[],
            _ => &[self.repository_access, self.builds_access, self.environments_access],
        };
        if features.contains(&FeatureAccess::Disabled) {
            FeatureAccess::Disabled
        } else if features.contains(&FeatureAccess::Private) {
            FeatureAccess::Private
        } else {
            FeatureAccess::Enabled
        }
    }
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// 403: the actor may know of the project, but may not do this.
    Forbidden,
    /// 404: the actor may not even know of the project.
    NotFound,
}

/// How an actor stands to a project.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Outsider,
    Visitor,
    Member(AccessLevel),
    Admin,
}

fn standing(actor: Option<&Actor>, subject: &Subject) -> Standing {
    if actor.is_some_and(|actor| actor.admin) {
        return Standing::Admin;
    }
    // Minimal access is a seat in a group above: it opens nothing in a project.
    if let Some(level) = subject
        .level
        .filter(|level| actor.is_some() && *level >= AccessLevel::Guest)
    {
        return Standing::Member(level);
    }
    let sees = match subject.visibility {
        Visibility::Public => true,
        Visibility::Internal => actor.is_some_and(|actor| !actor.external),
        Visibility::Private => false,
    };
    if sees { Standing::Visitor } else { Standing::Outsider }
}

/// Decides whether `actor` (`None`: not signed in) may do `action` in the project `subject`.
///
/// In this order: who may not see the project learns nothing of it; a disabled feature and an archived project refuse
/// everybody, administrators too; administrators pass; a role passes from the action's least level on; and what is left
/// is reading, which internal and public projects allow everybody who sees them, unless the feature is for members only.
#[must_use]
pub fn decide(actor: Option<&Actor>, subject: &Subject, action: Action) -> Decision {
    let standing = standing(actor, subject);
    if standing == Standing::Outsider {
        return Decision::NotFound;
    }
    let feature_access = subject.feature_access(action);
    let is_frozen = subject.archived && !action.is_read() && !action.is_administration();
    if feature_access == FeatureAccess::Disabled || is_frozen {
        return Decision::Forbidden;
    }
    let is_open = action.is_read() && subject.visibility != Visibility::Private;
    let passes = match standing {
        Standing::Outsider => false,
        Standing::Visitor => is_open && feature_access == FeatureAccess::Enabled,
        Standing::Member(level) => is_open || level >= action.least_level(),
        Standing::Admin => true,
    };
    if passes { Decision::Allowed } else { Decision::Forbidden }
}

/// Decides whether `actor` may make a project in `namespace`, where it has the role `level`: in a user's own namespace
/// that user, in a group developers and above; administrators everywhere, external users nowhere.
///
/// Somebody without any role in a group learns nothing of it: a group that is seen is not yet one to build in.
#[must_use]
pub fn decide_create_project(actor: &Actor, namespace: &Namespace, level: Option<AccessLevel>) -> Decision {
    if actor.admin {
        return Decision::Allowed;
    }
    let (is_known, passes) = match namespace.kind {
        NamespaceKind::User => {
            let is_own = namespace.owner_id == Some(actor.user_id);
            (is_own, is_own)
        }
        NamespaceKind::Group => (
            level.is_some(),
            level.is_some_and(|level| level >= AccessLevel::Developer),
        ),
    };
    match (is_known, passes && !actor.external) {
        (_, true) => Decision::Allowed,
        (true, false) => Decision::Forbidden,
        (false, false) => Decision::NotFound,
    }
}
