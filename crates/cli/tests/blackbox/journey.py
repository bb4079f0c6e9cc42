"""What users of python-gitlab do, with the package as it is published; any surprise ends it with a traceback."""

import datetime
import os
import sys
import time

import gitlab

URL = sys.argv[1]
PATH = "team/web/app.one"
SHA = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"


def client(token, **options):
    return gitlab.Gitlab(URL, private_token=token, **options)


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def refused(kind, status, message, call, *arguments, **options):
    """The call must be refused with this class of error, status and message."""
    try:
        call(*arguments, **options)
    except gitlab.exceptions.GitlabError as error:
        equal((type(error), error.response_code, error.error_message), (kind, status, message))
    else:
        raise AssertionError(f"{call} was not refused")


def who_am_i():
    root = client(os.environ["ROOT"])
    root.auth()
    equal(root.user.username, "root")
    equal(root.user.is_admin, True)
    alice = client(os.environ["ALICE"])
    alice.auth()
    equal((alice.user.username, alice.user.name, alice.user.email), ("alice", "Alice Smith", "alice@example.com"))
    version, revision = alice.version()
    assert version[0].isdigit() and revision, (version, revision)
    bearer = gitlab.Gitlab(URL, oauth_token=os.environ["ALICE"])
    bearer.auth()
    equal(bearer.user.id, alice.user.id)
    return root, alice


def projects(root, alice):
    found = alice.projects.list(membership=True, search="app.o", iterator=True)
    equal([project.path_with_namespace for project in found], [PATH])
    equal(alice.projects.list(membership=True, search="tool"), [])
    everything = alice.projects.list(get_all=True, order_by="path", sort="asc")
    equal([project.path for project in everything], ["app.one"] + [f"tool-{n}" for n in range(1, 6)])
    walked = root.projects.list(pagination="keyset", order_by="id", sort="asc", per_page=2, iterator=True)
    equal([project.id for project in walked], sorted(project.id for project in everything))
    by_path = alice.projects.get(PATH)
    by_id = alice.projects.get(by_path.id)
    equal(by_id.attributes, by_path.attributes)
    equal((by_id.name_with_namespace, by_id.visibility), ("team / web / app.one", "private"))
    lazy = alice.projects.get(by_id.id, lazy=True)
    equal(lazy.deployments.list(), [])
    return by_path


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
    refused(gitlab.GitlabUpdateError, 400, {"status": [again]}, project.deployments.update, made[0].id, {"status": "success"})


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
    refused(gitlab.GitlabHttpError, 400, "Cannot destroy running deployment", alice.http_delete, f"{place}/{made[6].id}")
    live = "Deployment currently deployed to environment"
    refused(gitlab.GitlabHttpError, 400, live, alice.http_delete, f"{place}/{made[7].id}")
    refused(gitlab.GitlabHttpError, 404, "404 Not found", alice.http_delete, f"{place}/{made[3].id}")


def environments(alice, project):
    def names(**filters):
        return [environment.name for environment in project.environments.list(iterator=True, per_page=2, **filters)]

    equal(names(), ["staging", "production"])
    new = {"name": "review/feature-1", "external_url": "https://feature-1.example.com"}
    review = project.environments.create(new)
    equal((review.state, review.tier, review.project["path_with_namespace"]), ("available", "development", PATH))
    review.description = "For the feature"
    review.tier = "testing"
    review.save()
    equal((review.description, review.tier), ("For the feature", "testing"))
    equal(names(search="FEAT"), ["review/feature-1"])
    equal(names(name="production"), ["production"])
    taken = ["Name has already been taken", "Slug has already been taken"]
    refused(gitlab.GitlabCreateError, 400, taken, project.environments.create, new)
    wrong = {"external_url": ["URI is invalid"]}
    refused(gitlab.GitlabUpdateError, 400, wrong, project.environments.update, review.id, {"external_url": "http://${X}"})

    refused(gitlab.GitlabDeleteError, 403, "403 Forbidden", review.delete)
    equal(review.stop()["state"], "stopped")
    equal(names(states="stopped"), ["review/feature-1"])
    production = project.environments.get(names_to_ids(project)["production"])
    equal((production.last_deployment["iid"], production.last_deployment["status"]), (8, "success"))
    production.stop()
    equal(project.environments.get(production.id).state, "stopped")
    old = {"before": "2020-01-01T00:00:00Z"}
    stopped = alice.http_post(f"/projects/{project.id}/environments/stop_stale", post_data=old)
    equal(stopped, {"message": "Successfully requested stop for all stale environments"})
    again = {"environment": "production", "sha": SHA, "ref": "release-1", "tag": False, "status": "success"}
    revived = project.deployments.create(again)
    equal(project.environments.get(production.id).state, "available")
    equal(project.environments.get(production.id).last_deployment["id"], revived.id)
    review.delete()
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.environments.get, review.id)


