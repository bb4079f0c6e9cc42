"""What users of python-gitlab do, with the package as it is published; any surprise ends it with a traceback."""

import os

import gitlab

import deployments
import environments
import hooks
import people
import projects
import repository
import tokens
from world import URL, client, equal, refused


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
    equal(alice.http_get("/metadata")["version"], version)
    bearer = gitlab.Gitlab(URL, oauth_token=os.environ["ALICE"])
    bearer.auth()
    equal(bearer.user.id, alice.user.id)
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", client("nonsense").auth)
    return root, alice


def main():
    root, alice = who_am_i()
    project = projects.found_by(root, alice)
    deployments.journey(alice, project)
    environments.journey(alice, project)
    repository.journey(root, alice)
    projects.journey(root, alice)
    people.journey(root)
    tokens.journey(root, alice)
    hooks.journey(root, project)


main()
