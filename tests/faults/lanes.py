"""The long form's kills in two lanes side by side: one lane leaves a core idle a third of its time.

There are always two, so that a seed means the same kills wherever it is used.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.faults import clocks, pairs, trials
from tests.faults.suite import Twin, Workshop
from tests.faults.tally import Tally
from tests.faults.trials import Clock, Trial

LANES = 2
PARTS = ("boundaries", "pairs", "clocks", "random")
KILLED_AGAIN = 0.9
"""How likely a run that does a killed one again is killed too."""
LOOKED_AT = 0.6


def play(
    shop: Workshop, twins: Sequence[Twin], tally: Tally, *, parts: Sequence[str], kills: int, seed: int
) -> None:
    """Do these parts, with so many kills at random instants; all that was done comes into `tally`."""
    # Forked, so that each lane has what was imported, and forks its own workers without a thread beside.
    with ProcessPoolExecutor(LANES, get_context("fork")) as pool:
        shares = [(kills + number) // LANES for number in range(LANES)]
        futures = [
            pool.submit(_lane, number, shop, twins, parts, share, seed) for number, share in enumerate(shares)
        ]
        for number, future in enumerate(futures):
            tally.add(future.result(), f"lane {number}")


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
    for twin, effect in trials.boundaries(twins)[lane::LANES]:
        trial = Trial(shop, twin, f"boundary-{twin.case.name}-{twin.act}-{effect}".replace(" ", "-"), tally)
        trial.kill_after(effect)
        trial.finish()
        tally.tell(f"{trial.name}: {twin.effects[effect - 1]}")


def _random(shop: Workshop, twins: Sequence[Twin], tally: Tally, kills: int, dice: random.Random) -> None:
    clock, number = Clock(dice), 0
    while tally.instants.total() < kills:
        number += 1
        (twin,) = dice.choices(twins, [one.seconds for one in twins])
        trial = Trial(shop, twin, f"random-{number}", tally)
        seconds, share, again = trial.kill_at(clock.draw(twin))
        clock.learn(twin, seconds, share)
        while again and dice.random() < KILLED_AGAIN:
            # What was done is only looked at again, which takes a part of its time.
            _, _, again = trial.kill_at(clock.draw(twin, 1 - share * LOOKED_AT))
        trial.finish()
        tally.tell(f"{trial.name}: {tally.instants.total()} kills in this lane")
