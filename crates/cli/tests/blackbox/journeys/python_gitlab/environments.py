"""Environments: made, found, changed, stopped and deleted."""

import gitlab

from world import PATH, SHA, equal, refused


def journey(alice, project):
    review = create(project)
    lists(project, review)
    update(project, review)
    stop(alice, project, review)
    revive(project)
    delete(alice, project, review)


def names(project, **filters):
    found = project.environments.list(iterator=True, per_page=2, **filters)
    return [environment.name for environment in found]


def by_name(project, name):
    (found,) = project.environments.list(name=name, get_all=True)
    return project.environments.get(found.id)


def create(project):
    equal(names(project), ["staging", "production"])
    new = {"name": "review/feature-1", "external_url": "https://feature-1.example.com"}
    review = project.environments.create(new)
    equal((review.state, review.tier, review.project["path_with_namespace"]), ("available", "development", PATH))
    equal((review.external_url, review.slug[:14]), ("https://feature-1.example.com", "review-feature"))
    equal((review.auto_stop_at, review.auto_stop_setting, review.description), (None, "always", None))
    taken = ["Name has already been taken", "Slug has already been taken"]
    refused(gitlab.GitlabCreateError, 400, taken, project.environments.create, new)
    slug = "slug is automatically generated and cannot be changed"
    refused(gitlab.GitlabCreateError, 400, slug, project.environments.create, {"name": "qa", "slug": "qa"})
    shown = project.environments.get(review.id)
    equal((shown.name, shown.last_deployment), ("review/feature-1", None))
    return review


def lists(project, review):
    equal(names(project), ["staging", "production", "review/feature-1"])
    equal(names(project, search="FEAT"), ["review/feature-1"])
    equal(names(project, search="rev"), ["review/feature-1"])
    equal(names(project, name="production"), ["production"])
    equal(names(project, name="Production"), [])
    equal(names(project, states="available"), ["staging", "production", "review/feature-1"])
    equal(names(project, states="stopped"), [])
    listed = project.environments.list(name=review.name, get_all=True)[0]
    equal((listed.id, hasattr(listed, "last_deployment")), (review.id, False))
    short = "400 Bad request - Search query is less than 3 characters"
    refused(gitlab.GitlabListError, 400, short, project.environments.list, search="pr")
    both = "name, search cannot be used together"
    refused(gitlab.GitlabListError, 400, both, project.environments.list, search="pro", name="production")


def update(project, review):
    review.description = "For the feature"
    review.tier = "testing"
    review.save()
    equal((review.description, review.tier), ("For the feature", "testing"))
    changed = project.environments.update(review.id, {"external_url": "https://feature-2.example.com"})
    equal((changed["external_url"], changed["name"]), ("https://feature-2.example.com", "review/feature-1"))
    wrong = {"external_url": ["URI is invalid"]}
    no_url = {"external_url": "http://${X}"}
    refused(gitlab.GitlabUpdateError, 400, wrong, project.environments.update, review.id, no_url)


def stop(alice, project, review):
    refused(gitlab.GitlabDeleteError, 403, "403 Forbidden", review.delete)
    equal(review.stop()["state"], "stopped")
    equal(names(project, states="stopped"), ["review/feature-1"])
    guarded = project.environments.create({"name": "dr", "tier": "production"})
    equal(guarded.auto_stop_setting, "with_action")
    unchanged = "400 Bad request - Attempted to stop the environment but failed to change the status"
    refused(gitlab.exceptions.GitlabStopError, 400, unchanged, guarded.stop)
    equal(guarded.stop(force=True)["state"], "stopped")
    old = {"before": "2020-01-01T00:00:00Z"}
    stopped = alice.http_post(f"/projects/{project.id}/environments/stop_stale", post_data=old)
    equal(stopped, {"message": "Successfully requested stop for all stale environments"})
    equal(names(project, states="available"), ["staging", "production"])


def revive(project):
    """A success makes a stopped environment available again."""
    production = by_name(project, "production")
    equal((production.last_deployment["iid"], production.last_deployment["status"]), (8, "success"))
    production.stop()
    equal(by_name(project, "production").state, "stopped")
    again = {"environment": "production", "sha": SHA, "ref": "release-1", "tag": False, "status": "success"}
    revived = project.deployments.create(again)
    production = by_name(project, "production")
    equal((production.state, production.last_deployment["id"]), ("available", revived.id))


def delete(alice, project, review):
    review.delete()
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.environments.get, review.id)
    project.environments.delete(by_name(project, "dr").id)
    equal(names(project), ["staging", "production"])
    nothing = (
        "No environments found for scheduled deletion. Either your query did not match any environments (default "
        "parameters match environments that are 30 days or older), or you have insufficient permissions to delete "
        "matching environments."
    )
    review_apps = f"/projects/{project.id}/environments/review_apps"
    refused(gitlab.GitlabHttpError, 400, nothing, alice.http_delete, review_apps)
