"""Creates and updates against bare ones, on all cores."""

import json
import os
import subprocess
from contextlib import ExitStack

from harness.figures import Figure
from harness.load import CONNECTIONS, CREATES, DEPLOYMENTS, Client, Run, fire, in_turn, result
from harness.machine import cpu_of
from harness.servers import start_landfall

# Deployments that are changed in turn.
UPDATED = 20_000


def measure(options, home, data):
    if options.wants("create"):
        yield creates(options, home, data)
    if options.wants("update"):
        yield updates(options, home, data)
    for nodes, name in ((1, "one node"), (2, "two nodes")):
        if options.wants(f"create-postgres-{nodes}"):
            yield creates_on_postgres(options, home, data, nodes, name)


def creates(options, home, data):
    figure = Figure(f"create, {CONNECTIONS} connections, one project, SQLite", 0.65, "bare inserts")
    created, bare = data.copy(options.rows, "created"), data.copy(options.rows, "bare-created")
    with start_landfall(options.programs, home, f"sqlite:{created}") as landfall:
        ours = lambda: fire([landfall], CREATES, options, core=None)
        return figure.measure(options, ours, lambda: run_bare(options, "bare_writes", "inserts", bare))


def updates(options, home, data):
    figure = Figure(f"update of a status, {CONNECTIONS} connections, random rows, SQLite", None, "bare updates")
    updated, bare = data.copy(options.rows, "updated"), data.copy(options.rows, "bare-updated")
    with start_landfall(options.programs, home, f"sqlite:{updated}") as landfall:
        ours = lambda: fire([landfall], statuses(landfall, home), options, core=None)
        return figure.measure(options, ours, lambda: run_bare(options, "bare_writes", "updates", bare))


def statuses(landfall, home):
    """Finished deployments in no order, each with its status of now."""
    client, lines = Client(landfall.url), []
    client.create()
    for _, body in client.walk("order_by=id&sort=desc&pagination=keyset&per_page=100"):
        rows = [row for row in json.loads(body) if row["status"] in ("success", "failed")]
        lines += [f"{DEPLOYMENTS}/{row['id']} {row['status']}" for row in rows]
        if len(lines) >= UPDATED:
            break
    # Multiplying by an odd number spreads the ids over everything.
    lines.sort(key=lambda line: int(line.split()[0].rpartition("/")[2]) * 0x9E3779B1 % 2**32)
    return in_turn(home, lines, "update")


def creates_on_postgres(options, home, data, nodes, name):
    figure = Figure(f"create, {CONNECTIONS} connections, one project, PostgreSQL, {name}", 0.6, "bare batches")
    created = data.on_postgres(options.rows, f"created_{nodes}")
    bare = data.on_postgres(options.rows, f"bare_{nodes}")
    server = data.postgres.pid
    with ExitStack() as stack:
        landfalls = [stack.enter_context(start_landfall(options.programs, home, created)) for _ in range(nodes)]
        ours = lambda: fire(landfalls, CREATES, options, core=None, also=[server])
        return figure.measure(options, ours, lambda: run_bare(options, "bare_batches", bare, nodes, also=[server]))


def run_bare(options, program, *arguments, also=()):
    command = [options.programs / "examples" / program, *map(str, arguments), str(CONNECTIONS), str(options.seconds)]
    before, others = os.times(), sum(map(cpu_of, also))
    told = result(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    cpu = cpu * 1e6 + sum(map(cpu_of, also)) - others
    return Run(told["requests"] * 1e6 / told["duration"], told["p50"], told["p99"], cpu / told["requests"])
