"""Webhooks of projects, groups and the instance."""

import gitlab

from world import RECEIVER, SHA, equal, refused

URL = "https://receiver.invalid/hook"


def journey(root, project):
    of_project(project)
    sent(project)
    of_group(root)
    of_instance(root)


def of_project(project):
    hook = project.hooks.create({"url": URL, "token": "secret", "push_events": False, "job_events": True})
    equal((hook.url, hook.push_events, hook.job_events, hook.project_id), (URL, False, True, project.id))
    equal((hook.enable_ssl_verification, hook.alert_status, hasattr(hook, "token")), (True, "executable", False))
    hook.name = "chat"
    hook.save()
    equal([(found.id, found.name) for found in project.hooks.list(iterator=True)], [(hook.id, "chat")])
    updated = project.hooks.update(hook.id, {"url": f"{URL}/2", "deployment_events": True})
    equal((updated["url"], updated["deployment_events"], updated["name"]), (f"{URL}/2", True, "chat"))
    equal(project.hooks.get(hook.id).deployment_events, True)
    commits = "Ensure the project has at least one commit."
    refused(gitlab.exceptions.GitlabHookTestError, 422, commits, hook.test, "push_events")
    refused(gitlab.GitlabCreateError, 422, "Invalid url given", project.hooks.create, {"url": "http://127.0.0.2/"})
    hook.delete()
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.hooks.get, hook.id)
    refused(gitlab.GitlabDeleteError, 404, "404 Not found", project.hooks.delete, hook.id)


def sent(project):
    """The receiver looks at what comes: a deployment, and the same as a test."""
    hook = project.hooks.create({"url": RECEIVER, "token": "secret", "push_events": False, "deployment_events": True})
    new = {"environment": "hooked", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
    project.deployments.create(new)
    hook.test("deployment_events")


def of_group(root):
    group = root.groups.get("team")
    hook = group.hooks.create({"url": URL, "deployment_events": True})
    equal((hook.group_id, hook.deployment_events), (group.id, True))
    hook.name = "everything below"
    hook.save()
    equal([found.name for found in group.hooks.list(get_all=True)], ["everything below"])
    hook.delete()
    equal(group.hooks.list(get_all=True), [])


def of_instance(root):
    everywhere = root.hooks.create({"url": URL, "deployment_events": False})
    equal([found.id for found in root.hooks.list()], [everywhere.id])
    equal(root.hooks.get(everywhere.id).url, URL)
    everywhere.delete()
    equal(root.hooks.list(), [])
