//! Changing a project's settings and its path.

use landfall_domain::{
    event::{Event, Kind},
    ids::{ProjectId, UserId},
    project::{FeatureAccess, Project, ProjectPath, RepositoryPlace, Visibility},
    time::Timestamp,
};
use landfall_store::{Tx, events, namespaces, projects};
use serde_json::json;

use super::{Refusal, mirror_repository::mirror_repository};

/// What is to be changed; `None` leaves a value as it is.
#[derive(Clone, Debug)]
pub struct UpdateProject {
    /// Which.
    pub id: ProjectId,
    /// Shown name.
    pub name: Option<String>,
    /// Last segment of the path; the old one goes on leading to the project.
    pub path: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// What it is for; empty for nothing.
    pub description: Option<String>,
    /// Branch shown as the default one; empty for none.
    pub default_branch: Option<String>,
    /// Its git repository: a directory that has been found to be one, or an address without credentials; empty for none.
    pub repository: Option<String>,
    /// Whether the server's credentials may be used for a repository elsewhere.
    pub with_credentials: bool,
    /// Its address on the forge that its code comes from, as `parse_forge_url` answers it; empty for none.
    pub forge_url: Option<String>,
    /// Read only.
    pub archived: Option<bool>,
    /// Who may use the repository.
    pub repository_access: Option<FeatureAccess>,
    /// Who may use CI/CD.
    pub builds_access: Option<FeatureAccess>,
    /// Who may use environments and deployments.
    pub environments_access: Option<FeatureAccess>,
    /// By whom; `None` for the command line.
    pub by: Option<UserId>,
    /// The time.
    pub now: Timestamp,
}

/// Changes the settings. A name that is blank, and a path that is taken or that cannot be one, are a [`Refusal::Field`].
pub fn update_project(tx: &mut Tx<'_>, wanted: &UpdateProject) -> Result<Project, Refusal> {
    let before = projects::by_id(tx, wanted.id)?.ok_or(Refusal::NotFound)?;
    if wanted.archived.is_some() && before.marked_for_deletion_at.is_some() {
        return Err(Refusal::State("Project has been already marked for deletion"));
    }
    let mut project = before.clone();
    apply(&mut project, wanted);
    if project.name.trim().is_empty() {
        return Err(Refusal::field("name", "can't be blank"));
    }
    if project.path != before.path {
        ProjectPath::parse(&project.full_path()).map_err(|error| Refusal::field("path", error.to_string()))?;
    }
    if wanted.repository.is_some() {
        mirror_repository(tx, &project, wanted.with_credentials, wanted.now)?;
    }
    save(tx, &before, project, wanted.by, wanted.now)
}

/// Moves the project to another path, whose missing groups are made; the old path goes on leading to it. A path that is
/// taken is a [`Refusal::Field`] of `path`.
pub fn move_project(tx: &mut Tx<'_>, id: ProjectId, to: &ProjectPath, now: Timestamp) -> Result<Project, Refusal> {
    let before = projects::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    let mut project = before.clone();
    project.namespace = namespaces::ensure_path(tx, to.namespace(), now)?;
    to.path().clone_into(&mut project.path);
    save(tx, &before, project, None, now)
}

fn apply(project: &mut Project, wanted: &UpdateProject) {
    let set = |place: &mut Option<String>, value: &Option<String>| {
        if let Some(value) = value {
            *place = Some(value.clone()).filter(|value| !value.is_empty());
        }
    };
    if let Some(name) = &wanted.name {
        project.name.clone_from(name);
    }
    if let Some(path) = &wanted.path {
        project.path.clone_from(path);
    }
    set(&mut project.description, &wanted.description);
    set(&mut project.default_branch, &wanted.default_branch);
    if let Some(repository) = &wanted.repository {
        let given = Some(repository.clone()).filter(|text| !text.is_empty());
        project.repository = given.map(RepositoryPlace::from);
    }
    set(&mut project.forge_url, &wanted.forge_url);
    project.visibility = wanted.visibility.unwrap_or(project.visibility);
    project.archived = wanted.archived.unwrap_or(project.archived);
    project.repository_access = wanted.repository_access.unwrap_or(project.repository_access);
    project.builds_access = wanted.builds_access.unwrap_or(project.builds_access);
    project.environments_access = wanted.environments_access.unwrap_or(project.environments_access);
}

fn save(
    tx: &mut Tx<'_>,
    before: &Project,
    mut project: Project,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Project, Refusal> {
    if project == *before {
        return Ok(project);
    }
    project.updated_at = now;
    save_path(tx, &project)?;
    let event = Event {
        kind: Kind::ProjectUpdated,
        project_id: Some(project.id),
        deployment_id: None,
        environment_id: None,
        actor_id: by,
        data: json!({
            "path_with_namespace": project.full_path(),
            "old_path_with_namespace": before.full_path(),
            "visibility": project.visibility.as_str(),
            "archived": project.archived,
        })
        .to_string(),
        at: now,
    };
    events::append(tx, &event)?;
    Ok(project)
}

/// Writes a project; a path that is taken is a [`Refusal::Field`].
pub(super) fn save_path(tx: &mut Tx<'_>, project: &Project) -> Result<(), Refusal> {
    projects::update(tx, project).map_err(|error| {
        if error.is_conflict_on("projects_full_path") {
            Refusal::field("path", "has already been taken")
        } else {
            error.into()
        }
    })
}
