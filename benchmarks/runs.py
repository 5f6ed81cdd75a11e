"""A run of the real job, Dagster and all: what governance costs of it, and what a run with nothing new does.

Counted as governance are the checks of both layers, the lineage events and their delivery, the findings
that are written down, and the ledger with its heads. Sealing, classifying and protecting are the work itself.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from audit.ledger import Ledger
from audit.outbox import Outbox
from benchmarks.figures import Figure
from benchmarks.processes import CpuMeter
from benchmarks.world import Stage
from classifications.ledger import FindingsLedger
from dagster_project import resources
from dagster_project.lineage import StepLineage
from dagster_project.runner import run_pipeline
from dagster_project.settings import Settings

PART = "runs"
AIM, LEDGER_AIM = 0.1, 0.05
GOVERNANCE = ("check bronze", "check silver", "lineage", "relay", "findings", "ledger")
_WITHIN: tuple[tuple[str, Any, str], ...] = (
    ("lineage", StepLineage, "start"),
    ("lineage", StepLineage, "complete"),
    ("lineage", Outbox, "append"),
    ("findings", FindingsLedger, "record"),
    ("findings", FindingsLedger, "current"),
    ("ledger", Ledger, "append"),
    ("ledger", resources, "enter_facts"),
    ("ledger", resources, "close_ledger"),
)
"""Governance inside of steps that do other work, and at a run's beginning and end."""


class Clock:
    """Seconds by part of the run, on the wall (`wall`) and of all cores (`cpu`), each counted in one part."""

    def __init__(self) -> None:
        self.wall: Counter[str] = Counter()
        self.cpu: Counter[str] = Counter()
        self._part, self._since, self._meter = "open", time.perf_counter(), CpuMeter()

    def turn(self, part: str) -> str:
        """From now on time goes to `part`; the part that it went to before."""
        now, before = time.perf_counter(), self._part
        self.wall[before] += now - self._since
        self.cpu[before] += self._meter.seconds()
        self._part, self._since, self._meter = part, now, CpuMeter()
        return before

    def step(self, name: str, _done: int, _steps: int) -> None:
        """What the run tells its progress to: a step begins, or is over and its part goes on to the next."""
        self.turn(part_of(name))

    @contextmanager
    def within(self, part: str) -> Iterator[None]:
        """Time goes to `part`, unless it goes to other governance anyway."""
        counted = self._part in GOVERNANCE and part != "ledger"  # which has a figure of its own
        before = self.turn(self._part if counted else part)
        try:
            yield
        finally:
            self.turn(before)


def part_of(step: str) -> str:
    """The part of the run (`check bronze`, `ingest`) that a Dagster step is."""
    if step.endswith("_checks"):
        return f"check {step.partition('_')[0]}"
    names = {"landing": "inventory", "bronze": "ingest", "findings": "classify", "silver": "protect"}
    return names.get(step.partition("__")[0], "relay")


def runs(stage: Stage) -> list[Figure]:
    """The first run over new rows and the second one over nothing new, after a small run to warm up."""
    asked = stage.asked
    stage.tell(f"{PART}: warming up")
    timed_run(stage.world(2_000, 2).settings(stage.folder / "run-warm"))
    settings = stage.world(asked.rows, asked.tenants).settings(stage.folder / "run")
    figures, before = [], set[Path]()
    for name in ("everything new", "nothing new"):
        stage.tell(f"{PART}: {name}")
        clock, after = timed_run(settings), data_files(settings)
        figures += _told(name, clock, asked.rows, aimed=name == "everything new")
        aim = None if name == "everything new" else 0
        written = len(after - before)
        figures.append(
            Figure(
                PART, f"{name}: data files written", "Parquet files below the lake", written, "files", aim=aim
            )
        )
        before = after
    return figures


def timed_run(settings: Settings) -> Clock:
    """One run of the job. Raises RuntimeError where it is not well."""
    clock = Clock()
    with ExitStack() as stack:
        for part, owner, name in _WITHIN:
            stack.enter_context(patch.object(owner, name, _counted(clock, part, getattr(owner, name))))
        summary = run_pipeline(settings, clock.step)
    clock.turn("over")
    if not summary.ok:
        raise RuntimeError(f"the run that was to be measured is not well: {summary.failures}")
    return clock


def data_files(settings: Settings) -> set[Path]:
    """The Parquet files of the lake's tables; checkpoints of their logs are none."""
    return {file for file in settings.lake.rglob("*.parquet") if "_delta_log" not in file.parts}


def _counted(clock: Clock, part: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        with clock.within(part):
            return method(*args, **kwargs)

    return run


def _told(name: str, clock: Clock, rows: int, *, aimed: bool) -> list[Figure]:
    wall, cpu = clock.wall.total(), clock.cpu.total()
    parts = {
        part: {"wall": round(clock.wall[part], 2), "cpu": round(clock.cpu[part], 2)} for part in clock.wall
    }
    spent = ", ".join(f"{part} {seconds:.1f}" for part, seconds in clock.wall.most_common())
    own = sum(clock.wall[part] for part in GOVERNANCE)
    own_cpu = sum(clock.cpu[part] for part in GOVERNANCE)
    return [
        Figure(PART, name, f"seconds: {spent}", wall, "s", rows, more={"parts": parts, "cpu": round(cpu, 2)}),
        Figure(
            PART, f"{name}: governance", "checks, lineage, delivery, findings; ratio: their share", own, "s",
            against=name, ratio=own / wall, cpu_ratio=own_cpu / cpu, aim=AIM if aimed else None,
        ),
        Figure(
            PART, f"{name}: ledger", "facts read, entered, signed; ratio: their share", clock.wall["ledger"],
            "s", against=name, ratio=clock.wall["ledger"] / wall, cpu_ratio=clock.cpu["ledger"] / cpu,
            aim=LEDGER_AIM if aimed else None,
        ),
    ]  # fmt: skip
