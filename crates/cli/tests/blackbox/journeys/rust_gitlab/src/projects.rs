//! Projects: found, made, changed, archived and deleted; the ways to go through a list.

use gitlab::{
    Gitlab,
    api::{
        self, Pagination, Query,
        common::{SortOrder, VisibilityLevel},
        paged,
        projects::{
            ArchiveProject, CreateProject, DeleteProject, EditProject, Project as GetProject, ProjectOrderBy, Projects,
            ProjectsBuilder, UnarchiveProject,
        },
        users::UserProjects,
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::world::{Outcome, PATH, refused};

/// Which projects are listed.
type Choice = ProjectsBuilder<'static>;

#[derive(Debug, Deserialize)]
pub struct Project {
    pub id: u64,
    pub path: String,
    pub path_with_namespace: String,
    pub name_with_namespace: String,
    pub visibility: String,
    pub archived: bool,
    pub default_branch: Option<String>,
    pub permissions: Permissions,
}

#[derive(Debug, Deserialize)]
pub struct Permissions {
    pub project_access: Option<Access>,
    pub group_access: Option<Access>,
}

#[derive(Debug, Deserialize, PartialEq)]
pub struct Access {
    pub access_level: u64,
}

fn get(client: &Gitlab, id: u64) -> Outcome<Project> {
    Ok(GetProject::builder().project(id).build()?.query(client)?)
}

/// All that are found, a few at a time.
fn list(client: &Gitlab, choose: impl Fn(&mut Choice) -> &mut Choice) -> Outcome<Vec<Project>> {
    let mut endpoint = Projects::builder();
    choose(&mut endpoint);
    Ok(paged(endpoint.build()?, Pagination::AllPerPageLimit(2)).query(client)?)
}

fn ids(projects: &[Project]) -> Vec<u64> {
    projects.iter().map(|project| project.id).collect()
}

fn paths(projects: &[Project]) -> Vec<&str> {
    projects.iter().map(|project| project.path.as_str()).collect()
}

/// Whether the project of the journey is found.
pub fn find(root: &Gitlab, alice: &Gitlab) -> Outcome {
    let project: Project = GetProject::builder().project(PATH).build()?.query(alice)?;
    assert_eq!(project.name_with_namespace, "team / web / app.one");
    assert_eq!((project.visibility.as_str(), project.archived), ("private", false));
    assert_eq!(project.permissions.project_access, Some(Access { access_level: 40 }));
    let mine = list(alice, |list| list.membership(true).search("app.o"))?;
    assert_eq!(ids(&mine), [project.id]);
    let nothing = GetProject::builder().project("team/web/nothing").build()?;
    refused(
        404,
        "404 Project Not Found",
        Query::<Project, _>::query(&nothing, alice),
    );

    let path = ProjectOrderBy::Path;
    let everything = list(alice, |list| list.order_by(path).sort(SortOrder::Ascending))?;
    let expected = ["app.one", "tool-1", "tool-2", "tool-3", "tool-4", "tool-5"];
    assert_eq!(paths(&everything), expected);
    let internal = list(alice, |list| {
        list.visibility(VisibilityLevel::Internal)
            .order_by(path)
            .sort(SortOrder::Ascending)
    })?;
    assert_eq!(paths(&internal), expected[1..]);

    // The crate asks for keyset pages where the order is that of ids.
    let mut by_id = ids(&everything);
    by_id.sort_unstable();
    let sorted = |sort| list(root, move |list| list.order_by(ProjectOrderBy::Id).sort(sort));
    assert_eq!(ids(&sorted(SortOrder::Ascending)?), by_id);
    by_id.reverse();
    assert_eq!(ids(&sorted(SortOrder::Descending)?), by_id);
    let endpoint = Projects::builder().order_by(ProjectOrderBy::Id).build()?;
    let pages = paged(endpoint, Pagination::AllPerPageLimit(4));
    let lazily: Result<Vec<Project>, _> = pages.iter(root).collect();
    assert_eq!(ids(&lazily?), by_id);
    Ok(())
}

/// A project of alice's own, from its beginning to its end.
pub fn journey(alice: &Gitlab) -> Outcome {
    let endpoint = CreateProject::builder()
        .name("My Site")
        .description("Pages")
        .default_branch("trunk")
        .build()?;
    let project: Project = endpoint.query(alice)?;
    assert_eq!(
        (project.path_with_namespace.as_str(), project.visibility.as_str()),
        ("alice/my-site", "private")
    );
    assert_eq!(project.default_branch.as_deref(), Some("trunk"));
    let taken = ["has already been taken"];
    let message = json!({ "project_namespace.name": taken, "name": taken, "path": taken });
    refused(400, message, Query::<Project, _>::query(&endpoint, alice));
    assert_eq!(ids(&list(alice, |list| list.owned(true))?), [project.id]);
    let of_user: Vec<Project> = UserProjects::builder().user("alice").build()?.query(alice)?;
    assert_eq!(ids(&of_user), [project.id]);

    let changed: Project = EditProject::builder()
        .project(project.id)
        .visibility(VisibilityLevel::Public)
        .path("site")
        .build()?
        .query(alice)?;
    assert_eq!(
        (changed.visibility.as_str(), changed.path_with_namespace.as_str()),
        ("public", "alice/site")
    );
    let archived: Project = ArchiveProject::builder().project(project.id).build()?.query(alice)?;
    assert!(archived.archived);
    assert_eq!(ids(&list(alice, |list| list.archived(true))?), [project.id]);
    let open: Project = UnarchiveProject::builder().project(project.id).build()?.query(alice)?;
    assert!(!open.archived);
    end(alice, &project)
}

fn end(alice: &Gitlab, project: &Project) -> Outcome {
    let of_others = DeleteProject::builder().project("team/tool-1").build()?;
    refused(403, "403 Forbidden", api::ignore(of_others).query(alice));
    let mut endpoint = DeleteProject::builder();
    endpoint.project(project.id);
    api::ignore(endpoint.build()?).query(alice)?;
    let marked = get(alice, project.id)?;
    assert_eq!(marked.path, format!("site-deletion_scheduled-{}", project.id));
    endpoint.permanently_remove(true).full_path(marked.path_with_namespace);
    api::ignore(endpoint.build()?).query(alice)?;
    let gone = GetProject::builder().project(project.id).build()?;
    refused(404, "404 Project Not Found", Query::<Project, _>::query(&gone, alice));
    Ok(())
}
