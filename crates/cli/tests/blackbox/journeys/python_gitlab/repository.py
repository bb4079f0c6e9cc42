"""What stands in a repository, and which merge requests a deployment brought."""

import gitlab

from world import equal, refused

TITLES = ["Squashed (#3)", "Merge branch 'topic' into 'main'", "Work", "Start"]


def journey(root, alice):
    project = alice.projects.get("team/tool-5")
    commits = project.commits.list(get_all=True)
    log(project, commits)
    refs(project, commits)
    comparisons(project, commits)
    merge_requests(root.projects.get(project.id), commits)


def log(project, commits):
    def titles(**filters):
        found = project.commits.list(query_parameters=filters, iterator=True, per_page=1)
        return [commit.title for commit in found]

    equal([commit.title for commit in commits], TITLES)
    equal(titles(), TITLES)
    equal(titles(path="file"), ["Work", "Start"])
    equal(titles(ref_name="topic"), ["Work", "Start"])
    equal(titles(first_parent=True), ["Squashed (#3)", "Merge branch 'topic' into 'main'", "Start"])
    equal(titles(since="2026-01-01T10:03:00Z"), TITLES[:2])
    equal(titles(until="2026-01-01T10:01:00Z"), ["Start"])
    walk = project.commits.list(iterator=True, per_page=3)
    # GitLab does not count commits.
    equal((walk.per_page, walk.total, walk.total_pages, walk.next_page), (3, None, None, 2))

    _, merge, work, start = commits
    work = project.commits.get(work.id)
    equal((work.stats, work.parent_ids), ({"additions": 1, "deletions": 0, "total": 1}, [start.id]))
    equal((work.author_name, work.author_email, work.message), ("Ada", "ada@example.com", "Work\n"))
    equal((work.authored_date, work.short_id), ("2026-01-01T10:02:00.000+00:00", work.id[:8]))
    equal(project.commits.get(merge.id).parent_ids, [start.id, work.id])
    equal(project.commits.get("topic").id, work.id)
    equal([ref["name"] for ref in work.refs(type="branch")], ["main", "topic"])
    equal([(ref["type"], ref["name"]) for ref in project.commits.get(start.id).refs(type="tag")], [("tag", "v1.0")])
    equal([request["iid"] for request in work.merge_requests()], [7])
    refused(gitlab.GitlabGetError, 404, "404 Commit Not Found", project.commits.get, "0" * 40)


def refs(project, commits):
    branches = project.branches.list(get_all=True)
    shown = [(branch.name, branch.merged, branch.default) for branch in branches]
    equal(shown, [("main", False, True), ("topic", True, False)])
    equal([branch.name for branch in project.branches.list(search="^to", iterator=True)], ["topic"])
    equal(project.branches.get("topic").commit["id"], commits[2].id)
    refused(gitlab.GitlabGetError, 404, "404 Branch Not Found", project.branches.get, "missing")
    tags = project.tags.list(get_all=True)
    equal([(tag.name, tag.target, tag.release) for tag in tags], [("v1.0", commits[3].id, None)])
    equal(project.tags.get("v1.0").commit["id"], commits[3].id)
    refused(gitlab.GitlabGetError, 404, "404 Tag Not Found", project.tags.get, "missing")


def comparisons(project, commits):
    compared = project.repository_compare("v1.0", "main")
    equal([commit["title"] for commit in compared["commits"]], TITLES[2::-1])
    equal([(diff["new_path"], diff["diff"]) for diff in compared["diffs"]], [("file", "@@ -1 +1,2 @@\n one\n+two\n")])
    equal((compared["commit"]["id"], compared["compare_same_ref"]), (commits[0].id, False))
    backwards = project.repository_compare("main", "v1.0")
    equal((backwards["commits"], backwards["diffs"]), ([], []))
    refused(gitlab.GitlabGetError, 404, "404 Ref Not Found", project.repository_compare, "missing", "main")
    equal(project.repository_merge_base(["topic", "main"])["id"], commits[2].id)


def merge_requests(project, commits):
    new = {"environment": "production", "ref": "main", "tag": False, "status": "success"}
    first = project.deployments.create({**new, "sha": commits[3].id})
    second = project.deployments.create({**new, "sha": commits[0].id})
    equal(first.mergerequests.list(get_all=True), [])
    brought = second.mergerequests.list(get_all=True, order_by="merged_at", sort="asc")
    shown = [(request.iid, request.title, request.state) for request in brought]
    equal(shown, [(7, "Topic", "merged"), (3, "Squashed", "merged")])
    equal((brought[0].source_branch, brought[0].target_branch), ("topic", "main"))
    equal(brought[0].web_url, "https://forge.example/team/tool/-/merge_requests/7")
    walk = second.mergerequests.list(iterator=True, per_page=1, order_by="merged_at", sort="desc")
    equal((walk.total, [request.iid for request in walk]), (2, [3, 7]))

    missing = {"sha": ["The commit does not exist"]}
    refused(gitlab.GitlabCreateError, 400, missing, project.deployments.create, {**new, "sha": "0" * 40})
