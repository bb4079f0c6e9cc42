"""The measuring part of bench/run: Python's standard library, wrk and nginx."""

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: bench/run --write -->", "<!-- end of figures -->"
TOKEN = "token-of-the-benchmark"
DEPLOYMENTS = "/api/v4/projects/1/deployments"
CONNECTIONS = 32
TICKS = os.sysconf("SC_CLK_TCK")

NGINX = """
daemon off;
pid {home}/nginx.pid;
error_log {home}/nginx.log;
worker_processes 1;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=10m;
    open_file_cache_valid 10m;
    client_body_temp_path {home}/t1;
    proxy_temp_path {home}/t2;
    fastcgi_temp_path {home}/t3;
    uwsgi_temp_path {home}/t4;
    scgi_temp_path {home}/t5;
    server {{
        listen 127.0.0.1:{port};
        root {home}/static;
    }}
}}
"""


@dataclass
class Run:
    """One side of one round. Times in microseconds."""

    rate: float
    p50: float
    p99: float
    cpu: float


@dataclass
class Figure:
    """A line of the table: what was measured, on which two sides, and what is aimed at."""

    name: str
    target: float
    against: str
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)

    def ratios(self):
        return sorted(a.rate / b.rate for a, b in zip(self.ours, self.theirs))

    def measure(self, options, ours, theirs):
        """Both sides in turn, so that a slow minute of the machine hits both. The first round only warms up."""
        for number in range(options.rounds + (not options.quick)):
            a, b = ours(), theirs()
            if number or options.quick:
                self.ours.append(a)
                self.theirs.append(b)
        return self


def pinned(core):
    """Puts a command on one core: the servers on the first and wrk on the second, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core])] if len(cores) > 1 else []


def tree(pid):
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_of(pid):
    """Processor time of a process and its children so far, in microseconds."""
    total = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total * 1_000_000 / TICKS


def memory_of(pid):
    """Resident and anonymous memory in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "RssAnon"))


class Server:
    """A process that serves at an address and ends with its `with`."""

    def __init__(self, command, url, log, **options):
        with open(log, "a") as errors:
            self.process = subprocess.Popen(command, stderr=errors, **options)
        self.url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid


def start_landfall(programs, home, database, prefix=(), threads=None):
    """Starts Landfall and waits for its ready line. The second value is how long that took, in milliseconds."""
    command = [*prefix, programs / "landfall", "serve", "--listen", "127.0.0.1:0", "--data-dir", home / "data"]
    command += ["--database-url", f"sqlite:{database}", *(["--threads", str(threads)] if threads else [])]
    began = time.monotonic()
    environment = {"PATH": os.environ["PATH"]}
    server = Server(command, None, home / "landfall.log", stdout=subprocess.PIPE, text=True, cwd=home, env=environment)
    line = server.process.stdout.readline()
    if " ready at " not in line:
        sys.exit(f"landfall did not start: {(home / 'landfall.log').read_text()}")
    server.url = line.split(" ready at ")[1].strip()
    return server, (time.monotonic() - began) * 1000


def start_nginx(home):
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(NGINX.format(home=home, port=port, user=user))
    log = home / "nginx.log"
    command = [*pinned(0), "nginx", "-p", home, "-c", home / "nginx.conf", "-e", log]
    server = Server(command, f"http://127.0.0.1:{port}", log)
    for _ in range(200):
        try:
            urllib.request.urlopen(server.url + "/ready").read()
            return server
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nginx did not start: {log.read_text()}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, path):
    request = urllib.request.Request(url + path, headers={"PRIVATE-TOKEN": TOKEN})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def load(server, arguments, seconds, prefix):
    """One run of wrk."""
    before = cpu_of(server.pid)
    command = [*prefix, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", HERE / "wrk.lua"]
    command += ["-H", f"PRIVATE-TOKEN: {TOKEN}", server.url, "--", *arguments]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60 + seconds).stdout
    return result(json.loads(printed.strip().splitlines()[-1]), cpu_of(server.pid) - before)


def result(told, cpu):
    if told["errors"] or not told["requests"]:
        sys.exit(f"there were errors: {told}")
    requests = told["requests"]
    return Run(requests * 1e6 / told["duration"], told["p50"], told["p99"], cpu / requests)


def store_bodies(url, home, pages):
    """Writes what Landfall answers to files for nginx. Tells for each kind of request wrk's word, both paths and the
    size of a body."""
    newest = f"{DEPLOYMENTS}?order_by=id&sort=desc"
    # The first with a job, as most have one.
    one = next(row["id"] for row in json.loads(get(url, f"{newest}&per_page=100")[1]) if row["deployable"])
    static = home / "static"
    (static / "pages").mkdir(parents=True)
    (static / "ready").write_text("ready")

    def store(path, name):
        body = get(url, path)[1]
        (static / name).write_bytes(body)
        return f"{len(body) / 1000:.{0 if len(body) > 10_000 else 1}f} kB"

    paths = {"list20": f"{newest}&per_page=20", "list100": f"{newest}&per_page=100", "one": f"{DEPLOYMENTS}/{one}"}
    kinds = {name: ("get", path, f"/{name}", store(path, name)) for name, path in paths.items()}
    page = f"{newest}&per_page=20&page={{}}"
    sizes = [store(page.format(number), f"pages/{number}") for number in range(1, pages + 1)]
    kinds["pages"] = ("pages", page, "/pages/{}", sizes[0])
    return kinds


