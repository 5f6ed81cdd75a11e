"""What this process, its Java process and its Python workers use, as Linux tells it under /proc."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class CpuMeter:
    """CPU seconds that this process and all below it use from now on.

    Told process by process: Spark's daemon forgets what a worker used that it ends, and a sum would fall.
    """

    def __init__(self) -> None:
        self._before = _cpu()

    def seconds(self) -> float:
        """CPU seconds so far, of the processes that are there; 0 where there is no /proc."""
        return sum(max(now - self._before.get(pid, 0), 0) for pid, now in _cpu().items()) / _TICKS


def resident_bytes(root: int) -> dict[str, int]:
    """Resident memory of a process and all below it: `python` (the first one), `java`, `others`."""
    family = _family(root)
    programs = {pid: _program(pid) for pid in family}
    found: Counter[str] = Counter()
    for pid, fields in family.items():
        program, above = programs[pid], programs.get(int(fields[1]), "")
        if not program or program == above == "java":
            continue  # gone by now, or about to become another program: it has no memory but its parent's
        kind = "python" if pid == root else "java" if program == "java" else "others"
        found[kind] += int(fields[21]) * _PAGE
    return dict(found)


def peak_worker_bytes(root: int) -> int:
    """The most resident memory that one of the Python processes below `root` had; 0 where there is none."""
    peaks = [0]
    for pid in set(_family(root)) - {root}:
        if not _program(pid).startswith("python"):
            continue
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue  # it ended in between
        peaks += [int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")]
    return max(peaks)


@contextmanager
def peak_memory(root: int, every: float = 0.2) -> Iterator[dict[str, int]]:
    """While it is open, watch a family's memory; the dict has each kind's peak, and that of `all` at once."""
    peaks: dict[str, int] = {}
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            now = resident_bytes(root)
            for kind, size in (now | {"all": sum(now.values())}).items():
                peaks[kind] = max(peaks.get(kind, 0), size)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        stop.set()
        watcher.join()


def _family(root: int) -> dict[int, list[str]]:
    """The fields behind its name that `/proc/<pid>/stat` has of each process of a family (man 5 proc)."""
    stats = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            stats[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended in between
    family = {root}
    while grown := {pid for pid, fields in stats.items() if int(fields[1]) in family} - family:
        family |= grown
    return {pid: stats[pid] for pid in family if pid in stats}


def _cpu() -> dict[int, int]:
    """Ticks of each process of this one's family, with those of children that it waited for."""
    return {pid: sum(map(int, fields[11:15])) for pid, fields in _family(os.getpid()).items()}


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""  # it ended in between
