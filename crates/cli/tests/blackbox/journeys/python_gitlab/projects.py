"""Projects: found, made, changed, archived and deleted; the ways to go through a list."""

import gitlab

from world import PATH, equal, refused


def found_by(root, alice):
    """Answers the project of the journey."""
    found = alice.projects.list(membership=True, search="app.o", iterator=True)
    equal([project.path_with_namespace for project in found], [PATH])
    equal(alice.projects.list(membership=True, search="tool"), [])
    by_path = alice.projects.get(PATH)
    by_id = alice.projects.get(by_path.id)
    equal(by_id.attributes, by_path.attributes)
    equal((by_id.name_with_namespace, by_id.visibility), ("team / web / app.one", "private"))
    equal(by_id.permissions["project_access"]["access_level"], gitlab.const.AccessLevel.MAINTAINER)
    lazy = alice.projects.get(by_id.id, lazy=True)
    equal(lazy.deployments.list(), [])
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", alice.projects.get, "team/web/nothing")
    lists(root, alice)
    return by_path


def lists(root, alice):
    paths = ["app.one"] + [f"tool-{number}" for number in range(1, 6)]
    everything = alice.projects.list(get_all=True, order_by="path", sort="asc")
    equal([project.path for project in everything], paths)
    newest_first = [project.id for project in alice.projects.list(get_all=True)]
    equal(newest_first, sorted(newest_first, reverse=True))

    for sort in ["asc", "desc"]:
        walk = root.projects.list(pagination="keyset", order_by="id", sort=sort, per_page=2, iterator=True)
        equal(walk.total, None)
        equal([project.id for project in walk], newest_first[:: -1 if sort == "asc" else 1])
    walk = root.projects.list(per_page=4, order_by="path", sort="asc", iterator=True)
    equal((walk.total, walk.total_pages, walk.current_page, walk.next_page), (6, 2, 1, 2))
    equal([project.path for project in walk], paths)
    equal([project.path for project in root.projects.list(per_page=4, page=2, order_by="path", sort="asc")], paths[4:])

    internal = alice.projects.list(visibility="internal", iterator=True, order_by="path", sort="asc")
    equal([project.path for project in internal], paths[1:])
    maintained = alice.projects.list(min_access_level=gitlab.const.AccessLevel.MAINTAINER, get_all=True)
    equal([project.path for project in maintained], ["app.one"])
    simple = alice.projects.list(simple=True, search="app.one", get_all=True)[0]
    equal((simple.path, hasattr(simple, "permissions")), ("app.one", False))


def journey(root, alice):
    """A project of alice's own, from its beginning to its end."""
    project = alice.projects.create({"name": "My Site", "description": "Pages", "default_branch": "trunk"})
    equal((project.path_with_namespace, project.visibility), ("alice/my-site", "private"))
    equal((project.description, project.default_branch, project.owner["username"]), ("Pages", "trunk", "alice"))
    taken = ["has already been taken"]
    message = {"project_namespace.name": taken, "name": taken, "path": taken}
    refused(gitlab.GitlabCreateError, 400, message, alice.projects.create, {"name": "My Site"})
    missing = "name, path are missing, at least one parameter must be provided"
    refused(gitlab.GitlabCreateError, 400, missing, alice.projects.create, {"description": "x"})
    equal([found.id for found in alice.projects.list(owned=True, get_all=True)], [project.id])
    equal([found.id for found in root.users.get(alice.user.id).projects.list(get_all=True)], [project.id])

    project.visibility = "public"
    project.path = "site"
    project.save()
    equal((project.visibility, project.path_with_namespace), ("public", "alice/site"))
    equal(gitlab.Gitlab(alice.url).projects.get("alice/site").id, project.id)
    # The old path leads to the new one.
    equal(alice.projects.get("alice/my-site").path, "site")
    archive(alice, project)
    delete(alice, project)


def archive(alice, project):
    project.archive()
    equal([found.id for found in alice.projects.list(archived=True, iterator=True)], [project.id])
    new = {"environment": "live", "sha": "1" * 40, "ref": "trunk", "tag": False, "status": "success"}
    refused(gitlab.GitlabCreateError, 403, "403 Forbidden", project.deployments.create, new)
    project.unarchive()
    equal(alice.projects.get(project.id).archived, False)
    equal(project.deployments.create(new).status, "success")


def delete(alice, project):
    tool = alice.projects.get("team/tool-1")
    refused(gitlab.GitlabDeleteError, 403, "403 Forbidden", tool.delete)
    project.delete()
    marked = alice.projects.get(project.id)
    equal(marked.path, f"site-deletion_scheduled-{project.id}")
    project.restore()
    equal(alice.projects.get("alice/site").marked_for_deletion_on, None)
    project.delete()
    marked = alice.projects.get(project.id)
    project.delete(permanently_remove=True, full_path=marked.path_with_namespace)
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", alice.projects.get, project.id)
