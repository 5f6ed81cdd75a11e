"""A retention run that dies is finished by the next one, wherever it died, to the same end and proved."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from erasures import ORDERS, assert_whole, left, narrowed, tokens
from expiring import ANONYMISE, ERASE, due, expiry_verifier, rule, ruled, run
from kill_points import Killed, killed_at
from leak_scan import find_leaks
from sqlalchemy import select

from policy import Period
from retention.effects import all_effects
from retention.expired_ids import expired_ids
from retention.holds import Scope, place_hold
from retention.standalone import verify_receipt as standalone

YEAR = Period(12)
STEP = 4
"""So a handful of runs die all over the way: the fault suite kills at each boundary."""


def killed_on_and_on(lake, prove):
    """Each run dies some durable effects later than the one before, the last does not; how many died."""
    died = 0
    for nth in count(2, STEP):
        try:
            with killed_at(nth):
                told = run(lake, prove=prove)
        except Killed:
            died += 1
            continue
        assert told.failed == {}
        return died
    raise AssertionError


@pytest.mark.slow
def test_runs_that_die_one_after_the_other_end_as_one_that_does_not(lake, changed_policies):
    moved = changed_policies({"tenants.yaml": [("Initech, region: us", "Initech, region: eu")]})
    lake = lake.with_policies(moved)  # so two tenants share each commit to orders
    lake.drop("initech", "orders", "a.csv", ORDERS)
    lake.ingest("orders")
    lake.protect("orders")
    hers = tokens(lake, email="ana@example.org", customer_id="C-1")
    lake = narrowed(lake, "orders", "events")
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"), rule(ANONYMISE, YEAR, dataset="events"))
    kept = Scope("acme", "orders", subject_tokens=tuple(hers.values()))
    place_hold(lake.ctx.engine, kept, matter="CASE-1", by="counsel", why="why")
    assert killed_on_and_on(lake, expiry_verifier(lake)) >= 4
    assert (left(lake)["orders"], left(lake)["events"]) == ((2, 0, 2), (2, 0, 2))
    assert left(lake, "initech")["orders"] == (0, 0, 0)
    assert {row.subject_token for row in lake.rows("bronze", "orders", "acme")} <= set(hers.values())
    for layer in ("bronze", "silver"):
        assert find_leaks(lake.home / "lake" / "eu" / layer / "events", hers.values()) == []
    rows = Counter()
    for one in all_effects(lake.ctx.engine):
        assert one.finished_at is not None
        rows[one.tenant, one.layer, one.dataset, one.verb] += one.rows
        receipt = lake.home / "control" / "receipts" / one.receipt
        assert standalone.check(receipt, lake.home / "control" / "signing.pub")[0]
    assert rows == {
        ("acme", "silver", "orders", "erased"): 1,
        ("acme", "bronze", "orders", "erased"): 1,
        ("initech", "silver", "orders", "erased"): 3,
        ("initech", "bronze", "orders", "erased"): 3,
        ("acme", "bronze", "events", "emptied"): 2,
    }
    with lake.ctx.engine.connect() as connection:
        assert connection.execute(select(expired_ids)).all() == []
    assert due(lake) == 0
    assert_whole(lake)
