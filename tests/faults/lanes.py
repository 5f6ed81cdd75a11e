"""The long form in lanes side by side: one lane leaves a core idle a third of its time.

There are always two lanes of kills, so that a seed means the same kills wherever it is used; the whole
command has a third one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from tests.faults import clocks, pairs, trials
from tests.faults.suite import Case, Twin, Workshop, make_twins
from tests.faults.tally import Tally
from tests.faults.trials import Clock, Trial
from tests.faults.whole import WholeRuns

LANES = 2
PARTS = ("boundaries", "pairs", "clocks", "random", "whole")
KILLED_AGAIN = 0.9
"""How likely a run that does a killed one again is killed too."""
LOOKED_AT = 0.6


def twins(shop: Workshop, cases: Mapping[Case, Sequence[str]]) -> list[Twin]:
    """The twins of each case in its acts, in order."""
    with _pool() as pool:
        return [twin for made in pool.map(_twins, repeat(shop), cases, cases.values()) for twin in made]


def play(
    shop: Workshop,
    twins: Sequence[Twin],
    tally: Tally,
    *,
    parts: Sequence[str],
    kills: int,
    whole: int,
    seed: int,
) -> None:
    """Do these parts, with so many kills at random instants; all that was done comes into `tally`."""
    with _pool() as pool:
        shares = [(kills + number) // LANES for number in range(LANES)]
        lanes = [
            pool.submit(_lane, number, shop, twins, parts, share, seed) for number, share in enumerate(shares)
        ]
        command = [pool.submit(_whole, shop, whole, seed)] if "whole" in parts else []
        for number, future in enumerate((*lanes, *command)):
            tally.add(future.result(), f"lane {number}")


def _pool() -> ProcessPoolExecutor:
    """Forked, so that each lane has what was imported, and forks its own workers without a thread beside."""
    return ProcessPoolExecutor(LANES + 1, get_context("fork"))


def _twins(shop: Workshop, case: Case, acts: Sequence[str]) -> list[Twin]:
    try:
        return make_twins(shop, case, acts)
    finally:
        shop.close()


def _whole(shop: Workshop, kills: int, seed: int) -> Tally:
    tally, dice = Tally(), random.Random(f"{seed} whole")
    with tally.timed("the whole command"):
        runs = WholeRuns(shop.scratch, tally)
        twin = runs.twin()
        runs.killed(dice, kills, twin)
        runs.two_at_once(dice.random() * pairs.LATEST, twin)
    return tally


def _lane(
    number: int, shop: Workshop, twins: Sequence[Twin], parts: Sequence[str], kills: int, seed: int
) -> Tally:
    tally, dice, own = Tally(), random.Random(f"{seed} {number}"), shop.beside(f"lane-{number}")
    try:
        if "boundaries" in parts:
            with tally.timed("kills at boundaries"):
                _boundaries(own, twins, tally, number)
        if "pairs" in parts and number == 0:
            with tally.timed("two at once"):
                pairs.try_pairs(own, twins, tally, dice)
        if "clocks" in parts and number == 1:
            with tally.timed("clocks"):
                clocks.try_clocks(own, twins, tally)
        if "random" in parts:
            with tally.timed("kills at random instants"):
                _random(own, twins, tally, kills, dice)
    finally:
        own.close()
    return tally


def _boundaries(shop: Workshop, twins: Sequence[Twin], tally: Tally, lane: int) -> None:
    for twin, effects in trials.chains(twins)[lane::LANES]:
        trials.kill_along(shop, twin, effects, tally)


def _random(shop: Workshop, twins: Sequence[Twin], tally: Tally, kills: int, dice: random.Random) -> None:
    clock, number = Clock(dice), 0
    while tally.instants.total() < kills:
        number += 1
        (twin,) = dice.choices(twins, [one.seconds for one in twins])
        trial = Trial(shop, twin, f"random-{number}", tally)
        seconds, share, again = trial.kill_at(clock.draw(twin))
        clock.learn(twin, seconds, share)
        while again and tally.instants.total() < kills and dice.random() < KILLED_AGAIN:
            # What was done is only looked at again, which takes a part of its time.
            _, _, again = trial.kill_at(clock.draw(twin, 1 - share * LOOKED_AT))
        trial.finish()
        tally.tell(f"{trial.name}: {tally.instants.total()} kills in this lane")