def names_to_ids(project):
    return {environment.name: environment.id for environment in project.environments.list(get_all=True)}


def refusals(alice, project):
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", client("nonsense").auth)
    nobody = gitlab.Gitlab(URL).projects.get(project.id, lazy=True)
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", nobody.deployments.list)
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", alice.projects.get, "team/web/nothing")
    refused(gitlab.GitlabGetError, 404, "404 Not found", project.deployments.get, 999_999)
    new = {"environment": "production", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
    create = project.deployments.create
    wrong = "status does not have a valid value"
    refused(gitlab.GitlabCreateError, 400, wrong, create, {**new, "status": "done"})
    refused(gitlab.GitlabCreateError, 400, "sha is empty", create, {**new, "sha": " "})
    refused(gitlab.GitlabCreateError, 400, {"sha": ["The commit does not exist"]}, create, {**new, "sha": "HEAD"})
    reader = client(os.environ["READER"]).projects.get(PATH)
    equal(len(reader.deployments.list(get_all=True)), 9)
    refused(gitlab.GitlabCreateError, 403, "insufficient_scope", reader.deployments.create, new)
    refused(gitlab.GitlabListError, 400, "order_by does not have a valid value", project.deployments.list, order_by="x")
    tool = alice.projects.get("team/tool-1")
    refused(gitlab.GitlabCreateError, 403, "403 Forbidden", tool.deployments.create, new)


def code(root, alice):
    """What stands in a repository, and which merge requests a deployment brought."""
    project = alice.projects.get("team/tool-5")
    commits = project.commits.list(get_all=True)
    equal([commit.title for commit in commits], ["Squashed (#3)", "Merge branch 'topic' into 'main'", "Work", "Start"])
    equal([commit.title for commit in project.commits.list(query_parameters={"path": "file"}, iterator=True, per_page=1)], ["Work", "Start"])
    work = project.commits.get(commits[2].id)
    equal((work.stats, work.parent_ids), ({"additions": 1, "deletions": 0, "total": 1}, [commits[3].id]))
    equal([ref["name"] for ref in work.refs(type="branch")], ["main", "topic"])
    equal([request["iid"] for request in work.merge_requests()], [7])
    branches = project.branches.list(get_all=True)
    equal([(branch.name, branch.merged, branch.default) for branch in branches], [("main", False, True), ("topic", True, False)])
    equal(project.branches.get("topic").commit["id"], work.id)
    equal([tag.name for tag in project.tags.list(get_all=True)], ["v1.0"])
    equal(project.tags.get("v1.0").commit["id"], commits[3].id)
    compared = project.repository_compare("v1.0", "main")
    equal([commit["title"] for commit in compared["commits"]], [commit.title for commit in commits[2::-1]])
    equal([(diff["new_path"], diff["diff"]) for diff in compared["diffs"]], [("file", "@@ -1 +1,2 @@\n one\n+two\n")])
    equal(project.repository_merge_base(["topic", "main"])["id"], work.id)
    refused(gitlab.GitlabGetError, 404, "404 Branch Not Found", project.branches.get, "missing")

    deployments = root.projects.get(project.id).deployments
    new = {"environment": "production", "ref": "main", "tag": False, "status": "success"}
    first = deployments.create({**new, "sha": commits[3].id})
    second = deployments.create({**new, "sha": commits[0].id})
    equal(first.mergerequests.list(get_all=True), [])
    brought = second.mergerequests.list(get_all=True, order_by="merged_at", sort="asc")
    equal([(request.iid, request.title, request.state) for request in brought], [(7, "Topic", "merged"), (3, "Squashed", "merged")])
    equal(brought[0].web_url, "https://forge.example/team/tool/-/merge_requests/7")
def people(root):
    """Groups, members, users and tokens, as Terraform and its like manage them."""
    user = root.users.create(
        {"email": "bob@example.com", "name": "Bob", "username": "bob", "force_random_password": True, "bio": "builds"}
    )
    equal((user.username, user.state, user.bio), ("bob", "active", "builds"))
    user.name = "Bob Builder"
    user.save()
    equal(root.users.get(user.id).name, "Bob Builder")
    equal((user.block(), root.users.get(user.id).state, user.unblock()), (True, "blocked", True))
    secret = user.personal_access_tokens.create({"name": "ci", "scopes": ["api"], "expires_at": soon()})
    bob = client(secret.token)

    group = root.groups.create({"name": "Crew", "path": "crew"})
    below = root.groups.create({"name": "Inner", "path": "inner", "parent_id": group.id})
    equal([found.id for found in group.subgroups.list()], [below.id])
    member = group.members.create({"user_id": user.id, "access_level": gitlab.const.AccessLevel.DEVELOPER})
    made = bob.projects.create({"name": "app", "namespace_id": below.id})
    equal((made.path_with_namespace, made.permissions["group_access"]["access_level"]), ("crew/inner/app", 30))
    equal([found.username for found in made.members_all.list(query="bob")], ["bob"])
    member.access_level = gitlab.const.AccessLevel.MAINTAINER
    member.save()
    refused(
        gitlab.GitlabCreateError, 409, "Member already exists", group.members.create,
        {"user_id": user.id, "access_level": 40},
    )

    made.path = "renamed"
    made.save()
    equal(bob.projects.get(made.id).path_with_namespace, "crew/inner/renamed")
    project = root.projects.get("crew/inner/renamed")
    project.archive()
    equal(root.projects.get(project.id).archived, True)
    project.unarchive()
    token = made.access_tokens.create({"name": "bot", "scopes": ["api"], "access_level": 30, "expires_at": soon()})
    robot = client(token.token).projects.get(made.id)
    deployed = robot.deployments.create(
        {"environment": "qa", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
    )
    equal(deployed.user["name"], "bot")
    rotated = made.access_tokens.get(token.id).rotate()
    assert rotated["token"] != token.token
    made.access_tokens.delete(rotated["id"])

    equal([found.name for found in bob.personal_access_tokens.list()], ["ci"])
    equal(bob.personal_access_tokens.get("self").name, "ci")
    bob = client(bob.personal_access_tokens.rotate("self")["token"])
    equal(bob.personal_access_tokens.list(state="active")[0].id > secret.id, True)
    member.delete()
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", bob.projects.get, made.id)
    project.delete()
    equal(root.projects.get(project.id).path, f"renamed-deletion_scheduled-{project.id}")
    project.restore()
    equal(root.projects.get("crew/inner/renamed").id, project.id)
    group.delete()


def soon():
    return (datetime.date.today() + datetime.timedelta(days=30)).isoformat()


def main():
    root, alice = who_am_i()
    project = projects(root, alice)
    made = create(project)
    update(project, made)
    lists(project, made)
    pages(project)
    delete(alice, project, made)
    environments(alice, project)
    refusals(alice, project)
    code(root, alice)
    people(root)


main()
