//! Projects (neighbours, 4.1): basic keys, and those of the full form that a ledger can tell.

use landfall_domain::{
    access::AccessLevel,
    member::Levels,
    mirror::Mirror,
    project::{Namespace, NamespaceKind, Project},
    user::User,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EMPTY, Empty, Wire, user::UserBasic};
use crate::urls::Urls;

/// The basic form, also what `simple=true` and callers who are not signed in get.
#[expect(
    clippy::option_option,
    reason = "absent for those who may not see the code, null where there is nothing"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectBasic<'a> {
    id: i64,
    description: Option<&'a str>,
    name: &'a str,
    name_with_namespace: String,
    path: &'a str,
    path_with_namespace: String,
    created_at: Wire,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_branch: Option<Option<&'a str>>,
    tag_list: Empty,
    topics: Empty,
    ssh_url_to_repo: Option<&'a str>,
    http_url_to_repo: Option<&'a str>,
    web_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    readme_url: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forks_count: Option<i64>,
    avatar_url: Option<&'a str>,
    star_count: i64,
    last_activity_at: Wire,
    visibility: &'static str,
    namespace: NamespaceView<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Namespace)]
struct NamespaceView<'a> {
    id: i64,
    name: &'a str,
    path: &'a str,
    kind: &'static str,
    full_path: &'a str,
    parent_id: Option<i64>,
    avatar_url: Option<&'a str>,
    web_url: String,
}

impl<'a> NamespaceView<'a> {
    fn new(namespace: &'a Namespace, urls: &Urls) -> NamespaceView<'a> {
        let web_url = match namespace.kind {
            NamespaceKind::User => urls.path(&namespace.full_path),
            NamespaceKind::Group => urls.group(&namespace.full_path),
        };
        NamespaceView {
            id: namespace.id.0,
            name: &namespace.name,
            path: &namespace.path,
            kind: namespace.kind.as_str(),
            full_path: &namespace.full_path,
            parent_id: namespace.parent_id.map(|id| id.0),
            avatar_url: None,
            web_url,
        }
    }
}

impl<'a> ProjectBasic<'a> {
    /// The basic form; what tells of the code only for callers who may see it.
    #[must_use]
    pub fn new(project: &'a Project, may_read_code: bool, urls: &Urls) -> ProjectBasic<'a> {
        let full_path = project.full_path();
        ProjectBasic {
            id: project.id.0,
            description: project.description.as_deref(),
            name: &project.name,
            name_with_namespace: project.name_with_namespace(),
            path: &project.path,
            created_at: Wire(project.created_at),
            default_branch: may_read_code.then_some(project.default_branch.as_deref()),
            tag_list: EMPTY,
            topics: EMPTY,
            // Repositories are not served here.
            ssh_url_to_repo: None,
            http_url_to_repo: None,
            web_url: urls.path(&full_path),
            path_with_namespace: full_path,
            readme_url: may_read_code.then_some(None),
            forks_count: may_read_code.then_some(0),
            avatar_url: None,
            star_count: 0,
            last_activity_at: Wire(project.updated_at),
            visibility: project.visibility.as_str(),
            namespace: NamespaceView::new(&project.namespace, urls),
        }
    }
}

/// The full form with the caller's level. What is told of a repository elsewhere is for those who look after the project.
#[expect(
    clippy::option_option,
    reason = "absent where there is nothing to fail, null where nothing has failed"
)]
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectFull<'a> {
    #[serde(flatten)]
    basic: ProjectBasic<'a>,
    #[serde(rename = "_links")]
    links: Links,
    empty_repo: bool,
    archived: bool,
    marked_for_deletion_at: Option<String>,
    marked_for_deletion_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<UserBasic<'a>>,
    creator_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    import_url: Option<&'a str>,
    import_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    import_error: Option<Option<&'a str>>,
    updated_at: Wire,
    repository_access_level: &'static str,
    builds_access_level: &'static str,
    environments_access_level: &'static str,
    jobs_enabled: bool,
    permissions: Permissions,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectLinks)]
struct Links {
    #[serde(rename = "self")]
    itself: String,
    deployments: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectPermissions)]
struct Permissions {
    project_access: Option<ProjectAccess>,
    group_access: Option<ProjectAccess>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ProjectAccess {
    access_level: i64,
    notification_level: i64,
}

/// GitLab's number for "as set elsewhere".
const NOTIFY_AS_GLOBAL: i64 = 3;

/// How the caller stands to a project that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The caller's levels.
    pub levels: Levels,
    /// Whether the caller may see the code.
    pub may_read_code: bool,
    /// Whether the caller may change the project's settings.
    pub may_administer: bool,
    /// Whose the project is, if it stands in a personal namespace.
    pub owner: Option<&'a User>,
    /// What its repository is a copy of.
    pub mirror: Option<&'a Mirror>,
}

impl<'a> ProjectFull<'a> {
    /// The full form.
    #[must_use]
    pub fn new(project: &'a Project, standing: Standing<'a>, urls: &Urls) -> ProjectFull<'a> {
        let itself = urls.api(&format!("/projects/{}", project.id));
        let access = |level: AccessLevel| ProjectAccess {
            access_level: level.number(),
            notification_level: NOTIFY_AS_GLOBAL,
        };
        let mirror = standing.mirror.filter(|_| standing.may_administer);
        let marked_on = project.marked_for_deletion_at.map(|at| at.date().to_string());
        ProjectFull {
            basic: ProjectBasic::new(project, standing.may_read_code, urls),
            links: Links {
                deployments: format!("{itself}/deployments"),
                itself,
            },
            empty_repo: project.repository.is_none(),
            archived: project.archived,
            marked_for_deletion_at: marked_on.clone(),
            marked_for_deletion_on: marked_on,
            owner: standing.owner.map(|owner| UserBasic::new(owner, urls)),
            creator_id: project.creator_id.map(|id| id.0),
            import_url: mirror.map(|mirror| &*mirror.url),
            import_status: standing.mirror.map_or("none", |mirror| mirror.status.as_str()),
            import_error: mirror.map(|mirror| mirror.error.as_deref()),
            updated_at: Wire(project.updated_at),
            repository_access_level: project.repository_access.as_str(),
            builds_access_level: project.builds_access.as_str(),
            environments_access_level: project.environments_access.as_str(),
            jobs_enabled: project.builds_access != landfall_domain::project::FeatureAccess::Disabled,
            permissions: Permissions {
                project_access: standing.levels.project.map(access),
                group_access: standing.levels.group.map(access),
            },
        }
    }
}
