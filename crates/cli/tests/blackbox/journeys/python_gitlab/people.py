"""Users, groups and members, as Terraform and its like manage them."""

import gitlab
from gitlab.const import AccessLevel

from world import client, equal, refused, soon


def journey(root):
    user = users(root)
    secret = user.personal_access_tokens.create({"name": "ci", "scopes": ["api"], "expires_at": soon()})
    bob = client(secret.token)
    group, below = groups(root)
    project = group_members(root, bob, user, group, below)
    project_members(root, project)
    as_somebody_else(root, user)
    end(root, bob, group, project)


def users(root):
    new = {"email": "bob@example.com", "name": "Bob", "username": "bob", "force_random_password": True, "bio": "builds"}
    user = root.users.create(new)
    equal((user.username, user.state, user.bio, user.is_admin), ("bob", "active", "builds", False))
    for other, taken in [({"username": "bobby"}, "Email"), ({"email": "bobby@example.com"}, "Username")]:
        message = f"{taken} has already been taken"
        refused(gitlab.GitlabCreateError, 409, message, root.users.create, {**new, **other})
    user.name = "Bob Builder"
    user.save()
    equal(root.users.get(user.id).name, "Bob Builder")

    equal([found.id for found in root.users.list(username="BOB", get_all=True)], [user.id])
    equal([found.username for found in root.users.list(search="builder", get_all=True)], ["bob"])
    walk = root.users.list(iterator=True, per_page=2)
    equal((walk.total, [found.username for found in walk]), (3, ["bob", "alice", "root"]))
    refused(gitlab.GitlabGetError, 404, "404 User Not Found", root.users.get, 999_999)

    for leave, state, come_back in [
        (user.block, "blocked", user.unblock),
        (user.deactivate, "deactivated", user.activate),
        (user.ban, "banned", user.unban),
    ]:
        leave()
        equal(root.users.get(user.id).state, state)
        blocked = [found.username for found in root.users.list(blocked=True, get_all=True)]
        equal(blocked, ["bob"] if state == "blocked" else [])
        come_back()
        equal(root.users.get(user.id).state, "active")
    return user


def groups(root):
    group = root.groups.create({"name": "Crew", "path": "crew", "description": "Who ships"})
    below = root.groups.create({"name": "Inner", "path": "inner", "parent_id": group.id})
    equal((group.full_path, group.visibility, below.full_name), ("crew", "private", "Crew / Inner"))
    taken = 'Failed to save group {:path=>["has already been taken"]}'
    refused(gitlab.GitlabCreateError, 400, taken, root.groups.create, {"name": "Crew", "path": "crew"})
    equal([found.id for found in group.subgroups.list()], [below.id])
    equal([found.id for found in group.descendant_groups.list()], [below.id])
    equal([found.full_path for found in root.groups.list(search="inn", iterator=True)], ["crew/inner"])
    equal([found.path for found in root.groups.list(top_level_only=True, get_all=True)], ["crew", "team"])
    walk = root.groups.list(iterator=True, per_page=1)
    equal([found.full_path for found in walk], ["crew", "crew/inner", "team", "team/web"])
    group.description = "Who ships it"
    group.save()
    equal(root.groups.get("crew").description, "Who ships it")
    return group, below


def group_members(root, bob, user, group, below):
    member = group.members.create({"user_id": user.id, "access_level": AccessLevel.DEVELOPER, "expires_at": soon()})
    equal((member.username, member.access_level, member.expires_at), ("bob", 30, soon()))
    project = bob.projects.create({"name": "app", "namespace_id": below.id})
    equal((project.path_with_namespace, project.permissions["group_access"]["access_level"]), ("crew/inner/app", 30))
    equal([found.id for found in group.projects.list(include_subgroups=True, get_all=True)], [project.id])
    equal(group.projects.list(get_all=True), [])
    equal([found.id for found in bob.groups.list(get_all=True)], [group.id, below.id])
    member.access_level = AccessLevel.MAINTAINER
    member.save()
    equal(group.members.get(user.id).access_level, 40)
    equal([found.username for found in below.members.list(get_all=True)], ["root"])
    equal([(found.username, found.access_level) for found in below.members_all.list(query="bob")], [("bob", 40)])
    again = {"user_id": user.id, "access_level": AccessLevel.GUEST}
    refused(gitlab.GitlabCreateError, 409, "Member already exists", group.members.create, again)
    return bob.projects.get(project.id)


def project_members(root, project):
    alice = root.users.list(username="alice", get_all=True)[0]
    new = {"username": "alice", "access_level": AccessLevel.REPORTER}
    member = project.members.create(new)
    equal((member.id, member.access_level, member.created_by["username"]), (alice.id, 20, "bob"))
    equal([found.username for found in project.members.list(get_all=True)], ["alice"])
    everybody = project.members_all.list(iterator=True, per_page=1)
    equal([(found.username, found.access_level) for found in everybody], [("root", 50), ("alice", 20), ("bob", 40)])
    equal([found.username for found in project.members_all.list(query="bob")], ["bob"])
    equal(project.members_all.get(alice.id).access_level, 20)
    member.access_level = AccessLevel.DEVELOPER
    member.save()
    equal(project.members.get(alice.id).access_level, 30)
    wrong = {"access_level": ["is not included in the list"]}
    refused(gitlab.GitlabUpdateError, 400, wrong, project.members.update, alice.id, {"access_level": 42})
    refused(gitlab.GitlabCreateError, 404, "404 User Not Found", project.members.create, {**new, "username": "zoe"})
    member.delete()
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.members.get, alice.id)


def as_somebody_else(root, user):
    """An administrator acts for a user."""
    equal(root.http_get("/user", sudo="bob")["id"], user.id)
    equal([found.path for found in root.projects.list(membership=True, sudo=user.id, get_all=True)], ["app"])


def end(root, bob, group, project):
    group.members.delete(bob.http_get("/user")["id"])
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", bob.projects.get, project.id)
    group.delete()
    assert root.groups.get(group.id).marked_for_deletion_on
    group.restore()
    equal(root.groups.get(group.id).marked_for_deletion_on, None)
    group.delete()
    group.delete(permanently_remove=True, full_path=root.groups.get(group.id).full_path)
    refused(gitlab.GitlabGetError, 404, "404 Group Not Found", root.groups.get, group.id)
