"""One lake, killed and brought to its end again; where and when to kill."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from tests.faults import stand
from tests.faults.scenario import ERASE, EXPIRE, set_stage
from tests.faults.suite import LONGEST_ACT, Twin, Workshop
from tests.faults.tally import Tally
from tests.faults.worker import DONE, Worker


class Trial:
    """One lake, killed and brought to its end again."""

    def __init__(self, shop: Workshop, twin: Twin, name: str, tally: Tally, home: Path | None = None) -> None:
        self.shop, self.twin, self.name, self.tally = shop, twin, name, tally
        self.home = home or shop.scratch / "trials" / name
        if home is None:
            shutil.copytree(twin.before, self.home, symlinks=True)
        self._own = home is None
        self._turns = 0

    def kill_at(self, seconds: float) -> tuple[float, float, bool]:
        """Play the act and kill it after `seconds`. Gives its time, its share done, and if it was killed."""
        worker = self._play()
        said = worker.wait(seconds)
        lived = time.monotonic() - self._begun
        worker.kill()
        if said is not None and said != "dead":
            self.tally.finished_first += 1
            self._check_said(said)
            return lived, 1.0, False
        self._count(worker, self.tally.instants)
        return lived, self._share(worker), True

    def kill_after(self, effect: int | str) -> bool:
        """Play the act in a worker that kills itself after its nth effect, or the first of that name.

        False where the act came to its end without an effect of that name: an earlier try had done that.
        """
        worker = self._play(effect)
        said = worker.wait(LONGEST_ACT)
        worker.kill()
        if said == "dead":
            self._count(worker, self.tally.kills)
            return True
        if isinstance(effect, str):
            self.tally.finished_first += 1
            self._check_said(str(said))
        else:
            self._broken(f"the kill after effect {effect} did not come: {said}")
        return False

    def finish(self) -> bool:
        """Do the act again, to the end, and compare. True if all held; then the lake is removed."""
        worker = self.shop.steady()
        worker.play(self.home, self.twin.act, self._run_id())
        said = worker.wait(LONGEST_ACT)
        self.tally.reruns += 1
        wrong = [] if said == DONE else [str(said)]
        if said is None or said == "dead":
            self.shop.steady_died()
        elif said == DONE:
            wrong = self.compare()
        for line in wrong:
            self._broken(line)
        if not wrong and self._own:
            shutil.rmtree(self.home)
        return not wrong

    def compare(self) -> list[str]:
        """What differs from the twin or must never be."""
        self.tally.compared += 1
        return [
            *stand.differences(self.twin.stands, stand.stand(self.home)),
            *stand.faults(self.home, self.twin.jobs),
        ]

    def _play(self, kill_after: int | None = None) -> Worker:
        worker = self.shop.hire()
        worker.play(self.home, self.twin.act, self._run_id(), kill_after)
        self._begun = time.monotonic()
        return worker

    def _run_id(self) -> str:
        self._turns += 1
        return f"{self.name}-{self._turns}"

    def _share(self, worker: Worker) -> float:
        seen = len(worker.marks)
        times = [moment for moment, _ in self.twin.marks]
        at = times[min(seen, len(times) - 1)] if times else 0.0
        return at / self.twin.seconds

    def _count(self, worker: Worker, where: Counter[str]) -> None:
        self.last = worker.marks[-1][1] if worker.marks else "= open"
        where[_step(self.last)] += 1

    def _check_said(self, said: str) -> None:
        if said != DONE:
            self._broken(f"unkilled, it ended with: {said}")

    def _broken(self, what: str) -> None:
        last = getattr(self, "last", "")
        self.tally.broken.append(
            f"{self.twin.case.name}, {self.twin.act}, {self.name}, killed at `{last}`: {what}"
        )


def _step(mark: str) -> str:
    """`ingest: deliveries.settle sql` → `ingest`; what a mark tells of the step."""
    return mark[2:].partition(":")[0]


def boundaries(twins: Sequence[Twin]) -> list[tuple[Twin, int]]:
    """Each named effect of the acts once, and the start: where to kill, as act and number of effects done.

    Of what expires or is erased, each commit to a table: one function makes them, table after table.
    """
    seen: set[str] = set()
    chosen: list[tuple[Twin, int]] = []
    for twin in twins:
        for number, name in enumerate(twin.effects, start=1):
            anywhere = name.replace(f" in {twin.case.name}:", ":")
            if anywhere not in seen or (twin.act in (EXPIRE, ERASE) and name.endswith("rows released")):
                seen.add(anywhere)
                chosen.append((twin, number))
    return chosen


def chains(twins: Sequence[Twin]) -> list[tuple[Twin, list[int]]]:
    """`boundaries` in groups of one act, each of effects that lie far from each other, in order."""
    chosen: list[tuple[Twin, list[int]]] = []
    for _, group in groupby(boundaries(twins), key=lambda one: id(one[0])):
        found = list(group)
        apart = -(-len(found) // CHAIN)
        chosen += [(found[0][0], [number for _, number in found[start::apart]]) for start in range(apart)]
    return chosen


def kill_along(shop: Workshop, twin: Twin, effects: Sequence[int], tally: Tally) -> None:
    """Kill after each of these effects, one after the other in one lake, and compare at the end.

    Who does the work again does not do all of it: for an effect that does not come any more there is a new
    lake.
    """
    left = list(effects)
    while left:
        first, *rest = left
        name = f"boundary-{twin.case.name}-{twin.act}-{first}".replace(" ", "-")
        trial, left = Trial(shop, twin, name, tally), []
        trial.kill_after(first)
        killed = [twin.effects[first - 1]]
        for place, number in enumerate(rest):
            if not trial.kill_after(twin.effects[number - 1]):
                left = rest[place:]
                break
            killed.append(twin.effects[number - 1])
        trial.finish()
        tally.tell(f"{trial.name}: {', then '.join(killed)}")


def kill_in_a_row(shop: Workshop, twins: Sequence[Twin], kills: int, tally: Tally) -> None:
    """One lake through the acts, killed after so many of their effects, one after the other."""
    named = boundaries(twins)
    chosen = [(twin, twin.effects[number - 1]) for twin, number in named[:: -(-len(named) // kills)]]
    home = shop.scratch / "in-a-row"
    for twin in twins:
        set_stage(home, twin.act, twin.case.datasets)
        trial = Trial(shop, twin, f"in-a-row-{twin.act}".replace(" ", "-"), tally, home)
        for name in [name for of, name in chosen if of is twin]:
            trial.kill_after(name)
        trial.finish()
    tally.tell(f"{tally.kills.total()} kills in one lake")


CHAIN = 6
"""At most so many effects are killed at in one lake, one after the other."""
EARLY = 0.2
"""Up to this share of an act its pace tells little."""


class Clock:
    """Draws instants over an act's length; learns how much slower than its twin the machine is now."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._slowness: dict[tuple[str, str], float] = {}

    def draw(self, twin: Twin, left: float = 1.0) -> float:
        """Seconds from the start of the act, of which this share is about left to do."""
        return self._dice.random() * twin.seconds * self._slow(twin) * left

    def learn(self, twin: Twin, seconds: float, share: float) -> None:
        """After `seconds` the act was done to this share."""
        if share > EARLY:
            seen, known = seconds / (share * twin.seconds), self._slow(twin)
            self._slowness[twin.case.name, twin.act] = known + (seen - known) / 3

    def _slow(self, twin: Twin) -> float:
        return self._slowness.get((twin.case.name, twin.act), 1.0)
