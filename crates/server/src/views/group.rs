//! Groups: the keys that a ledger can tell.

use landfall_domain::group::Group;
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire};
use crate::urls::Urls;

/// A group as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupBasic)]
pub struct GroupView<'a> {
    id: i64,
    web_url: String,
    name: &'a str,
    path: &'a str,
    description: &'a str,
    visibility: &'static str,
    project_creation_level: &'static str,
    subgroup_creation_level: &'static str,
    avatar_url: Option<&'a str>,
    request_access_enabled: bool,
    full_name: &'a str,
    full_path: &'a str,
    created_at: Wire,
    parent_id: Option<i64>,
    marked_for_deletion_on: Option<String>,
}

impl<'a> GroupView<'a> {
    /// The group. Developers make projects in every group, maintainers groups.
    #[must_use]
    pub fn new(group: &'a Group, urls: &Urls) -> GroupView<'a> {
        let namespace = &group.namespace;
        GroupView {
            id: namespace.id.0,
            web_url: urls.group(&namespace.full_path),
            name: &namespace.name,
            path: &namespace.path,
            description: group.description.as_deref().unwrap_or_default(),
            visibility: group.visibility.as_str(),
            project_creation_level: "developer",
            subgroup_creation_level: "maintainer",
            avatar_url: None,
            request_access_enabled: false,
            full_name: &namespace.full_name,
            full_path: &namespace.full_path,
            created_at: Wire(group.created_at),
            parent_id: namespace.parent_id.map(|id| id.0),
            marked_for_deletion_on: group.marked_for_deletion_at.map(|at| at.date().to_string()),
        }
    }
}

/// A group by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupDetail<'a> {
    #[serde(flatten)]
    group: GroupView<'a>,
    shared_with_groups: Empty,
}

impl<'a> GroupDetail<'a> {
    /// The group. Groups are not shared with each other here.
    #[must_use]
    pub fn new(group: &'a Group, urls: &Urls) -> GroupDetail<'a> {
        GroupDetail {
            group: GroupView::new(group, urls),
            shared_with_groups: EMPTY,
        }
    }
}
