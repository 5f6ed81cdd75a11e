"""A retention run that dies is finished by the next one, wherever it died, to the same end."""

from __future__ import annotations

import pytest
from erasures import assert_whole, left, tokens
from expiring import ANONYMISE, ERASE, due, rule, ruled, run
from kill_points import Killed, killed_at
from leak_scan import find_leaks

from policy import Period
from retention.effects import all_effects

YEAR = Period(12)
BOUNDARIES = (9, 21)
"""Of the durable effects: before and after bronze's commit, with silver and the past still to do."""


@pytest.mark.slow
@pytest.mark.parametrize("nth", BOUNDARIES)
def test_a_run_that_dies_is_finished_by_the_next(lake, nth):
    hers = list(tokens(lake, email="ana@example.org", customer_id="C-1").values())
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"), rule(ANONYMISE, YEAR, dataset="events"))
    with pytest.raises(Killed), killed_at(nth):
        run(lake)
    told = run(lake)
    assert told.failed == {}
    assert left(lake) == {"people": (3, 1, 3), "orders": (0, 0, 0), "events": (2, 0, 2)}
    for dataset in ("orders", "events"):
        for layer in ("bronze", "silver"):
            assert find_leaks(lake.home / "lake" / "eu" / layer / dataset, hers) == []
    assert all(one.finished_at is not None for one in all_effects(lake.ctx.engine))
    assert due(lake) == 0
    assert_whole(lake)
