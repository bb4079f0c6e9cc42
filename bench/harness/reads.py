"""Lists and single deployments against nginx with the same bytes in files; each server on the first core."""

import random
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from harness.addresses import filtered, gets, near, newest_ids, pages, walked, windows
from harness.figures import Fact, Figure, milliseconds
from harness.load import DEPLOYMENTS, NEWEST, Client, at_random, fire, in_turn, result
from harness.machine import memory_of, pinned
from harness.servers import start_landfall, start_nginx

BENCH = Path(__file__).resolve().parent.parent
# As many other addresses of the same list.
TIMES = 10
# A second.
MANY_CREATES = 480
# 200 deployments a minute, each with a report of its success.
SOME_REPORTS = 400 / 60


class Bench:
    """Landfall on a database, and nginx with what it answers."""

    def __init__(self, options, home, database, landfall, nginx):
        self.options = options
        self.home = home
        self.database = database
        self.landfall = landfall
        self.nginx = nginx
        self.client = Client(landfall.url)
        self.stored = {}

    def store(self, path):
        """Where nginx has what Landfall answers."""
        if path not in self.stored:
            body = self.client.get(path)[1]
            place = f"/files/{len(self.stored)}"
            (self.home / "static" / "files").mkdir(exist_ok=True)
            (self.home / f"static{place}").write_bytes(body)
            self.stored[path] = (place, len(body))
        return self.stored[path]

    def warm(self):
        """Reads the database once, so that the disk is not what is measured."""
        with open(self.database, "rb", buffering=0) as file:
            while file.read(1 << 20):
                pass

    def against_nginx(self, name, target, paths, load=in_turn, most_files=None, connections=32, rate=None):
        """Measures requests for these addresses. `most_files` is where nginx has only some of the answers, `rate` how
        many reports come in meanwhile, each second."""
        files = [self.store(path) for path in paths[:most_files]]
        size = statistics.median(length for _, length in files) / 1000
        title = name.format(size=f"{size:.{0 if size > 10 else 1}f} kB", count=f"{len(paths):,}")
        ours, theirs = load(self.home, paths), load(self.home, [place for place, _ in files])

        def side(server, requests):
            with reports(server, rate, "deploy"):
                return fire([server], requests, self.options, connections)

        figure = Figure(title, target, "nginx")
        return figure.measure(self.options, lambda: side(self.landfall, ours), lambda: side(self.nginx, theirs))


def as_if_new(paths):
    """The same lists under so many addresses that none is still known when its turn comes again."""
    return [f"{path}&time={time}" for time in range(TIMES) for path in paths]


@contextmanager
def reports(server, rate, kind):
    """Lets deployments come in at a steady rate."""
    if not rate:
        yield
        return
    command = [*pinned(1), sys.executable, "-m", "harness.pace", server.url, str(rate), kind]
    pace = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=BENCH)
    time.sleep(0.3)
    yield
    pace.terminate()
    result(pace)


@contextmanager
def bench(options, home, database):
    with start_landfall(options.programs, home, f"sqlite:{database}", 0, 1) as landfall, start_nginx(home) as nginx:
        yield Bench(options, home, database, landfall, nginx)


def measure(options, home, data):
    """What a table of the first size shows; `uncached` and what follows need the larger one."""
    small = ["list20", "pages", "list100", "filtered", "filtered-new", "window", "keyset", "get"]
    if options.wants(*small):
        with bench(options, home, data.file(options.rows)) as at:
            yield from lists(at)
    if options.wants("list-while-creating", "mix"):
        with bench(options, home, data.copy(options.rows, "written")) as at:
            yield from while_writing(at)
    if options.wants("get-random", "totals", "uncached", "deep", "memory"):
        with bench(options, home, data.file(options.large)) as at:
            yield from large(at)


