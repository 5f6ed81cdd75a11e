"""Timing: every case in turn, round after round, so that a slow moment of the machine meets all alike."""

from __future__ import annotations

import gc
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """Something to measure. `run` writes below the folder that it is given, which is new each time.

    `against` names the case that it is compared with, `aim` the ratio that it should not exceed.
    """

    name: str
    about: str
    run: Callable[[Path], None]
    against: str | None = None
    aim: float | None = None


@dataclass(frozen=True)
class Timing:
    """A case's seconds, one a measured round."""

    case: Case
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one of the seconds."""
        return statistics.median(self.seconds)


def measure(cases: Sequence[Case], scratch: Path, rounds: int, tell: Callable[[str], None]) -> list[Timing]:
    """Run every case `rounds` times after one round to warm up. `tell` hears what is going on."""
    seconds: dict[str, list[float]] = {case.name: [] for case in cases}
    for number in range(rounds + 1):
        for case in cases:
            tell(f"{'warming up' if number == 0 else f'round {number} of {rounds}'}: {case.name}")
            # A folder of its own each time: Delta remembers the log of a path that it has seen.
            folder = scratch / f"{case.name.replace(' ', '-')}-{number}"
            gc.collect()
            begun = time.perf_counter()
            case.run(folder)
            took = time.perf_counter() - begun
            shutil.rmtree(folder, ignore_errors=True)
            if number:
                seconds[case.name].append(took)
    return [Timing(case, tuple(seconds[case.name])) for case in cases]
