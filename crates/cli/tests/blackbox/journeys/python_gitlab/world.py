"""Where the journey goes, and how it is judged."""

import datetime
import os

import gitlab

URL = os.environ["URL"]
RECEIVER = os.environ["RECEIVER"]
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


def soon(days=30):
    """A day on which a token or a membership may end."""
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=days)).isoformat()
