"""An erasure that dies is finished by the next one, wherever it died, to the same end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from erasures import PEOPLE, answer, ask, assert_whole, believed, left, narrowed, tokens
from kill_points import Killed, disk_fails_at, killed_at
from leak_scan import find_leaks

from retention.erasure import Erasure
from retention.requests import State, found_rows, the_request
from transforms.protect import needs_protect

HERS = {"email": "ana@example.org", "customer_id": "C-1"}
BOUNDARIES = (13, 34, 84)
"""Of about 90 durable effects where people, which has every kind of change, is all: after the names of the
person went from bronze, among the files of the log, among those of the past. `make faults` kills at each."""
LAST_DATASET = 101
"""The durable effect after the first change to people, the last of three datasets."""


def die(lake, nth):
    request_id = ask(lake, **HERS)
    with pytest.raises(Killed), killed_at(nth):
        Erasure(lake.ctx, believed, lake.home / "control" / "exports").run()
    assert the_request(lake.ctx.engine, request_id).state is not State.DONE
    return request_id


@pytest.mark.slow
@pytest.mark.parametrize("nth", BOUNDARIES)
def test_an_erasure_that_dies_is_finished_by_the_next(lake, nth):
    hers = tokens(lake, **HERS).values()
    lake = narrowed(lake, "people")
    request_id = die(lake, nth)
    assert answer(lake, request_id).state is State.DONE
    assert left(lake)["people"] == (2, 0, 2)
    assert find_leaks(lake.home / "lake" / "eu" / "bronze" / "people", hers) == []
    assert find_leaks(lake.home / "lake" / "eu" / "silver" / "people", hers) == []
    assert found_rows(lake.ctx.engine, request_id)["bronze.people"] == 1
    assert_whole(lake)
    assert needs_protect(lake.ctx, "people", ["acme"]) == []


@pytest.mark.slow
def test_an_erasure_that_dies_in_the_last_of_its_datasets_is_finished_by_the_next(lake):
    request_id = die(lake, LAST_DATASET)
    assert answer(lake, request_id).state is State.DONE
    assert left(lake) == {"people": (2, 0, 2), "orders": (1, 0, 1), "events": (1, 0, 1)}
    assert find_leaks(lake.home / "lake", tokens(lake, **HERS).values()) == []
    assert_whole(lake)


@pytest.mark.slow
def test_silver_of_an_erasure_that_died_is_made_anew_where_another_request_comes_next(lake):
    """The first may have changed records of others in bronze, and not in silver yet."""
    lake = narrowed(lake, "people")
    die(lake, BOUNDARIES[0])
    his = ask(lake, customer_id="C-3")
    assert answer(lake, his).state is State.DONE
    assert needs_protect(lake.ctx, "people", ["acme"]) == ["acme"]


def test_a_request_is_not_done_before_lineage_is_told(lake):
    def dies(_done):
        raise Killed

    lake = narrowed(lake, "people")
    request_id = ask(lake, **HERS)
    with pytest.raises(Killed):
        Erasure(lake.ctx, believed, lake.home / "control" / "exports", lineage=dies).run()
    assert the_request(lake.ctx.engine, request_id).state is State.VERIFYING
    assert answer(lake, request_id).state is State.DONE


def test_a_disk_that_is_full_fails_the_request_and_a_later_try_finishes_it(lake):
    lake = narrowed(lake, "people")
    request_id = ask(lake, **HERS)
    with disk_fails_at(2, "No space left on device", after=False):
        Erasure(lake.ctx, believed, lake.home / "control" / "exports").run()
    request = the_request(lake.ctx.engine, request_id)
    assert (request.state, request.detail) == (State.FAILED, "OSError")
    assert_whole(lake)
    assert answer(lake, request_id, retry=True).state is State.DONE
    assert left(lake)["people"] == (2, 0, 2)


def test_two_runs_of_one_request_one_of_another_and_an_ingest_take_turns(lake):
    lake = narrowed(lake, "people")
    hers, his = ask(lake, **HERS), ask(lake, customer_id="C-3")
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
