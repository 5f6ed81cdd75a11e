"""Timing: every case in turn, round after round, so that a slow moment of the machine meets all alike."""

from __future__ import annotations

import gc
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.figures import Figure
from benchmarks.processes import CpuMeter


@dataclass(frozen=True)
class Case:
    """Something to measure. `run` writes below the folder that it is given, which is new each time.

    `against` names the case that it is compared with, `aim` the ratio that it should not exceed.
    `rows` is how many it takes.
    """

    name: str
    about: str
    run: Callable[[Path], None]
    rows: int
    against: str = ""
    aim: float | None = None


@dataclass
class Timing:
    """A case's seconds, one a measured round: on the wall, and of all cores."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def over(self, base: Timing) -> tuple[float, float]:
        """The median over the rounds of how many times the other's seconds it took: wall, CPU."""
        pairs = ((self.wall, base.wall), (self.cpu, base.cpu))
        wall, cpu = (
            statistics.median(own / other for own, other in zip(mine, its, strict=True) if other)
            for mine, its in pairs
        )
        return wall, cpu


def measure(
    part: str, cases: Sequence[Case], scratch: Path, rounds: int, tell: Callable[[str], None]
) -> list[Figure]:
    """Run every case `rounds` times after one round to warm up. `tell` hears what is going on."""
    timings = {case.name: Timing() for case in cases}
    for number in range(rounds + 1):
        for case in cases:
            tell(f"{part}, {f'round {number} of {rounds}' if number else 'warming up'}: {case.name}")
            # A folder of its own each time: Delta remembers the log of a path that it has seen.
            wall, cpu = clocked(case.run, scratch / f"{part}-{case.name.replace(' ', '-')}-{number}")
            if number:
                timings[case.name].wall.append(wall)
                timings[case.name].cpu.append(cpu)
    return [_figure(part, case, timings) for case in cases]


def clocked(run: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds that it took, on the wall and of all cores; what it wrote to `folder` is gone."""
    gc.collect()
    begun, meter = time.perf_counter(), CpuMeter()
    run(folder)
    took = time.perf_counter() - begun, meter.seconds()
    shutil.rmtree(folder, ignore_errors=True)
    return took


def _figure(part: str, case: Case, timings: dict[str, Timing]) -> Figure:
    own = timings[case.name]
    wall, cpu = own.over(timings[case.against]) if case.against else (None, None)
    return Figure(
        part,
        case.name,
        case.about,
        statistics.median(own.wall),
        "s",
        rows=case.rows,
        against=case.against,
        ratio=wall,
        cpu_ratio=cpu,
        aim=case.aim,
        more={"seconds": [round(one, 3) for one in own.wall], "cpu": [round(one, 2) for one in own.cpu]},
    )


class Phases:
    """Seconds by phase, told by the progress of what is measured, into `seconds`."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def __enter__(self) -> Self:
        self._phase, self._since = "beginning", time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.turn("")

    def turn(self, phase: str) -> None:
        """From now on time goes to `phase`."""
        now = time.perf_counter()
        self._seconds[self._phase] = self._seconds.get(self._phase, 0.0) + now - self._since
        self._phase, self._since = phase, now
