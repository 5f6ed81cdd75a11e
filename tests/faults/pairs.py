"""Two at once: two processes over one lake, started in the same moment, must end as one after the other."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults import stand
from tests.faults.scenario import set_stage
from tests.faults.suite import LONGEST_ACT, Twin, Workshop
from tests.faults.tally import Tally
from tests.faults.worker import DONE, Worker


@dataclass(frozen=True)
class Pair:
    """What the two do: each an act and its tenants (none: all). `after` is done by one of them at the end."""

    name: str
    acts: tuple[str, str]
    tenants: tuple[Sequence[str], Sequence[str]] = ((), ())
    after: str | None = None


LATEST = 3.0
PAIRS = (
    Pair("two runs of the same tenants", ("first run", "first run")),
    Pair("two runs of two tenants", ("first run", "first run"), (("acme",), ("globex", "initech"))),
    Pair("two runs over corrections", ("second run", "second run")),
    Pair("a retry beside a run", ("retry", "second run"), after="second run"),
    Pair("two retries", ("retry", "retry")),
)


def try_pairs(
    shop: Workshop,
    twins: Sequence[Twin],
    tally: Tally,
    dice: random.Random,
    pairs: Sequence[Pair] = PAIRS,
) -> None:
    """Every pair on every twin's lake, the second starting with the first or up to three seconds later."""
    first, second = shop.steady(), shop.hire()
    try:
        for pair in pairs:
            for twin in twins:
                if twin.act != (pair.after or pair.acts[1]):
                    continue
                (begin,) = [one for one in twins if (one.case, one.act) == (twin.case, pair.acts[0])]
                offset = dice.choice((0.0, dice.random() * LATEST))
                _try(shop, (first, second), begin, twin, pair, offset, tally)
    finally:
        second.kill()


def _try(
    shop: Workshop,
    workers: tuple[Worker, Worker],
    begin: Twin,
    twin: Twin,
    pair: Pair,
    offset: float,
    tally: Tally,
) -> None:
    """From the lake as it was before `begin`, to one that must be equal to `twin`."""
    name = f"{pair.name}, {twin.case.name}, {offset:.1f} s apart"
    home = shop.scratch / "pairs" / name.replace(" ", "-").replace(",", "")
    shutil.copytree(begin.before, home, symlinks=True)
    set_stage(home, twin.act, twin.case.datasets)
    for worker, act, tenants, place in zip(workers, pair.acts, pair.tenants, "ab", strict=True):
        worker.play(home, act, f"pair-{place}", tenants=tenants)
        time.sleep(offset if place == "a" else 0)
    said = [worker.wait(LONGEST_ACT) for worker in workers]
    if pair.after is not None and said == [DONE, DONE]:
        workers[0].play(home, pair.after, "pair-after")
        said.append(workers[0].wait(LONGEST_ACT))
    wrong = [str(one) for one in said if one != DONE]
    if not wrong:
        tally.compared += 1
        wrong = [*stand.differences(twin.stands, stand.stand(home)), *stand.faults(home, twin.jobs)]
    tally.broken += [f"{name}: {line}" for line in wrong]
    tally.tell(name)
    if not wrong:
        shutil.rmtree(home)
