"""The measuring part of bench/run: Python's standard library, wrk, nginx and PostgreSQL."""

import argparse
import sys
import tempfile
from pathlib import Path

from harness import machine, reads, scale, writes
from harness.data import Data
from harness.figures import Fact, milliseconds, tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
FIGURES = [
    "list20", "pages", "list100", "filtered", "filtered-new", "window", "keyset", "get", "get-random", "totals", "uncached", "deep",
    "list-while-creating", "mix", "create", "update", "create-postgres-1", "create-postgres-2", "memory", "start",
]
OF_SCALE = ["scale-start", "scale-deep", "scale-walk", "scale-memory", "scale-list", "scale-get", "scale-create"]


def sizes(text):
    return [int(part) for part in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures Landfall; prints a table of ratios.")
    parser.add_argument("--rows", type=int, default=10_000, help="deployments (default: 10,000)")
    parser.add_argument("--large", type=int, default=1_000_000,
                        help="deployments for what the first table is too small for (default: 1,000,000)")
    parser.add_argument("--scale", type=sizes, default=[], metavar="ROWS,..",
                        help="compare larger tables with the first instead; 1000000,10000000 is what the document shows")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=FIGURES + OF_SCALE,
                        help=f"only some figures: {', '.join(FIGURES)}; with --scale {', '.join(OF_SCALE)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each figure (default: 5)")
    parser.add_argument("--seconds", type=int, default=2, help="length of one side of a round (default: 2)")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="keep the databases of SQLite there (as seen from the repository), and use those that are there")
    parser.add_argument("--quick", action="store_true", help="every part once, with little data")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--postgres", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write and (options.quick or options.only):
        parser.error("--write goes with all figures")
    if options.quick:
        options.rows, options.large, options.scale = 3_000, 4_000, [4_000]
        options.rounds, options.seconds = 1, 1
    if options.keep:
        options.keep = options.keep.resolve()
        options.keep.mkdir(parents=True, exist_ok=True)
    options.wants = lambda *names: not options.only or any(name in options.only for name in names)
    return options


def start(options, home):
    """The start that finds nothing, and the one after it."""
    times = {True: [], False: []}
    for number in range(options.rounds):
        database = f"sqlite:{home}/new-{number}.db"
        for is_new in times:
            times[is_new].append(scale.first_answer(options, home, database, "/-/readiness"))
    yield Fact("start to the first answer, with the making of the database", milliseconds(times[True]))
    yield Fact("start to the first answer, empty", milliseconds(times[False]), "30 ms")
    binary = (options.programs / "landfall").stat().st_size / 1e6
    yield Fact("program", f"{binary:.1f} MB", "25 MB")


def usual(options, home, data):
    yield from reads.measure(options, home, data)
    yield from writes.measure(options, home, data)
    if options.wants("start"):
        yield from start(options, home)


def report(options, results):
    return "\n".join([
        f"{options.rows:,} deployments in 500 projects, a third of them in one, unless a figure says otherwise; "
        f"{options.rounds} rounds of {options.seconds} s on {machine.name()}.",
        "Medians, Landfall first; 1.00 is the speed of the other side.",
        "",
        *tables(results),
    ])


def write_document(mark, text):
    """Puts the text between the marks of its kind."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    document = DOCUMENT.read_text()
    before, rest = document.split(begin)
    after = rest.split(end)[1]
    DOCUMENT.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def show(results):
    """Tells what has been measured as soon as it is."""
    for result in results:
        print(result.line(), file=sys.stderr, flush=True)
        yield result


def main():
    options = arguments()
    # Beside the programs and not in /tmp, which may be memory: the disk is part of what is measured.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.programs) as home, Data(options, Path(home)) as data:
        kinds = [(usual, "figures")] if options.quick or not options.scale else []
        kinds += [(scale.measure, "scale")] if options.scale else []
        for measure, mark in kinds:
            text = report(options, list(show(measure(options, Path(home), data))))
            if options.quick:
                text = "(A quick pass, without optimisation: the figures mean nothing.)\n\n" + text
            print(text)
            if options.write:
                write_document(mark, text)


main()
