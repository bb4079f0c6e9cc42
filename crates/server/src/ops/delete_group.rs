//! The end of a group with everything in it: it is marked first, as a project is.

use landfall_domain::{
    event::Kind,
    group::Group,
    ids::NamespaceId,
    project::{marked_for_deletion, without_deletion_mark},
    time::Timestamp,
};
use landfall_store::{Tx, groups};

use super::{Refusal, create_group::append, delete_project::end_project, set_member::By, update_group::rename};

/// Marks a group for deletion: its name and path are free for another one.
pub fn mark_group(tx: &mut Tx<'_>, id: NamespaceId, by: By, now: Timestamp) -> Result<Group, Refusal> {
    let mut group = groups::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if group.marked_for_deletion_at.is_some() {
        return Err(Refusal::State("Group has been already marked for deletion"));
    }
    group.marked_for_deletion_at = Some(now);
    let name = marked_for_deletion(&group.namespace.name, id.0);
    let path = marked_for_deletion(&group.namespace.path, id.0);
    save(tx, group, (&name, &path), by, now)
}

/// Brings a group back. A path that another one has taken meanwhile is a [`Refusal::Field`].
pub fn restore_group(tx: &mut Tx<'_>, id: NamespaceId, by: By, now: Timestamp) -> Result<Group, Refusal> {
    let mut group = groups::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if group.marked_for_deletion_at.take().is_none() {
        return Err(Refusal::State("Group has not been marked for deletion"));
    }
    let name = without_deletion_mark(&group.namespace.name, id.0).to_owned();
    let path = without_deletion_mark(&group.namespace.path, id.0).to_owned();
    save(tx, group, (&name, &path), by, now)
}

fn save(
    tx: &mut Tx<'_>,
    mut group: Group,
    (name, path): (&str, &str),
    by: By,
    now: Timestamp,
) -> Result<Group, Refusal> {
    rename(tx, &mut group, name, path, now)?;
    groups::update(tx, &group)?;
    append(tx, Kind::GroupMarked, &group, by, now)?;
    Ok(group)
}

/// Deletes a group that is marked, for somebody who has told its path to show that it is meant.
pub fn remove_group(tx: &mut Tx<'_>, id: NamespaceId, full_path: &str, by: By, now: Timestamp) -> Result<(), Refusal> {
    let group = groups::by_id(tx, id)?.ok_or(Refusal::NotFound)?;
    if group.marked_for_deletion_at.is_none() {
        return Err(Refusal::State("Group must be marked for deletion first."));
    }
    if group.namespace.full_path != full_path {
        return Err(Refusal::State(
            "`full_path` is incorrect. You must enter the complete path for the group.",
        ));
    }
    end_group(tx, &group, by, now)
}

/// Deletes a group with all groups and projects in it.
pub(crate) fn end_group(tx: &mut Tx<'_>, group: &Group, by: By, now: Timestamp) -> Result<(), Refusal> {
    for project in groups::projects(tx, group.namespace.id)? {
        end_project(tx, &project, by.user_id(), now)?;
    }
    groups::delete(tx, group.namespace.id, now)?;
    append(tx, Kind::GroupDeleted, group, by, now)
}
