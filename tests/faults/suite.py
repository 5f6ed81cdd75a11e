"""Workers that are warm before they are wanted, and the twins: the same acts in a lake that nobody kills."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from few_rows import FEW_ROWS
from own_settings import SHORT_LIFE

from tests.faults import stand, told
from tests.faults.scenario import ACTS, set_stage, settings_of
from tests.faults.worker import DONE, Worker, start_worker

TINY_SPARK = FEW_ROWS | {"spark.master": "local[2]", "spark.driver.memory": "1g"}
LONGEST_ACT = 900.0


@dataclass(frozen=True)
class Case:
    """A small lake: its name and its datasets."""

    name: str
    datasets: tuple[str, ...]


@dataclass
class Twin:
    """An act of a case, never killed: its lake before and after, and the marks on the way."""

    case: Case
    act: str
    before: Path
    stands: stand.Stand
    jobs: set[str]
    marks: list[tuple[float, str]]
    seconds: float

    @property
    def effects(self) -> list[str]:
        """The names of the act's effects, in order."""
        return [mark[2:] for _, mark in self.marks if mark[0] == ">"]


class Workshop:
    """Workers, warm in advance, under one scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self._all: list[Worker] = []
        self._next: Worker | None = None
        self._steady: Worker | None = None

    def beside(self, name: str) -> Workshop:
        """Another one like this, with workers and a folder of its own."""
        return Workshop(self.scratch / name)

    def hire(self, environment: Mapping[str, str] | None = None) -> Worker:
        """A worker that is to be killed; another one begins to start in its place."""
        if environment is not None:
            return _ready(self._start(environment))
        worker, self._next = self._next or self._start(), None
        worker = _ready(worker)
        self._next = self._start()
        return worker

    def steady(self) -> Worker:
        """The one that is not killed, for doing again and for ending."""
        if self._steady is None:
            self._steady = _ready(self._start())
        return self._steady

    def steady_died(self) -> None:
        """Forget the steady worker: the next call starts another."""
        if self._steady is not None:
            self._steady.kill()
            self._steady = None

    def close(self) -> None:
        """End every worker."""
        for worker in self._all:
            worker.kill()
        self._next = self._steady = None
        self._all.clear()

    def _start(self, environment: Mapping[str, str] | None = None) -> Worker:
        worker = start_worker(self.scratch / "workers", TINY_SPARK, SHORT_LIFE, environment or {})
        self._all = [*(one for one in self._all if one.alive), worker]
        return worker


def _ready(worker: Worker) -> Worker:
    said = worker.wait(LONGEST_ACT)
    if said != "ready":
        raise RuntimeError(f"a worker did not start: {said}")
    return worker


def make_twins(shop: Workshop, case: Case, acts: Sequence[str] = ACTS) -> list[Twin]:
    """Play a case without a kill, each act in a fresh worker, keeping the lake as it was before each act."""
    home = shop.scratch / "twins" / case.name / "lake"
    twins = []
    worker = shop.hire()
    for number, act in enumerate(acts):
        set_stage(home, act, case.datasets)
        before = home.with_name(f"before {number}".replace(" ", "-"))
        shutil.copytree(home, before, symlinks=True)
        begun = time.monotonic()
        worker.play(home, act, f"twin-{number}")
        said = worker.wait(LONGEST_ACT)
        seconds = time.monotonic() - begun
        if said != DONE:
            raise RuntimeError(f"{case.name}, {act}: the twin itself: {said}")
        jobs = told.completed_jobs(settings_of(home))
        if wrong := stand.faults(home, jobs):
            raise RuntimeError(f"{case.name}, {act}: the twin itself: {wrong}")
        marks = [(moment - begun, mark) for moment, mark in worker.marks]
        twins.append(Twin(case, act, before, stand.stand(home), jobs, marks, seconds))
    worker.kill()
    return twins
