//! Making a project.

use landfall_domain::{
    access::AccessLevel,
    event::{Event, Kind},
    ids::{NamespaceId, UserId},
    member::Source,
    project::{FeatureAccess, Project, ProjectPath, RepositoryPlace, Visibility},
    time::Timestamp,
    user::User,
};
use landfall_store::{
    Tx, events,
    members::{self, NewMember},
    namespaces, projects,
};
use serde_json::json;

use super::{Refusal, mirror_repository::mirror_repository};

/// What is to be made. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct CreateProject {
    /// Where.
    pub namespace: Place,
    /// Last segment of the path.
    pub path: String,
    /// Shown name; the path if there is none.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Branch shown as the default one.
    pub default_branch: Option<String>,
    /// Its git repository: a directory has been found to be one, an address to be one without credentials.
    pub repository: Option<RepositoryPlace>,
    /// Whether the server's credentials may be used for a repository elsewhere.
    pub with_credentials: bool,
    /// Its address on the forge that its code comes from; as [`parse_forge_url`](landfall_domain::merge_request::parse_forge_url) answers it.
    pub forge_url: Option<String>,
    /// Who may use repository, CI/CD and environments.
    pub features: Features,
    /// Who makes it; `None` for the command line.
    pub creator_id: Option<UserId>,
    /// The time.
    pub now: Timestamp,
}

/// Where a project is to stand.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a namespace that is there.
    In(NamespaceId),
    /// In the user's own namespace.
    Own(Box<User>),
    /// Below this path, whose missing groups are made.
    Below(String),
}

/// Who may use the features of a project that deployments need.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// The repository.
    pub repository: FeatureAccess,
    /// CI/CD.
    pub builds: FeatureAccess,
    /// Environments and deployments.
    pub environments: FeatureAccess,
}

impl Default for Features {
    /// Everything is open to those who see the project.
    fn default() -> Features {
        let open = FeatureAccess::Enabled;
        Features {
            repository: open,
            builds: open,
            environments: open,
        }
    }
}

/// Makes it, with the one in whose namespace it stands as its owner. A path that is taken, or that cannot be one, is a [`Refusal::Field`] of `path`.
pub fn create_project(tx: &mut Tx<'_>, wanted: &CreateProject) -> Result<Project, Refusal> {
    let namespace = match &wanted.namespace {
        Place::In(id) => namespaces::by_id(tx, *id)?.ok_or_else(|| Refusal::field("namespace", "is not valid"))?,
        Place::Own(user) => namespaces::ensure_personal(tx, user, wanted.now)?,
        Place::Below(path) => namespaces::ensure_path(tx, path, wanted.now)?,
    };
    let full_path = format!("{}/{}", namespace.full_path, wanted.path);
    ProjectPath::parse(&full_path).map_err(|error| Refusal::field("path", error.to_string()))?;
    let new = projects::NewProject {
        namespace,
        creator_id: wanted.creator_id,
        name: wanted.name.clone().unwrap_or_else(|| wanted.path.clone()),
        path: wanted.path.clone(),
        description: wanted.description.clone(),
        visibility: wanted.visibility,
        default_branch: wanted.default_branch.clone(),
        repository: wanted.repository.clone(),
        forge_url: wanted.forge_url.clone(),
        repository_access: wanted.features.repository,
        builds_access: wanted.features.builds,
        environments_access: wanted.features.environments,
        created_at: wanted.now,
    };
    let project = projects::insert(tx, &new).map_err(|error| {
        if error.is_conflict_on("projects_full_path") {
            Refusal::field("path", "has already been taken")
        } else {
            error.into()
        }
    })?;
    mirror_repository(tx, &project, wanted.with_credentials, wanted.now)?;
    if let Some(owner) = project.namespace.owner_id {
        let member = NewMember {
            source: Source::Project(project.id),
            user_id: owner,
            access_level: AccessLevel::Owner,
            expires_at: None,
            created_at: wanted.now,
            created_by_id: wanted.creator_id,
        };
        members::set(tx, &member)?;
    }
    let event = Event {
        kind: Kind::ProjectCreated,
        project_id: Some(project.id),
        deployment_id: None,
        environment_id: None,
        actor_id: wanted.creator_id,
        data: json!({ "path_with_namespace": project.full_path() }).to_string(),
        at: wanted.now,
    };
    events::append(tx, &event)?;
    Ok(project)
}
