"""Deployments: made, changed, listed in every way, deleted; what is refused."""

import os
import time

import gitlab

from world import PATH, SHA, URL, client, equal, refused


def journey(alice, project):
    made = create(project)
    update(project, made)
    lists(project, made)
    pages(project)
    delete(alice, project, made)
    refusals(alice, project)


def create(project):
    """Nine deployments of five minutes' work in one second."""
    made = []
    for number in range(9):
        made.append(
            project.deployments.create(
                {
                    "environment": "production" if number % 3 else "staging",
                    "sha": SHA,
                    "ref": f"release-{9 - number}",
                    "tag": False,
                    "status": ["running", "success", "failed"][number % 3],
                }
            )
        )
        # Times are shown in milliseconds, and filters below use what is shown.
        time.sleep(0.002)
    equal([deployment.iid for deployment in made], list(range(1, 10)))
    return made


def update(project, made):
    running = project.deployments.get(made[0].id)
    equal((running.status, running.environment["name"], running.user["username"]), ("running", "staging", "alice"))
    running.status = "success"
    running.save()
    equal(running.status, "success")
    equal(project.deployments.get(running.id).status, "success")
    canceled = project.deployments.update(made[3].id, {"status": "canceled"})
    equal(canceled["status"], "canceled")
    again = 'cannot transition via "succeed"'
    succeed = {"status": "success"}
    refused(gitlab.GitlabUpdateError, 400, {"status": [again]}, project.deployments.update, made[0].id, succeed)


def lists(project, made):
    def ids(**filters):
        return [deployment.iid for deployment in project.deployments.list(iterator=True, per_page=4, **filters)]

    everything = list(range(1, 10))
    updated = [2, 3, 5, 6, 7, 8, 9, 1, 4]
    for order, expected in {
        "id": everything,
        "iid": everything,
        "created_at": everything,
        "ref": everything[::-1],
        "updated_at": updated,
    }.items():
        equal(ids(order_by=order), expected)
        equal(ids(order_by=order, sort="desc"), expected[::-1])
    finished = [2, 3, 5, 6, 8, 9, 1, 4]
    equal(ids(order_by="finished_at"), finished + [7])
    equal(ids(order_by="finished_at", sort="desc"), [7] + finished[::-1])

    equal(ids(environment="staging"), [1, 4, 7])
    equal(ids(environment="nowhere"), [])
    equal(ids(status="success"), [1, 2, 5, 8])
    equal(ids(status="running", environment="staging"), [7])
    fifth, eighth = (project.deployments.get(made[n].id) for n in (4, 7))
    window = {"order_by": "updated_at", "updated_after": fifth.updated_at, "updated_before": eighth.updated_at}
    # What is shown is cut to milliseconds, so the end of the window may lie before the eighth.
    assert ids(**window) in ([5, 6, 7], [5, 6, 7, 8]), ids(**window)
    done = {"order_by": "finished_at", "status": "success", "finished_after": fifth.updated_at}
    equal(ids(**done), [5, 8, 1])
    equal(ids(finished_before=eighth.updated_at, **done), [5])
    equal(ids(pagination="keyset", order_by="id", sort="desc"), everything[::-1])
    equal([deployment.iid for deployment in project.deployments.list(get_all=True, per_page=2)], everything)


def pages(project):
    walk = project.deployments.list(iterator=True, per_page=4)
    equal((walk.per_page, walk.total_pages, walk.total), (4, 3, 9))
    seen = [(walk.current_page, walk.prev_page, walk.next_page)]
    for _ in walk:
        here = (walk.current_page, walk.prev_page, walk.next_page)
        if here != seen[-1]:
            seen.append(here)
    equal(seen, [(1, None, 2), (2, 1, 3), (3, 2, None)])
    equal([deployment.iid for deployment in project.deployments.list(per_page=4, page=2)], [5, 6, 7, 8])
    equal(project.deployments.list(per_page=4, page=9), [])


def delete(alice, project, made):
    alice.http_delete(f"/projects/{project.id}/deployments/{made[3].id}")
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.deployments.get, made[3].id)
    place = f"/projects/{project.encoded_id}/deployments"
    running = "Cannot destroy running deployment"
    refused(gitlab.GitlabHttpError, 400, running, alice.http_delete, f"{place}/{made[6].id}")
    live = "Deployment currently deployed to environment"
    refused(gitlab.GitlabHttpError, 400, live, alice.http_delete, f"{place}/{made[7].id}")
    refused(gitlab.GitlabHttpError, 404, "404 Not found", alice.http_delete, f"{place}/{made[3].id}")


def refusals(alice, project):
    nobody = gitlab.Gitlab(URL).projects.get(project.id, lazy=True)
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", nobody.deployments.list)
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.deployments.get, 999_999)
    new = {"environment": "production", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
    create = project.deployments.create
    wrong = "status does not have a valid value"
    refused(gitlab.GitlabCreateError, 400, wrong, create, {**new, "status": "done"})
    refused(gitlab.GitlabCreateError, 400, "sha is empty", create, {**new, "sha": " "})
    refused(gitlab.GitlabCreateError, 400, {"sha": ["The commit does not exist"]}, create, {**new, "sha": "HEAD"})
    reader = client(os.environ["READER"]).projects.get(PATH)
    equal(len(reader.deployments.list(get_all=True)), 8)
    refused(gitlab.GitlabCreateError, 403, "insufficient_scope", reader.deployments.create, new)
    refused(gitlab.GitlabListError, 400, "order_by does not have a valid value", project.deployments.list, order_by="x")
    tool = alice.projects.get("team/tool-1")
    refused(gitlab.GitlabCreateError, 403, "403 Forbidden", tool.deployments.create, new)
