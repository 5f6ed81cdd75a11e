"""Clock and time zone: acts under other zones, with the clock put back between them, change nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from tests.faults import stand
from tests.faults.scenario import ACTS, set_stage
from tests.faults.suite import LONGEST_ACT, Twin, Workshop
from tests.faults.tally import Tally
from tests.faults.worker import DONE, SHIFT

YEAR = 365 * 86400.0
TRAVELS: tuple[Mapping[str, str], ...] = (
    {"TZ": "Asia/Kathmandu", SHIFT: str(YEAR)},
    {"TZ": "America/St_Johns", SHIFT: str(-YEAR)},
    {"TZ": "Pacific/Chatham", SHIFT: str(-2 * YEAR)},
)
"""The environment of each act: a zone with odd minutes, and a clock that each time is earlier than before."""
EQUAL_AND_LATE = {"mtime": 4_102_444_800.0, "step": 0.0}  # all files of one moment, in the year 2100


def try_clocks(shop: Workshop, twins: Sequence[Twin], tally: Tally) -> None:
    """Each case from its first act to its last, every act elsewhere and earlier."""
    travellers = [shop.hire(environment) for environment in TRAVELS]
    for case in dict.fromkeys(twin.case for twin in twins):
        acts = [twin for twin in twins if twin.case == case and twin.act in ACTS]
        home = shop.scratch / "clocks" / case.name
        for twin, worker in zip(acts, travellers, strict=True):
            set_stage(home, twin.act, case.datasets, **EQUAL_AND_LATE)
            worker.play(home, twin.act, f"clock-{twin.act}".replace(" ", "-"))
            said = worker.wait(LONGEST_ACT)
            tally.compared += 1
            wrong = [*stand.differences(twin.stands, stand.stand(home)), *stand.faults(home, twin.jobs)]
            if said != DONE:
                wrong = [str(said)]
            tally.broken += [f"clocks, {case.name}, {twin.act}: {line}" for line in wrong]
            if wrong:
                break
        else:
            shutil.rmtree(home)
    for worker in travellers:
        worker.kill()
