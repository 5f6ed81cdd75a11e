"""Which runs are alive: each holds a lock on a file of its own, and a file that nobody locks tells a death.

The locks are the operating system's: they end with the process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

DIED = (
    "The run's process ended before the run did (killed, or the machine went down). "
    "What it had not finished is done by the next run."
)
_held: dict[Path, int] = {}


def hold_run(leases: Path, run_id: str) -> None:
    """Say that this process works on a run. Saying so again changes nothing."""
    file = _file(leases, run_id)
    if file in _held:
        return
    leases.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".new")
    handle = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    draft.replace(file)  # locked before it has its name, so that nobody takes it for a dead run's
    _held[file] = handle


def end_run(leases: Path, run_id: str) -> None:
    """Say that the run came to its end in this process, well or not."""
    file = _file(leases, run_id)
    handle = _held.pop(file, None)
    if handle is not None:
        file.unlink(missing_ok=True)
        os.close(handle)


def forget_runs(leases: Path, run_ids: Iterable[str]) -> None:
    """Remove the files of dead runs of which nothing is left to do."""
    for run_id in run_ids:
        _file(leases, run_id).unlink(missing_ok=True)


def dead_runs(leases: Path) -> tuple[str, ...]:
    """The runs whose process is gone, and which nobody has put in order yet."""
    return tuple(
        file.name.removeprefix("run.").removesuffix(".lock")
        for file in sorted(leases.glob("run.*.lock"))
        if file not in _held and _is_free(file)
    )


def fail_dead_runs(instance: dg.DagsterInstance, leases: Path) -> None:
    """Have Dagster show dead runs as failed: it counts one that seems to go on, and starts no other."""
    for run_id in dead_runs(leases):
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, DIED)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold a lock file; waits until it is free. For what two processes must not make at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _file(leases: Path, run_id: str) -> Path:
    return leases / f"run.{run_id}.lock"


def _is_free(file: Path) -> bool:
    try:
        with file.open() as lock:
            fcntl.flock(
                lock, fcntl.LOCK_SH | fcntl.LOCK_NB
            )  # shared, so that two who look do not see each other
    except (BlockingIOError, FileNotFoundError):
        return False
    return True
