//! The end of a project: it is marked first, and can come back until its time has come or somebody insists.

use landfall_domain::{
    event::{Event, Kind},
    ids::{ProjectId, UserId},
    project::{Project, marked_for_deletion, without_deletion_mark},
    time::Timestamp,
};
use landfall_store::{Tx, events, groups, projects};
use serde_json::json;

use super::{Refusal, update_project::save_path};

/// Marks a project for deletion: it is archived, and its name and path are free for another one. In a group that is
/// marked itself nothing more is to be done.
pub fn mark_project(tx: &mut Tx<'_>, id: ProjectId, by: UserId, now: Timestamp) -> Result<Project, Refusal> {
    let mut project = projects::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if project.marked_for_deletion_at.is_some() {
        return Err(Refusal::State("Project has been already marked for deletion"));
    }
    if groups::is_marked_above(tx, project.namespace.id)? {
        return Ok(project);
    }
    project.name = marked_for_deletion(&project.name, id.0);
    project.path = marked_for_deletion(&project.path, id.0);
    project.archived = true;
    project.marked_for_deletion_at = Some(now);
    project.updated_at = now;
    save_path(tx, &project)?;
    append(tx, Kind::ProjectMarked, &project, Some(by), now)?;
    Ok(project)
}

/// Brings a project back. A name or path that another one has taken meanwhile is a [`Refusal::Field`].
pub fn restore_project(tx: &mut Tx<'_>, id: ProjectId, by: UserId, now: Timestamp) -> Result<Project, Refusal> {
    let mut project = projects::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if project.marked_for_deletion_at.is_none() {
        return Err(Refusal::State("Project has not been marked for deletion"));
    }
    project.name = without_deletion_mark(&project.name, id.0).to_owned();
    project.path = without_deletion_mark(&project.path, id.0).to_owned();
    project.archived = false;
    project.marked_for_deletion_at = None;
    project.updated_at = now;
    save_path(tx, &project)?;
    append(tx, Kind::ProjectMarked, &project, Some(by), now)?;
    Ok(project)
}

/// Deletes a project that is marked, for somebody who has told its path to show that it is meant.
pub fn remove_project(
    tx: &mut Tx<'_>,
    id: ProjectId,
    full_path: &str,
    by: UserId,
    now: Timestamp,
) -> Result<(), Refusal> {
    let project = projects::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if project.marked_for_deletion_at.is_none() {
        return Err(Refusal::State("Project must be marked for deletion first."));
    }
    if project.full_path() != full_path {
        return Err(Refusal::State(
            "`full_path` is incorrect. You must enter the complete path for the project.",
        ));
    }
    end_project(tx, &project, Some(by), now)
}

/// Deletes a project; `by` is `None` where its time has come.
pub(crate) fn end_project(
    tx: &mut Tx<'_>,
    project: &Project,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<(), Refusal> {
    projects::delete(tx, project.id, now)?;
    append(tx, Kind::ProjectDeleted, project, by, now)
}

fn append(tx: &mut Tx<'_>, kind: Kind, project: &Project, by: Option<UserId>, now: Timestamp) -> Result<(), Refusal> {
    let event = Event {
        kind,
        project_id: Some(project.id),
        deployment_id: None,
        environment_id: None,
        actor_id: by,
        data: json!({
            "path_with_namespace": project.full_path(),
            "marked_for_deletion": project.marked_for_deletion_at.is_some(),
        })
        .to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}
