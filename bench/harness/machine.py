"""What the measurements need to know of the machine: cores, processor time, memory."""

import os
import platform
import socket
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# A process may end before its file is opened, and before it is read.
GONE = (FileNotFoundError, ProcessLookupError)


def pinned(core):
    """Puts a command on one core: the servers on the first and the load on the second, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core])] if len(cores) > 1 else []


def tree(pid):
    """A process and everything that it has started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except GONE:
        return [pid]
    return [pid, *(one for child in children for one in tree(int(child)))]


def cpu_of(pid):
    """Processor time of a process and its children so far, also of those that have ended, in microseconds."""
    total = 0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except GONE:
            continue
        total += sum(map(int, fields[11:15]))
    return total * 1_000_000 / TICKS


def memory_of(pid):
    """Resident and anonymous memory in MB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "RssAnon"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def name():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    return f"{len(os.sched_getaffinity(0))} cores of {model}"
