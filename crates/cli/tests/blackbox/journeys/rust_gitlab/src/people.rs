//! Users, groups and members.

use chrono::NaiveDate;
use gitlab::{
    Gitlab,
    api::{
        self, Pagination, Query,
        common::AccessLevel,
        groups::{
            CreateGroup, DeleteGroup, EditGroup, Group as GetGroup, Groups,
            members::{AddGroupMember, AllGroupMembers, EditGroupMember, GroupMembers, RemoveGroupMember},
            projects::GroupProjects,
            subgroups::GroupSubgroups,
        },
        paged,
        projects::{
            CreateProject, Project as GetProject,
            members::{
                AddProjectMember, AllProjectMember, AllProjectMembers, EditProjectMember, ProjectMember,
                ProjectMembers, RemoveProjectMember,
            },
        },
        users::{BlockUser, CreateUser, CurrentUser, NewUserPassword, User as GetUser, Users},
    },
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    projects::{Access, Project},
    tokens,
    world::{Outcome, client, refused, soon},
};

#[derive(Debug, Deserialize)]
struct User {
    id: u64,
    username: String,
    state: String,
    bio: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Known {
    username: String,
}

#[derive(Debug, Deserialize)]
struct Group {
    id: u64,
    full_path: String,
    full_name: String,
    visibility: String,
    description: String,
    parent_id: Option<u64>,
    marked_for_deletion_on: Option<NaiveDate>,
}

#[derive(Debug, Deserialize)]
struct Member {
    id: u64,
    username: String,
    access_level: u64,
    expires_at: Option<NaiveDate>,
}

pub fn journey(root: &Gitlab) -> Outcome {
    let user = users(root)?;
    let bob = client(&tokens::for_user(root, user.id)?)?;
    let (group, below) = groups(root)?;
    let project = group_members(root, &bob, &user, &group, &below)?;
    project_members(root, &bob, &project)?;
    // An administrator acts for a user.
    let somebody: User = api::sudo(CurrentUser::builder().build()?, "bob").query(root)?;
    assert_eq!(somebody.id, user.id);
    end(root, &bob, &user, &group, &project)
}

fn users(root: &Gitlab) -> Outcome<User> {
    let mut endpoint = CreateUser::builder();
    endpoint
        .email("bob@example.com")
        .name("Bob")
        .username("bob")
        .password(NewUserPassword::Random)
        .bio("builds");
    let user: User = endpoint.build()?.query(root)?;
    assert_eq!((user.username.as_str(), user.state.as_str()), ("bob", "active"));
    assert_eq!(user.bio.as_deref(), Some("builds"));
    let taken = endpoint.username("bobby").build()?;
    refused(
        409,
        "Email has already been taken",
        Query::<User, _>::query(&taken, root),
    );

    let found: Vec<Known> = Users::builder().username("BOB").build()?.query(root)?;
    assert_eq!((found.len(), found[0].username.as_str()), (1, "bob"));
    let walk = paged(Users::builder().build()?, Pagination::AllPerPageLimit(2));
    let everybody: Result<Vec<Known>, _> = walk.iter(root).collect();
    let names: Vec<String> = everybody?.into_iter().map(|known| known.username).collect();
    assert_eq!(names, ["bob", "alice", "root"]);
    let nobody = GetUser::builder().user(999_999).build()?;
    refused(404, "404 User Not Found", Query::<User, _>::query(&nobody, root));
    Ok(user)
}

fn groups(root: &Gitlab) -> Outcome<(Group, Group)> {
    let mut endpoint = CreateGroup::builder();
    endpoint.name("Crew").path("crew").description("Who ships");
    let group: Group = endpoint.build()?.query(root)?;
    let below: Group = endpoint
        .name("Inner")
        .path("inner")
        .parent_id(group.id)
        .build()?
        .query(root)?;
    assert_eq!(
        (group.full_path.as_str(), group.visibility.as_str()),
        ("crew", "private")
    );
    assert_eq!(
        (below.full_name.as_str(), below.parent_id),
        ("Crew / Inner", Some(group.id))
    );
    let subgroups: Vec<Group> = GroupSubgroups::builder().group("crew").build()?.query(root)?;
    assert!(subgroups.iter().map(|found| found.id).eq([below.id]));
    // The crate asks for keyset pages; where there are none, it goes on by number.
    let walk = paged(Groups::builder().build()?, Pagination::AllPerPageLimit(1));
    let everything: Vec<Group> = walk.query(root)?;
    let paths = everything.iter().map(|found| found.full_path.as_str());
    assert!(paths.eq(["crew", "crew/inner", "team", "team/web"]));
    let changed: Group = EditGroup::builder()
        .group(group.id)
        .description("Who ships it")
        .build()?
        .query(root)?;
    assert_eq!(changed.description, "Who ships it");
    Ok((group, below))
}

fn group_members(root: &Gitlab, bob: &Gitlab, user: &User, group: &Group, below: &Group) -> Outcome<Project> {
    let mut endpoint = AddGroupMember::builder();
    endpoint
        .group(group.id)
        .user(user.id)
        .access_level(AccessLevel::Developer)
        .expires_at(soon());
    let member: Member = endpoint.build()?.query(root)?;
    assert_eq!(
        (member.id, member.access_level, member.expires_at),
        (user.id, 30, Some(soon()))
    );
    refused(
        409,
        "Member already exists",
        Query::<Member, _>::query(&endpoint.build()?, root),
    );

    let project: Project = CreateProject::builder()
        .name("app")
        .namespace_id(below.id)
        .build()?
        .query(bob)?;
    assert_eq!(project.path_with_namespace, "crew/inner/app");
    assert_eq!(project.permissions.group_access, Some(Access { access_level: 30 }));
    let mut endpoint = GroupProjects::builder();
    endpoint.group(group.id).include_subgroups(true);
    let inside: Vec<Project> = paged(endpoint.build()?, Pagination::All).query(root)?;
    assert!(inside.iter().map(|found| found.id).eq([project.id]));

    let changed: Member = EditGroupMember::builder()
        .group(group.id)
        .user(user.id)
        .access_level(AccessLevel::Maintainer)
        .build()?
        .query(root)?;
    assert_eq!(changed.access_level, 40);
    let direct: Vec<Member> = GroupMembers::builder().group(below.id).build()?.query(root)?;
    assert!(direct.iter().map(|found| found.username.as_str()).eq(["root"]));
    let all: Vec<Member> = AllGroupMembers::builder()
        .group(below.id)
        .query("bob")
        .build()?
        .query(root)?;
    assert_eq!((all.len(), all[0].access_level), (1, 40));
    Ok(project)
}

fn project_members(root: &Gitlab, bob: &Gitlab, project: &Project) -> Outcome {
    let found: Vec<User> = Users::builder().username("alice").build()?.query(root)?;
    let alice = found[0].id;
    let member: Member = AddProjectMember::builder()
        .project(project.id)
        .user(alice)
        .access_level(AccessLevel::Reporter)
        .build()?
        .query(bob)?;
    assert_eq!((member.username.as_str(), member.access_level), ("alice", 20));
    let direct: Vec<Member> = ProjectMembers::builder().project(project.id).build()?.query(bob)?;
    assert!(direct.iter().map(|found| found.username.as_str()).eq(["alice"]));
    let endpoint = AllProjectMembers::builder().project(project.id).build()?;
    let everybody: Vec<Member> = paged(endpoint, Pagination::AllPerPageLimit(1)).query(bob)?;
    let levels: Vec<(&str, u64)> = everybody
        .iter()
        .map(|found| (found.username.as_str(), found.access_level))
        .collect();
    assert_eq!(levels, [("root", 50), ("alice", 20), ("bob", 40)]);
    let mut endpoint = AllProjectMember::builder();
    let inherited: Member = endpoint.project(project.id).user(member.id).build()?.query(bob)?;
    assert_eq!(inherited.access_level, 20);

    let mut endpoint = EditProjectMember::builder();
    endpoint.project(project.id).user(alice);
    let changed: Member = endpoint.access_level(AccessLevel::Developer).build()?.query(bob)?;
    assert_eq!(changed.access_level, 30);
    let wrong = endpoint.access_level(AccessLevel::Admin).build()?;
    let message = json!({ "access_level": ["is not included in the list"] });
    refused(400, message, Query::<Member, _>::query(&wrong, bob));
    let endpoint = RemoveProjectMember::builder().project(project.id).user(alice).build()?;
    api::ignore(endpoint).query(bob)?;
    let gone = ProjectMember::builder().project(project.id).user(alice).build()?;
    refused(404, "404 Not found", Query::<Member, _>::query(&gone, bob));
    Ok(())
}

fn end(root: &Gitlab, bob: &Gitlab, user: &User, group: &Group, project: &Project) -> Outcome {
    let endpoint = RemoveGroupMember::builder().group(group.id).user(user.id).build()?;
    api::ignore(endpoint).query(root)?;
    let hidden = GetProject::builder().project(project.id).build()?;
    refused(404, "404 Project Not Found", Query::<Project, _>::query(&hidden, bob));
    api::ignore(BlockUser::builder().user(user.id).build()?).query(root)?;
    let blocked: User = GetUser::builder().user(user.id).build()?.query(root)?;
    assert_eq!(blocked.state, "blocked");

    let get = GetGroup::builder().group(group.id).build()?;
    api::ignore(DeleteGroup::builder().group(group.id).build()?).query(root)?;
    let marked: Group = get.query(root)?;
    assert!(marked.marked_for_deletion_on.is_some());
    let endpoint = DeleteGroup::builder()
        .group(group.id)
        .permanently_remove(true)
        .full_path(marked.full_path)
        .build()?;
    api::ignore(endpoint).query(root)?;
    refused(404, "404 Group Not Found", Query::<Group, _>::query(&get, root));
    Ok(())
}
