"""How much the size of the table matters: larger ones against the first."""

import statistics
import time
from contextlib import ExitStack

from harness.addresses import BY_CURSOR, gets, newest_ids
from harness.figures import Fact, Figure, milliseconds
from harness.load import CREATES, NEWEST, Client, at_random, fire
from harness.machine import memory_of
from harness.reads import deep, in_megabytes
from harness.servers import start_landfall

KINDS = {"scale-list": "newest page", "scale-get": "get one", "scale-create": "create"}
RATIO, P99 = 0.9, 1.5


def measure(options, home, data):
    sizes = [options.rows, *options.scale]
    databases = {rows: data.file(rows) for rows in options.scale}
    # Creates change the first table most.
    databases[options.rows] = data.copy(options.rows, "scale")
    if options.wants("scale-start"):
        for rows in sizes:
            yield starts(options, home, rows, databases[rows])
    if options.wants("scale-walk", "scale-deep", "scale-memory"):
        for rows in sizes:
            yield from alone(options, home, rows, databases[rows])
    wanted = {kind: name for kind, name in KINDS.items() if options.wants(kind)}
    if wanted:
        yield from together(options, home, sizes, databases, wanted)


def starts(options, home, rows, database):
    """From the start of the process to the end of its first answer, a list."""
    times = [first_answer(options, home, f"sqlite:{database}", f"{NEWEST}&per_page=20") for _ in range(options.rounds * 2 + 1)]
    return Fact(f"start to the first answer, {rows:,} deployments", milliseconds(times), "50 ms")


def first_answer(options, home, database, path):
    began = time.monotonic()
    with start_landfall(options.programs, home, database) as landfall:
        Client(landfall.url).get(path)
        return time.monotonic() - began


def alone(options, home, rows, database):
    with start_landfall(options.programs, home, f"sqlite:{database}", 0, 1) as landfall:
        client, idle = Client(landfall.url), memory_of(landfall.pid)
        if options.wants("scale-deep"):
            fact = deep(client)
            yield Fact(f"{rows:,} deployments: {fact.name}", fact.value, fact.target)
        if options.wants("scale-walk"):
            yield walk(client, rows)
        if options.wants("scale-memory"):
            yield Fact(f"{rows:,} deployments: memory, idle", in_megabytes(idle), "12 MB anonymous")
            loaded = in_megabytes(memory_of(landfall.pid))
            yield Fact(f"{rows:,} deployments: memory, after these", loaded, "100 MB anonymous")


def walk(client, rows):
    """All of the busy project by cursor; how long a part takes in the first tenth and in the last."""
    times, began = [], time.monotonic()
    for _ in client.walk(f"{BY_CURSOR}&per_page=100"):
        times.append(time.monotonic() - began)
        began = time.monotonic()
    tenth = max(len(times) // 10, 1)
    first, last = (statistics.median(part) * 1000 for part in (times[:tenth], times[-tenth:]))
    value = f"{first:.2f} ms a part of 100 in the first tenth, {last:.2f} in the last; all {len(times):,} in {sum(times):.0f} s"
    return Fact(f"{rows:,} deployments: walk by cursor through the busy project", value, "flat")


def together(options, home, sizes, databases, wanted):
    """Rounds that go through all sizes. What is read fits into memory, and is as much everywhere."""
    with ExitStack() as stack:
        servers = {}
        for rows in sizes:
            landfall = start_landfall(options.programs, home, f"sqlite:{databases[rows]}", 0, 1)
            servers[rows] = stack.enter_context(landfall)
        ids = min(len(newest_ids(Client(server.url), 10_000)) for server in servers.values())
        for kind, name in wanted.items():
            loads = {}
            for rows, server in servers.items():
                newest = gets(newest_ids(Client(server.url), ids))
                loads[rows] = {
                    "scale-list": at_random(home, [f"{NEWEST}&per_page=20"]),
                    "scale-get": at_random(home, newest),
                    "scale-create": CREATES,
                }[kind]

            def side(rows):
                return fire([servers[rows]], loads[rows], options)

            yield from against_first(options, sizes, name, side)


def against_first(options, sizes, name, side):
    """Each round measures all sizes; the first one is the other side of every figure."""
    first, *larger = sizes
    figures = {rows: Figure(f"{name}, {rows:,} deployments", RATIO, f"{first:,}", P99) for rows in larger}
    for number in range(options.rounds + (not options.quick)):
        runs = {rows: side(rows) for rows in sizes}
        if number or options.quick:
            for rows, figure in figures.items():
                figure.add(runs[rows], runs[first])
    return figures.values()
