//! Changing a group's settings and its path.

use landfall_domain::{
    event::Kind,
    group::Group,
    ids::NamespaceId,
    project::{Visibility, check_group_path},
    time::Timestamp,
};
use landfall_store::{Tx, groups, namespaces};

use super::{
    Refusal,
    create_group::{append, taken},
    set_member::By,
};

/// What is to be changed; `None` leaves a value as it is.
#[derive(Clone, Debug)]
pub struct UpdateGroup {
    /// Which.
    pub id: NamespaceId,
    /// Shown name.
    pub name: Option<String>,
    /// Last segment of the path; everything in the group moves with it.
    pub path: Option<String>,
    /// What it is for; empty for nothing.
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// By whom.
    pub by: By,
    /// The time.
    pub now: Timestamp,
}

/// Changes it. A path that is taken, or that cannot be one, is a [`Refusal::Field`] of `path`.
pub fn update_group(tx: &mut Tx<'_>, wanted: &UpdateGroup) -> Result<Group, Refusal> {
    let before = groups::by_id(tx, wanted.id)?.ok_or(Refusal::NotFound)?;
    let mut group = before.clone();
    if let Some(description) = &wanted.description {
        group.description = Some(description.clone()).filter(|text| !text.is_empty());
    }
    group.visibility = wanted.visibility.unwrap_or(group.visibility);
    let name = wanted.name.as_ref().unwrap_or(&before.namespace.name);
    let path = wanted.path.as_ref().unwrap_or(&before.namespace.path);
    if name.trim().is_empty() {
        return Err(Refusal::field("name", "can't be blank"));
    }
    rename(tx, &mut group, name, path, wanted.now)?;
    if group == before {
        return Ok(group);
    }
    groups::update(tx, &group)?;
    append(tx, Kind::GroupUpdated, &group, wanted.by, wanted.now)?;
    Ok(group)
}

/// Gives a group another name and path, where they are others.
pub(super) fn rename(
    tx: &mut Tx<'_>,
    group: &mut Group,
    name: &str,
    path: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let namespace = &group.namespace;
    if namespace.name == name && namespace.path == path {
        return Ok(());
    }
    let full_path = match namespace.full_path.rsplit_once('/') {
        Some((above, _)) => format!("{above}/{path}"),
        None => path.to_owned(),
    };
    check_group_path(&full_path).map_err(|error| Refusal::field("path", error.to_string()))?;
    group.namespace = namespaces::rename(tx, namespace, (name, path), now).map_err(taken)?;
    Ok(())
}