def lists(at):
    wants = at.options.wants
    if wants("list20"):
        yield at.against_nginx("list of 20 ({size}), hot", 0.85, [f"{NEWEST}&per_page=20"])
    if wants("pages"):
        yield at.against_nginx("list of 20 ({size}), one of {count} pages at random", 0.65, pages(at.client), at_random)
    if wants("list100"):
        yield at.against_nginx("list of 100 ({size}), hot", 0.9, [f"{NEWEST}&per_page=100"])
    if wants("filtered"):
        name = "list by environment and status ({size}), {count} in turn, rows in memory"
        yield at.against_nginx(name, 0.5, filtered(at.client))
    if wants("window"):
        name = "list of a time of `updated_at` ({size}), {count} in turn, rows in memory"
        yield at.against_nginx(name, 0.5, windows(at.client))
    if wants("filtered-new"):
        known = filtered(at.client)
        name = "list by environment and status ({size}), {count} in turn, each as if for the first time, rows in memory"
        yield at.against_nginx(name, None, as_if_new(known), most_files=len(known))
    if wants("keyset"):
        name = "walk by cursor ({size}), one of {count} parts at random"
        yield at.against_nginx(name, None, walked(at.client, 400), at_random)
    if wants("get"):
        # The first with a job, as most have one.
        one = next(row["id"] for row in at.client.rows(f"{NEWEST}&per_page=100") if row["deployable"])
        yield at.against_nginx("get one ({size}), hot", 1.0, [f"{DEPLOYMENTS}/{one}"])


def while_writing(at):
    if at.options.wants("mix"):
        client = at.client
        often = [f"{NEWEST}&per_page=20"] * 200
        often += [f"{NEWEST}&per_page=20&environment={name}&status=success" for name in ("production", "staging")] * 50
        paths = often + pages(client)[:100] + gets(newest_ids(client, 400)) + windows(client)[:50]
        name = "64 clients read lists and deployments while 200 a minute are recorded and succeed"
        yield at.against_nginx(name, None, paths, at_random, connections=64, rate=SOME_REPORTS)
    if at.options.wants("list-while-creating"):
        load = at_random(at.home, [f"{NEWEST}&per_page=20"])

        def side(recorder):
            with reports(recorder, MANY_CREATES, "create"):
                return fire([at.landfall], load, at.options)

        figure = Figure(f"list of 20 while {MANY_CREATES} a second are created in the project", 0.8, "the same without")
        # Without: they are sent, too, but to nginx, which takes and forgets them.
        yield figure.measure(at.options, lambda: side(at.landfall), lambda: side(at.nginx))


def large(at):
    wants, client = at.options.wants, at.client
    idle = memory_of(at.landfall.pid)
    if wants("get-random"):
        name = "get one of {count} ({size}) at random"
        yield at.against_nginx(name, None, gets(newest_ids(client, 8_000)), at_random)
    if wants("totals"):
        figure = Figure("lists of 1 to 100 with a total, each as if for the first time, rows in memory", 1.0, "the same by cursor, which counts nothing")
        counted, by_cursor = (in_turn(at.home, as_if_new(paths)) for paths in near(client))
        sides = [lambda load=load: fire([at.landfall], load, at.options) for load in (counted, by_cursor)]
        yield figure.measure(at.options, *sides)
    if wants("uncached"):
        paths = walked(client, 10_000)
        random.Random(1).shuffle(paths)
        at.warm()
        yield at.against_nginx("list of 20 ({size}), {count} in turn, hardly any row in memory", 0.25, paths, most_files=400)
    if wants("deep"):
        yield deep(client)
    if wants("memory"):
        # Whatever was not measured in this run has left no memory behind.
        for path in islice(client.walk("order_by=id&sort=desc&pagination=keyset&per_page=100"), 1_000):
            del path
        loaded = memory_of(at.landfall.pid)
        yield Fact(f"memory with {at.options.large:,} deployments, idle", in_megabytes(idle), "12 MB anonymous")
        yield Fact(f"memory with {at.options.large:,} deployments, after load", in_megabytes(loaded), "100 MB anonymous")


def deep(client):
    """Pages far in, each for the first time."""
    headers, _ = client.get(f"{NEWEST}&per_page=1")
    if "X-Total" in headers:
        offset = int(headers["X-Total"]) * 9 // 10
    else:
        # Above 10,000 no total is told: the last of these that is not empty.
        offset = next((far for far in (500_000, 300_000, 30_000) if client.rows(f"{NEWEST}&per_page=1&page={far + 1}")), 9_000)
    first = offset // 20 + 1
    times = []
    for page in range(first, max(first - 100, 0), -1):
        began = time.monotonic()
        client.get(f"{NEWEST}&per_page=20&page={page}")
        times.append(time.monotonic() - began)
    return Fact(f"page at offset {offset:,}", milliseconds(times), "10 ms")


def in_megabytes(memory):
    return f"{memory[0]:.0f} MB resident, {memory[1]:.0f} MB anonymous"