def measure_reads(options, home, database):
    """Lists and single deployments against nginx with the same bytes in files; each server on one core."""
    figures = []
    landfall, _ = start_landfall(options.programs, home, database, pinned(0), 1)
    with landfall:
        idle = memory_of(landfall.pid)
        # Above 10,000 no total is told.
        total = int(get(landfall.url, f"{DEPLOYMENTS}?per_page=1")[0].get("X-Total") or 10_000)
        pages = min(400, total // 20)
        kinds = store_bodies(landfall.url, home, pages)
        wanted = [
            ("list20", "list of 20 ({}), hot", 0.85),
            ("pages", f"list of 20 ({{}}), one of {pages} pages at random", 0.65),
            ("list100", "list of 100 ({}), hot", 0.9),
            ("one", "get one ({}), hot", 1.0),
        ]
        with start_nginx(home) as nginx:
            for name, title, target in wanted:
                kind, ours, theirs, size = kinds[name]

                def side(server, path):
                    return lambda: load(server, [kind, path, str(pages)], options.seconds, pinned(1))

                figure = Figure(title.format(size), target, "nginx")
                figures.append(figure.measure(options, side(landfall, ours), side(nginx, theirs)))
        return figures, {"idle": idle, "loaded": memory_of(landfall.pid)}


def measure_creates(options, home, database):
    """Creates against bare inserts, each in a copy of the database, on all cores."""
    created, bare = home / "created.db", home / "bare.db"
    shutil.copy(database, created)
    shutil.copy(database, bare)
    figure = Figure(f"create, {CONNECTIONS} connections, one project, SQLite", 0.65, "bare inserts")
    landfall, _ = start_landfall(options.programs, home, created)
    with landfall:
        ours = lambda: load(landfall, ["create", DEPLOYMENTS], options.seconds, [])
        return figure.measure(options, ours, lambda: bare_inserts(options, bare))


def bare_inserts(options, database):
    command = [options.programs / "examples" / "bare_inserts", database, str(CONNECTIONS), str(options.seconds)]
    before = os.times()
    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60 + options.seconds)
    told = json.loads(finished.stdout)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return result(told, cpu * 1e6)


def measure_starts(options, home, database):
    """Milliseconds from the start of the process to the line that says that requests are answered."""
    times = []
    for _ in range(options.rounds):
        server, took = start_landfall(options.programs, home, database)
        server.__exit__()
        times.append(took)
    return statistics.median(times)


def table(figures):
    lines = [
        "| what | against | ratio (lowest to highest) | target | requests/s | p50 ms | p99 ms | CPU µs a request |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]

    def both(figure, key, form):
        return " / ".join(form.format(statistics.median(key(run) for run in side)) for side in (figure.ours, figure.theirs))

    for figure in figures:
        ratios = figure.ratios()
        cells = [
            figure.name,
            figure.against,
            f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            f"{figure.target:.2f}",
            both(figure, lambda run: run.rate, "{:,.0f}"),
            both(figure, lambda run: run.p50 / 1000, "{:.2f}"),
            both(figure, lambda run: run.p99 / 1000, "{:.1f}"),
            both(figure, lambda run: run.cpu, "{:.0f}"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def report(options, figures, memory, start):
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    binary = (options.programs / "landfall").stat().st_size / 1e6
    return "\n".join([
        f"{options.rows:,} deployments in 500 projects, a third of them in one; {options.rounds} rounds of "
        f"{options.seconds} s on {len(os.sched_getaffinity(0))} cores of {model}.",
        "Medians, Landfall first; 1.00 is the speed of the other side.",
        "",
        *table(figures),
        "",
        f"Memory idle: {memory['idle'][0]:.0f} MB resident, {memory['idle'][1]:.0f} MB of it anonymous; after the lists: "
        f"{memory['loaded'][0]:.0f} MB, {memory['loaded'][1]:.0f} MB. Start to ready: {start:.0f} ms. "
        f"Program: {binary:.1f} MB.",
    ])


def write_document(text):
    document = DOCUMENT.read_text()
    before, rest = document.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures Landfall; prints a table of ratios.")
    parser.add_argument("--rows", type=int, default=10_000, help="deployments (default: 10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each figure (default: 5)")
    parser.add_argument("--seconds", type=int, default=2, help="length of one side of a round (default: 2)")
    parser.add_argument("--quick", action="store_true", help="every part once, with little data")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.rows, options.rounds, options.seconds = 600, 1, 1
    return options


def main():
    options = arguments()
    # Beside the programs and not in /tmp, which may be memory: the disk is part of what is measured.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.programs) as home:
        home = Path(home)
        database = home / "landfall.db"
        subprocess.run([options.programs / "examples" / "bench_data", database, TOKEN, str(options.rows)], check=True)
        start = measure_starts(options, home, database)
        figures, memory = measure_reads(options, home, database)
        figures.append(measure_creates(options, home, database))
        text = report(options, figures, memory, start)
    if options.quick:
        text = "(A quick pass, without optimisation: the figures mean nothing.)\n\n" + text
    print(text)
    if options.write and not options.quick:
        write_document(text)


main()
