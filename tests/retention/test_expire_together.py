"""Tenants of one region and contract expire together, in one commit a table, and still each by itself."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from erasures import assert_whole, tokens
from expiring import ANONYMISE, ERASE, expiry_verifier, rule, ruled, run
from kill_points import Killed, disk_fails_at
from sqlalchemy import select

from policy import Period
from retention import expire, expire_part
from retention.effects import all_effects
from retention.holds import Scope, place_hold
from transforms.erased import erasure_changes
from transforms.errors import DISK_FULL
from transforms.lake import Table

YEAR = Period(12)
PAIR = ("globex", "initech")
BRONZE = Table("us", "bronze", "orders")


@pytest.fixture(scope="module")
def delivered(open_lake, small_policies, tmp_path_factory) -> Path:
    """Two tenants of one region, each with two orders of customers that go by the same ids."""
    lake = open_lake(tmp_path_factory.mktemp("pair"), small_policies)
    for tenant in PAIR:
        lake.drop(tenant, "orders", "a.csv", "order_id,customer_id,amount\n1,C-1,5\n2,C-2,6\n")
    lake.ingest("orders")
    lake.protect("orders")
    lake.ctx.engine.dispose()
    return lake.home


@pytest.fixture
def lake(delivered, open_lake, small_policies, tmp_path):
    return open_lake(Path(shutil.copytree(delivered, tmp_path / "home")), small_policies)


def rows_left(lake):
    return {
        tenant: tuple(len(lake.rows(one, "orders", tenant)) for one in ("bronze", "silver"))
        for tenant in PAIR
    }


def test_one_commit_takes_the_rows_of_both_and_each_has_a_receipt_that_tells_nothing_of_the_other(lake):
    held = tuple(tokens(lake, "initech", customer_id="C-1").values())
    place_hold(lake.ctx.engine, Scope("initech", None, held), matter="CASE-1", by="counsel", why="why")
    prove = expiry_verifier(lake)
    told = run(ruled(lake, rule(ERASE, YEAR, dataset="orders")), prove=prove)
    assert rows_left(lake) == {"globex": (0, 0), "initech": (1, 1)}
    # Rows go with the first commit, the log before it with the second.
    assert [after - before for before, after in told.versions.values()] == [2, 2]
    for tenant, other, rows, matter in (("globex", "initech", 2, ""), ("initech", "globex", 1, "CASE-1")):
        own = [one for one in told.effects if one.tenant == tenant]
        assert [(one.layer, one.rows, one.matters) for one in own] == [
            ("silver", rows, matter), ("bronze", rows, matter),
        ]  # fmt: skip
        text = (prove.receipts / told.proofs[tenant].receipt).read_text()
        assert (json.loads(text)["body"]["sought"]["cells"], other in text) == (rows, False)
    assert_whole(lake)


def test_a_tenant_whose_row_does_not_open_stops_itself_and_the_other_loses_its_values(lake):
    spoilt = lake.ctx.lake.read(BRONZE, ["globex"]).selectExpr("*", "unhex('00') AS s").drop("sealed")
    spoilt = spoilt.withColumnRenamed("s", "sealed").localCheckpoint()
    lake.ctx.lake.replace_tenants(spoilt, BRONZE, ["globex"], {})
    told = run(ruled(lake, rule(ANONYMISE, YEAR, dataset="orders")))
    assert list(told.failed) == [("globex", "orders")]
    assert [(one.tenant, one.verb, one.rows) for one in told.effects] == [("initech", "emptied", 2)]
    assert [row.subject_token for row in lake.rows("silver", "orders", "initech")] == [None, None]
    with lake.ctx.engine.connect() as connection:
        query = select(erasure_changes.c.tenant_id, erasure_changes.c.state).order_by(erasure_changes.c.seq)
        changes = [tuple(row) for row in connection.execute(query)]
    # Those that failed took no place, although a later one did.
    assert changes == [
        ("globex", "abandoned"), ("initech", "abandoned"), ("globex", "abandoned"), ("initech", "done"),
    ]  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_an_error_at_the_shared_commit_to_bronze_is_made_good_and_nothing_counts_twice(lake, after):
    with disk_fails_at(2, "broken", after=after):
        told = run(ruled(lake, rule(ERASE, YEAR, dataset="orders")))
    assert (told.failed, rows_left(lake)) == ({}, {"globex": (0, 0), "initech": (0, 0)})
    found = [(one.tenant, one.layer, one.rows) for one in all_effects(lake.ctx.engine)]
    assert sorted(found) == [(tenant, layer, 2) for tenant in PAIR for layer in ("bronze", "silver")]
    assert_whole(lake)


def test_an_archived_file_of_a_tenant_without_a_row_left_goes_with_the_next_run(lake, monkeypatch):
    folder = lake.home / "lake" / "us" / "archive" / "orders" / "tenant_id=globex"
    folder.mkdir(parents=True)
    (folder / f"{1:012d}.sealed").write_text("sealed")
    ruled_lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"))

    def dies(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(expire_part, "remove_archives", dies)
        with pytest.raises(Killed):
            run(ruled_lake)
    assert rows_left(lake)["globex"] == (0, 0)
    assert (run(ruled_lake).archives, list(folder.iterdir())) == (1, [])


def test_on_a_full_disk_nothing_is_tried_again_for_one_tenant_after_the_other(lake, monkeypatch):
    tried = []

    def full(parts):
        tried.append(parts.tenants)
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(expire_part.ExpiringParts, "expire", full)
    told = run(ruled(lake, rule(ERASE, YEAR, dataset="orders")))
    assert tried == [list(PAIR)]
    assert told.failed == {(tenant, "orders"): DISK_FULL for tenant in PAIR}


def test_tenants_with_more_due_rows_than_one_statement_takes_have_their_turns(monkeypatch):
    monkeypatch.setattr(expire, "AT_ONCE", 10)
    due = {"a": 4, "b": 6, "c": 1, "d": 30, "e": 0}
    lines = [SimpleNamespace(standing=SimpleNamespace(tenant=one), due=rows) for one, rows in due.items()]
    assert list(expire._together(list(due), lines)) == [["a", "b"], ["c"], ["d"], ["e"]]
