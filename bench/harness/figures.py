"""Figures, and what is printed of them."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

HEAD = [
    "| what | against | ratio (lowest to highest) | target | requests/s | p50 ms | p99 ms | CPU µs a request |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
]


@dataclass
class Figure:
    """Two sides and the ratio of their rates that is aimed at; `p99` is the most of the other side's p99 that is."""

    name: str
    target: float
    against: str
    p99: float = None
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)

    def measure(self, options, ours, theirs):
        """Both sides in turn, so that a slow minute of the machine hits both. The first round only warms up."""
        if options.quick:
            # At once: the figures mean nothing.
            with ThreadPoolExecutor() as pool:
                a, b = [pool.submit(side) for side in (ours, theirs)]
            self.add(a.result(), b.result())
            return self
        for number in range(options.rounds + 1):
            a, b = ours(), theirs()
            if number:
                self.add(a, b)
        return self

    def add(self, ours, theirs):
        self.ours.append(ours)
        self.theirs.append(theirs)

    def line(self):
        ratios = sorted(a.rate / b.rate for a, b in zip(self.ours, self.theirs))
        cells = [
            self.name,
            self.against,
            f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f})",
            f"{self.target:.2f}" if self.target else "",
            self.both(lambda run: run.rate, "{:,.0f}"),
            self.both(lambda run: run.p50 / 1000, "{:.2f}"),
            self.both(lambda run: run.p99 / 1000, "{:.1f}") + self.p99_ratio(),
            self.both(lambda run: run.cpu, "{:.0f}"),
        ]
        return f"| {' | '.join(cells)} |"

    def p99_ratio(self):
        if not self.p99:
            return ""
        ratio = statistics.median(a.p99 / b.p99 for a, b in zip(self.ours, self.theirs))
        return f" (**{ratio:.1f}** times, at most {self.p99:.1f})"

    def both(self, key, form):
        sides = (self.ours, self.theirs)
        return " / ".join(form.format(statistics.median(key(run) for run in side)) for side in sides)


@dataclass
class Fact:
    """What is no ratio."""

    name: str
    value: str
    target: str = ""

    def line(self):
        return f"| {self.name} | {self.value} | {self.target} |"


def tables(results):
    """The figures first, then the facts."""
    figures = [result.line() for result in results if isinstance(result, Figure)]
    facts = [result.line() for result in results if isinstance(result, Fact)]
    lines = [*HEAD, *figures] if figures else []
    if facts:
        lines += [*([""] if lines else []), "| what | measured | target |", "| --- | --- | --- |", *facts]
    return lines


def milliseconds(seconds):
    """The median and the 99th of a hundred times."""
    times = sorted(seconds)
    return f"{statistics.median(times) * 1000:.1f} ms (p99 {times[len(times) * 99 // 100] * 1000:.1f})"
