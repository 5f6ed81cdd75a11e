"""An erasure that dies is finished by the next one, wherever it died, to the same end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from erasures import PEOPLE, answer, ask, assert_whole, believed, left, tokens
from kill_points import Killed, disk_fails_at, killed_at
from leak_scan import find_leaks

from retention.erasure import Erasure
from retention.requests import State, found_rows, the_request

WITHOUT_ANA = {"people": (2, 0, 2), "orders": (1, 0, 1), "events": (1, 0, 1)}
BOUNDARIES = (13, 30, 95, 101, 111, 117)
"""Of about 180 durable effects: a deletion, the log, and each kind of change to the dataset that has all."""


@pytest.mark.slow
@pytest.mark.parametrize("nth", BOUNDARIES)
def test_an_erasure_that_dies_is_finished_by_the_next(lake, nth):
    request_id = ask(lake, email="ana@example.org", customer_id="C-1")
    with pytest.raises(Killed), killed_at(nth):
        Erasure(lake.ctx, believed, lake.home / "control" / "exports").run()
    assert the_request(lake.ctx.engine, request_id).state is not State.DONE
    assert answer(lake, request_id).state is State.DONE
    assert left(lake) == WITHOUT_ANA
    hers = tokens(lake, email="ana@example.org", customer_id="C-1").values()
    assert find_leaks(lake.home / "lake", hers) == []
    assert found_rows(lake.ctx.engine, request_id)["bronze.people"] == 1
    assert_whole(lake)


def test_a_disk_that_is_full_fails_the_request_and_a_later_try_finishes_it(lake):
    request_id = ask(lake, email="ana@example.org", customer_id="C-1")
    with disk_fails_at(2, "No space left on device", after=False):
        Erasure(lake.ctx, believed, lake.home / "control" / "exports").run()
    request = the_request(lake.ctx.engine, request_id)
    assert (request.state, request.detail) == (State.FAILED, "OSError")
    assert_whole(lake)
    assert answer(lake, request_id, retry=True).state is State.DONE
    assert left(lake) == WITHOUT_ANA


def test_two_runs_of_one_request_one_of_another_and_an_ingest_take_turns(lake):
    hers, his = ask(lake, email="ana@example.org", customer_id="C-1"), ask(lake, customer_id="C-3")
    lake.drop("acme", "people", "late.csv", PEOPLE.replace("C-2", "C-7").replace(",lost,", ",old,"))
    with ThreadPoolExecutor(4) as pool:
        erasure = Erasure(lake.ctx, believed, lake.home / "control" / "exports")
        runs = [pool.submit(erasure.run, [one]) for one in (hers, his, hers)]
        pool.submit(lake.ingest, "people").result()
        for run in runs:
            run.result()
    assert [the_request(lake.ctx.engine, one).state for one in (hers, his)] == [State.DONE, State.DONE]
    kept = lake.rows("bronze", "people", "acme")
    assert not any(gone in row.opened for row in kept for gone in ("C-1", "C-3"))
    assert any("C-7" in row.opened for row in kept)
    assert_whole(lake)
