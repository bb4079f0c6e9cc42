"""Requests: one by one from here, and many at a time from wrk."""

import http.client
import itertools
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harness.machine import cpu_of, pinned

SCRIPT = Path(__file__).resolve().parent.parent / "wrk.lua"
TOKEN = "token-of-the-benchmark"
DEPLOYMENTS = "/api/v4/projects/1/deployments"
NEWEST = f"{DEPLOYMENTS}?order_by=id&sort=desc"
FORM = "application/x-www-form-urlencoded"
CREATE = "environment=production&sha=a91957a858320c0e17f3a0eca7cfacbff50ea29a&ref=main&tag=false&status=running"
CONNECTIONS = 32


@dataclass
class Run:
    """One side of one round. Times in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


class Client:
    """One connection to a server."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def ask(self, method, path, body=None):
        """Answers the headers and the body."""
        headers = {"PRIVATE-TOKEN": TOKEN} | ({"Content-Type": FORM} if body else {})
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        told = answer.read()
        if answer.status not in (200, 201):
            sys.exit(f"{path} was answered {answer.status}: {told[:300]}")
        return answer.headers, told

    def get(self, path):
        return self.ask("GET", path)

    def create(self):
        """Records a deployment. All that was written before it is there then, also what nobody waited for."""
        return json.loads(self.ask("POST", DEPLOYMENTS, CREATE)[1])

    def rows(self, path):
        return json.loads(self.get(path)[1])

    def walk(self, query):
        """The addresses of a walk by cursor, one after the other, each with its rows' bytes."""
        path = f"{DEPLOYMENTS}?{query}"
        while path:
            headers, body = self.get(path)
            yield path, body
            link = re.search(r'<([^>]*)>; rel="next"', headers.get("Link", ""))
            path = link and "{0.path}?{0.query}".format(urlsplit(link[1]))


@dataclass
class Load:
    """What wrk sends: a kind that its script knows, and the file or path that goes with it."""

    kind: str
    arguments: tuple


_numbers = itertools.count()


def in_turn(home, lines, kind="in-turn"):
    """One address after the other and then from the beginning."""
    file = home / f"load-{next(_numbers)}"
    file.write_text("".join(f"{line}\n" for line in lines))
    return Load(kind, (file,))


def at_random(home, lines):
    """Any of these addresses each time."""
    return in_turn(home, lines, "at-random")


CREATES = Load("create", (DEPLOYMENTS, CREATE))


def command(server, load, seconds, connections, prefix):
    arguments = [*prefix, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", SCRIPT]
    arguments += ["-H", f"PRIVATE-TOKEN: {TOKEN}", server.url, "--", load.kind, *load.arguments]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def fire(servers, load, options, connections=CONNECTIONS, core=1, also=()):
    """Loads one server, or several at once, with so many connections in all; answers what came of it. `also` are
    processes whose time counts, too."""
    prefix = [] if core is None else pinned(core)
    pids = [*(server.pid for server in servers), *also]
    before = sum(map(cpu_of, pids))
    running = [command(server, load, options.seconds, connections // len(servers), prefix) for server in servers]
    told = [result(process) for process in running]
    requests = sum(one["requests"] for one in told)
    rate = sum(one["requests"] * 1e6 / one["duration"] for one in told)
    p50, p99 = (max(one[key] for one in told) for key in ("p50", "p99"))
    return Run(rate, p50, p99, (sum(map(cpu_of, pids)) - before) / requests)


def result(process):
    """The line of JSON that a load ends with."""
    printed, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{process.args[0]} failed")
    told = json.loads(printed.strip().splitlines()[-1])
    if told["errors"] or not told["requests"]:
        sys.exit(f"there were errors: {told}")
    return told
