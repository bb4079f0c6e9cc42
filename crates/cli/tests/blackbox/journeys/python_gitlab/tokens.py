"""Access tokens of people, projects and groups."""

import gitlab

from world import PATH, SHA, client, equal, refused, soon


def journey(root, alice):
    of_people(root, alice)
    of_project(alice.projects.get(PATH))
    of_group(root)


def of_people(root, alice):
    user = root.users.get(alice.user.id)
    create = alice.users.get(user.id).personal_access_tokens.create
    refused(gitlab.GitlabCreateError, 403, "403 Forbidden", create, {"name": "x", "scopes": ["api"]})
    made = user.personal_access_tokens.create(
        {"name": "laptop", "scopes": ["read_api", "self_rotate"], "expires_at": soon(), "description": "On the desk"}
    )
    equal((made.name, made.scopes, made.active, made.expires_at), ("laptop", ["read_api", "self_rotate"], True, soon()))
    holder = client(made.token)
    itself = holder.personal_access_tokens.get("self")
    equal((itself.id, itself.description, itself.user_id), (made.id, "On the desk", user.id))
    assert not hasattr(itself, "token")

    own = alice.personal_access_tokens.list(iterator=True, per_page=1)
    equal([token.user_id for token in own], [user.id] * 3)
    equal([token.id for token in alice.personal_access_tokens.list(search="lap", get_all=True)], [made.id])
    listed = root.personal_access_tokens.list(user_id=user.id, state="active", get_all=True)
    equal([token.id for token in listed][-1], made.id)
    equal(alice.personal_access_tokens.get(made.id).name, "laptop")

    rotated = client(holder.personal_access_tokens.rotate("self", expires_at=soon(7))["token"])
    equal(rotated.personal_access_tokens.get("self").expires_at, soon(7))
    refused(gitlab.GitlabAuthenticationError, 401, "invalid_token", holder.auth)
    again = alice.personal_access_tokens.get(rotated.personal_access_tokens.get("self").id).rotate()
    assert again["token"] and again["revoked"] is False
    alice.personal_access_tokens.delete(again["id"])
    equal(alice.personal_access_tokens.get(again["id"]).revoked, True)
    equal(alice.personal_access_tokens.list(revoked=True, search="laptop", get_all=True)[-1].id, again["id"])


def of_project(project):
    token = project.access_tokens.create({"name": "bot", "scopes": ["api"], "access_level": 30, "expires_at": soon()})
    equal((token.access_level, token.resource_type, token.resource_id), (30, "project", project.id))
    robot = client(token.token).projects.get(project.id)
    new = {"environment": "qa", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
    deployed = robot.deployments.create(new)
    equal(deployed.user["name"], "bot")
    assert deployed.user["username"].startswith(f"project_{project.id}_bot"), deployed.user
    equal([found.name for found in project.access_tokens.list(get_all=True)], ["bot"])
    rotated = project.access_tokens.get(token.id).rotate()
    assert rotated["token"] != token.token
    equal(client(rotated["token"]).projects.get(project.id).id, project.id)
    wrong = {"name": "x", "scopes": ["fly"], "expires_at": soon()}
    message = "scopes does not have a valid value"
    refused(gitlab.GitlabCreateError, 400, message, project.access_tokens.create, wrong)
    project.access_tokens.delete(rotated["id"])
    equal(project.access_tokens.list(state="active", get_all=True), [])
    # What the robot did keeps its name.
    equal(project.deployments.get(deployed.id).user["name"], "bot")


def of_group(root):
    group = root.groups.get("team/web")
    new = {"name": "crew", "scopes": ["read_api"], "access_level": 20, "expires_at": soon()}
    token = group.access_tokens.create(new)
    equal((token.resource_type, token.resource_id, token.access_level), ("group", group.id, 20))
    equal([found.path for found in client(token.token).projects.list(membership=True, get_all=True)], ["app.one"])
    rotated = group.access_tokens.get(token.id).rotate()
    group.access_tokens.delete(rotated["id"])
    equal([found.revoked for found in group.access_tokens.list(get_all=True)], [True, True])
