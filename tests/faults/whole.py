"""The whole command, `lakeward run`, killed and run twice at once, as a user's shell would have it.

Run as a module it is that command with the fixed keys of the workers, so that lakes can be compared.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from own_settings import without_settings

from tests.faults import stand, told
from tests.faults.scenario import CANARY, DATASETS, set_stage, settings_of
from tests.faults.suite import LONGEST_ACT
from tests.faults.tally import Tally
from tests.faults.worker import fix_keys, kill_session

REPOSITORY = Path(__file__).parents[2]
NOISE = ("Traceback", "database is locked", CANARY)


class WholeRuns:
    """Lakes of all datasets under `scratch`, one command at a time or two."""

    def __init__(self, scratch: Path, tally: Tally) -> None:
        self.scratch, self.tally = scratch / "whole", tally

    def twin(self) -> tuple[stand.Stand, set[str], float]:
        """A lake that one run made undisturbed: how it stands, its lineage jobs, the seconds it took."""
        home, begun = self._lake("twin"), time.monotonic()
        with _command(home) as process:
            self._ended(home, process)
        if self.tally.broken:
            raise RuntimeError(f"the twin itself: {self.tally.broken}")
        return stand.stand(home), told.completed_jobs(settings_of(home)), time.monotonic() - begun

    def killed(self, dice: random.Random, times: int, twin: tuple[stand.Stand, set[str], float]) -> None:
        """Kill the run again and again over its whole length, then let it come to its end, and compare."""
        home = self._lake("killed")
        for _ in range(times):
            with _command(home) as process:
                try:
                    process.wait(dice.random() * twin[2])
                    self.tally.finished_first += 1
                except subprocess.TimeoutExpired:
                    self.tally.kills["lakeward run"] += 1
                kill_session(process.pid)
        with _command(home) as process:
            self._ended(home, process)
        self.tally.reruns += 1
        self._compare(home, twin, "killed")

    def two_at_once(self, offset: float, twin: tuple[stand.Stand, set[str], float]) -> None:
        """Two runs in a lake that is not there yet: both end well, and the lake is as of one."""
        home = self._lake(f"two-{offset:.1f}")
        with _command(home) as first:
            time.sleep(offset)
            with _command(home) as second:
                self._ended(home, first)
                self._ended(home, second)
        self._compare(home, twin, f"two at once, {offset:.1f} s apart")

    def _lake(self, name: str) -> Path:
        home = self.scratch / name
        set_stage(home, "first run", DATASETS)
        return home

    def _ended(self, home: Path, process: subprocess.Popen[str]) -> None:
        output, _ = process.communicate(timeout=LONGEST_ACT)
        (home / f"output-{process.pid}.txt").write_text(output)
        if process.returncode != 0:
            self.tally.broken.append(
                f"{home.name}: lakeward run ended with {process.returncode}: {output[-300:]}"
            )
        self.tally.broken += [f"{home.name}: lakeward run said {noise}" for noise in NOISE if noise in output]

    def _compare(self, home: Path, twin: tuple[stand.Stand, set[str], float], name: str) -> None:
        self.tally.compared += 1
        stands, jobs, _ = twin
        wrong = [*stand.differences(stands, stand.stand(home)), *stand.faults(home, jobs), *_going_on(home)]
        self.tally.broken += [f"lakeward run, {name}: {line}" for line in wrong]


def _going_on(home: Path) -> Iterator[str]:
    """Runs that Dagster takes for living, though nothing lives: they would block its queue."""
    from dagster import DagsterInstance, RunsFilter
    from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

    with DagsterInstance.from_config(str(settings_of(home).dagster_home)) as instance:
        for run in instance.get_runs(RunsFilter(statuses=list(IN_PROGRESS_RUN_STATUSES))):
            yield f"Dagster shows run {run.run_id} as {run.status.value}"


@contextmanager
def _command(home: Path) -> Iterator[subprocess.Popen[str]]:
    settings = settings_of(home)
    command = [sys.executable, "-m", "tests.faults.whole", "run"]
    for option in ("landing", "lake", "policies"):
        command += [f"--{option}", str(getattr(settings, option))]
    own = {
        "COLUMNS": "200",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONPATH": str(REPOSITORY / "tests/support"),
    }
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=without_settings() | own,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        yield process


if __name__ == "__main__":
    from dagster_project.cli import main

    fix_keys()
    main()
