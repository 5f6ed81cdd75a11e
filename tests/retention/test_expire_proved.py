"""Retention is done when the verifier finds nothing of it; what it finds is told, and looked for again."""

from __future__ import annotations

import json
import shutil

import pytest
from expiring import ERASE, expiry_verifier, rule, ruled, run
from receipts import verification
from sqlalchemy import select

from audit.ledger import Ledger
from policy import Period
from retention.effects import all_effects
from retention.expired_ids import expired_ids
from retention.prove_expiry import _with_files
from retention.receipt import RemovedFile
from retention.verify import Verdict
from transforms.lake import Table

YEAR = Period(12)
TICKETS = "order_id,customer_id,amount\n1,C-1,5\n"


def bodies(lake):
    return [one.body for one in Ledger(lake.ctx.engine).entries(kinds={"retention"}) if "receipt" in one.body]


def test_a_copy_that_was_left_behind_is_found_and_the_next_run_ends_it_also_without_the_rule(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"))
    [part] = (lake.home / "lake" / "eu" / "bronze" / "orders" / "tenant_id=acme").glob("*.parquet")
    shutil.copy(part, lake.home / "control" / "copy")
    prove = expiry_verifier(lake)
    told = run(lake, prove=prove)
    proof = told.proofs["acme"]
    assert (told.effects, proof.complete) == ([], False)
    assert "could not search 0. To mend it" in told.failed["acme", "orders"]
    found = json.loads((prove.receipts / proof.receipt).read_bytes())["body"]
    assert (found["verdict"], {one["path"] for one in found["found"]}) == ("failed", {"copy"})
    assert all(one.finished_at is None for one in all_effects(lake.ctx.engine))
    (lake.home / "control" / "copy").unlink()
    told = run(ruled(lake), prove=prove)
    assert (told.failed, {one.layer for one in told.effects}) == ({}, {"bronze", "silver"})
    assert [one["verified"] for one in bodies(lake)] == [False, True]
    assert bodies(lake)[1]["receipt_sha256"] == told.proofs["acme"].receipt_sha256


def test_a_record_that_came_in_again_is_no_leftover_and_one_of_silver_alone_is(lake):
    lake = ruled(lake, rule(ERASE, YEAR, dataset="orders"))
    silver = Table("eu", "silver", "orders")
    old = lake.ctx.lake.read(silver, ["acme"]).localCheckpoint()

    def comes_in_again(ctx, told):
        lake.drop("acme", "orders", "again.csv", TICKETS)
        lake.ingest("orders")
        lake.protect("orders")
        first = expiry_verifier(lake)(ctx, told)["acme"]
        assert (first.complete, first.detail) == (True, "")
        lake.ctx.lake.replace_tenants(old, silver, ["acme"], {})
        return expiry_verifier(lake)(ctx, told)

    told = run(lake, prove=comes_in_again)
    assert not told.proofs["acme"].complete
    file = lake.home / "control" / "receipts" / told.proofs["acme"].receipt
    found = json.loads(file.read_bytes())["body"]["found"]
    assert {one["path"].split("/tenant_id")[0] for one in found if "column" in one["where"]} == {
        "eu/silver/orders"
    }
    with lake.ctx.engine.connect() as connection:
        assert connection.execute(select(expired_ids)).all() != []


@pytest.mark.parametrize(
    ("path", "found"), [("us/silver/people/a.parquet", 1), ("us/silver/people/b.parquet", 0)]
)
def test_a_file_that_was_removed_and_lies_there_again_is_found_by_its_path(path, found):
    told = _with_files(verification(), [RemovedFile("lake", path, 5, "0" * 64)])
    assert [one.where for one in told.hits] == ["a file that was removed"] * found
    assert told.verdict is (Verdict.FAILED if found else Verdict.VERIFIED)
