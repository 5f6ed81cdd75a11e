"""A retention run that dies is finished by the next one, wherever it died, to the same end."""

from __future__ import annotations

import pytest
from erasures import left, tokens
from expiring import ANONYMISE, due, rule, ruled, run
from kill_points import Killed, killed_at
from leak_scan import find_leaks

from policy import Period
from retention.effects import all_effects
from transforms.checks import check_bronze

YEAR = Period(12)
BOUNDARIES = (6, 11)
"""Of the durable effects: right after bronze's commit, and right after silver's, which follows it."""


@pytest.mark.slow
@pytest.mark.parametrize("nth", BOUNDARIES)
def test_a_run_that_dies_is_finished_by_the_next(lake, nth):
    hers = list(tokens(lake, email="ana@example.org").values())
    lake = ruled(lake, rule(ANONYMISE, YEAR, dataset="events"))
    with pytest.raises(Killed), killed_at(nth):
        run(lake)
    told = run(lake)
    assert told.failed == {}
    assert left(lake)["events"] == (2, 0, 2)
    for layer in ("bronze", "silver"):
        assert find_leaks(lake.home / "lake" / "eu" / layer / "events", hers) == []
    assert {(one.rows, one.finished_at is not None) for one in all_effects(lake.ctx.engine)} == {(2, True)}
    assert due(lake) == 0
    assert all(one.success for one in check_bronze(lake.ctx, "events", ["acme"]))
