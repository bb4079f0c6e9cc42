//! Making a group.

use landfall_domain::{
    access::AccessLevel,
    event::{Event, Kind},
    group::Group,
    ids::NamespaceId,
    member::Source,
    project::{Visibility, check_group_path},
    time::Timestamp,
    user::User,
};
use landfall_store::{
    Tx, events,
    groups::{self, NewGroup},
    members::{self, NewMember},
};
use serde_json::json;

use super::{
    Refusal,
    set_member::{self, By},
};

/// What is to be made. The caller's rights have been checked.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// The group above.
    pub parent: Option<NamespaceId>,
    /// Shown name.
    pub name: String,
    /// Last segment of the path.
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who makes it, and becomes its owner.
    pub creator: User,
    /// The time.
    pub now: Timestamp,
}

/// Makes it. A path that is taken, or that cannot be one, is a [`Refusal::Field`] of `path`.
pub fn create_group(tx: &mut Tx<'_>, wanted: &CreateGroup) -> Result<Group, Refusal> {
    let parent = match wanted.parent {
        Some(id) => Some(groups::by_id(tx, id)?.ok_or(Refusal::NotFound)?.namespace),
        None => None,
    };
    let full_path = match &parent {
        Some(parent) => format!("{}/{}", parent.full_path, wanted.path),
        None => wanted.path.clone(),
    };
    check_group_path(&full_path).map_err(|error| Refusal::field("path", error.to_string()))?;
    let new = NewGroup {
        parent,
        name: wanted.name.clone(),
        path: wanted.path.clone(),
        description: wanted.description.clone(),
        visibility: wanted.visibility,
        created_at: wanted.now,
    };
    let group = groups::insert(tx, &new).map_err(taken)?;
    let source = Source::Group(group.namespace.id);
    let owner = NewMember {
        source,
        user_id: wanted.creator.id,
        access_level: AccessLevel::Owner,
        expires_at: None,
        created_at: wanted.now,
        created_by_id: Some(wanted.creator.id),
    };
    members::set(tx, &owner)?;
    let by = By::Member(wanted.creator.id, AccessLevel::Owner);
    append(tx, Kind::GroupCreated, &group, by, wanted.now)?;
    set_member::append(tx, source, &wanted.creator, Some(AccessLevel::Owner), by, wanted.now)?;
    Ok(group)
}

/// Appends what happened to a group.
pub(super) fn append(tx: &mut Tx<'_>, kind: Kind, group: &Group, by: By, now: Timestamp) -> Result<(), Refusal> {
    let event = Event {
        kind,
        project_id: None,
        deployment_id: None,
        environment_id: None,
        actor_id: by.user_id(),
        data: json!({
            "group_id": group.namespace.id.0,
            "full_path": group.namespace.full_path,
            "visibility": group.visibility.as_str(),
            "marked_for_deletion": group.marked_for_deletion_at.is_some(),
        })
        .to_string(),
        at: now,
    };
    Ok(events::append(tx, &event)?)
}

/// Whose path it is.
pub(super) fn taken(error: landfall_store::Error) -> Refusal {
    if error.is_conflict_on("namespaces_full_path") {
        Refusal::field("path", "has already been taken")
    } else {
        error.into()
    }
}
