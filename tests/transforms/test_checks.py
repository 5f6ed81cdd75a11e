"""Each check holds on a good lake, and each one fails on the fault it is there for."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from transforms.checks import BRONZE_CHECKS, SILVER_CHECKS, UNREAD, check_bronze, check_silver
from transforms.lake import Table

GOOD = (
    "customer_id,name,email,state,changed\n"
    "C-1,Ana Trujillo,ana@example.org,new,2024-01-01T00:00:00Z\n"
    "C-2,Maria Anders,maria@example.org,old,2024-01-01T00:00:00Z\n"
)
LATER = "customer_id,name,email,state,changed\nC-3,Hanna Moos,hanna@example.org,new,2024-01-02T00:00:00Z\n"
BAD = "customer_id,name,email,state,changed\nC-4,Elizabeth Lincoln,e@example.org,gone,2024-01-02T00:00:00Z\n"
BRONZE, SILVER, HELD = (Table("us", layer, "people") for layer in ("bronze", "silver", "quarantine"))
BOTH = ["globex", "initech"]
RUNS = count()
EVERY = {
    (layer, name, tenant)
    for layer, names in (("bronze", BRONZE_CHECKS), ("silver", SILVER_CHECKS))
    for name in names
    for tenant in BOTH
}


@pytest.fixture(scope="module")
def kept(open_lake, small_policies, tmp_path_factory):
    """The good lake, made once: for tests that change nothing of it."""
    lake = open_lake(tmp_path_factory.mktemp("checks") / "home", small_policies)
    for tenant in BOTH:
        lake.drop(tenant, "people", "a.csv", GOOD)
    lake.ingest("people")
    lake.protect("people")
    return lake


@pytest.fixture
def lake(kept, open_lake, tmp_path):
    """A copy of the good lake, of which nothing was checked yet."""
    kept.ctx.engine.dispose()
    return open_lake(shutil.copytree(kept.home, tmp_path / "home"), kept.ctx.bundle)


def spoil(lake, table, tenant, change):
    """Rewrite one tenant's rows of a table as `change` says."""
    rows = lake.ctx.lake.read(table, [tenant]).localCheckpoint()
    lake.ctx.lake.replace_tenants(change(rows), table, [tenant], {})


def check(lake, run="run-1", *, afresh=False):
    ctx = replace(lake.ctx, run_id=run)
    results = check_bronze(ctx, "people", BOTH, afresh=afresh)
    return results + check_silver(ctx, "people", BOTH, afresh=afresh)


def failures(lake, **how):
    return {(result.layer, result.name, result.tenant) for result in check(lake, **how) if not result.success}


def looked_at(lake, **how):
    """The layers and tenants whose rows a new run read."""
    run = f"later-{next(RUNS)}"
    return {(one.layer, one.tenant) for one in check(lake, run, **how) if one.run_id == run}


def data_file(lake, table, tenant) -> Path:
    (file,) = Path(lake.ctx.lake.path(table), f"tenant_id={tenant}").glob("*.parquet")
    return file


def test_on_a_good_lake_every_check_runs_for_every_tenant_and_holds(kept):
    assert {(one.layer, one.name, one.tenant) for one in check(kept) if one.success} == EVERY


def test_a_readable_value_a_broken_shape_and_a_doubled_key_in_silver_are_each_told_of_their_tenant(lake):
    def readable_and_doubled(rows):
        return rows.withColumn("email", F.lit("ana@example.org")).unionByName(rows)

    spoil(lake, SILVER, "globex", readable_and_doubled)
    broken = {
        ("silver", "contract_holds", "globex"),
        ("silver", "keys_unique", "globex"),
        ("silver", "no_residual_personal_data", "globex"),
        ("silver", "counts_reconcile", "globex"),
    }
    results = check(lake)
    assert {(one.layer, one.name, one.tenant) for one in results if not one.success} == broken
    told = {one.name: one.detail for one in results if (one.layer, one.tenant) == ("silver", "globex")}
    assert "email looks like a token (2 rows not)" in told["contract_holds"]
    assert "email (user.contact.email)" in told["no_residual_personal_data"]
    assert not any("ana@" in detail for detail in told.values())
    assert looked_at(lake) == {("silver", "globex")}  # what failed is looked at until it holds
    assert failures(lake) == broken


def test_each_promise_of_the_contract_is_counted_for_its_tenant(lake):
    changes = {
        "state": F.lit("somewhere"),
        "changed": F.lit(None).cast("timestamp"),
        "policy_digest": F.lit(None),
    }
    spoil(lake, SILVER, "globex", lambda rows: rows.withColumns(changes))
    broken = {
        one.tenant: one.detail for one in check(lake) if one.name == "contract_holds" and not one.success
    }
    assert set(broken) == {"globex"}
    for promise in ("state is one of its values", "changed filled", "policy_digest filled"):
        assert f"{promise} (2 rows not)" in broken["globex"]


def test_rows_moved_into_another_tenants_partition_are_told_in_both_layers(lake):
    for table in (BRONZE, SILVER):
        strange = (
            lake.ctx.lake.read(table, ["initech"]).withColumn("tenant_id", F.lit("globex")).localCheckpoint()
        )
        lake.ctx.lake.replace_tenants(strange, table, ["globex"], {})
    found = failures(lake)
    assert ("bronze", "tenant_isolation", "globex") in found
    assert not any(tenant == "initech" for _, _, tenant in found)


def test_a_row_that_vanished_from_bronze_is_told_in_both_layers(lake):
    spoil(lake, BRONZE, "globex", lambda rows: rows.limit(1))
    assert {
        ("bronze", "counts_reconcile", "globex"),
        ("silver", "counts_reconcile", "globex"),
        ("silver", "tenant_isolation", "globex"),
    } <= failures(lake)


def test_a_partition_of_a_tenant_of_elsewhere_is_told_to_all(lake):
    rows = lake.ctx.lake.read(SILVER, ["globex"]).withColumn("tenant_id", F.lit("acme")).localCheckpoint()
    lake.ctx.lake.replace_tenants(rows, SILVER, ["acme"], {})
    assert failures(lake) == {("silver", "tenant_isolation", tenant) for tenant in BOTH}


def test_a_quarantined_row_that_does_not_open_is_told(lake):
    lake.drop("globex", "people", "b.csv", BAD)
    lake.ingest("people")
    assert {one for one in failures(lake) if one[0] == "bronze"} == set()
    spoil(lake, HELD, "globex", lambda rows: rows.withColumn("record_id", F.lit("0" * 32)))
    assert {one for one in failures(lake) if one[0] == "bronze"} == {("bronze", "tenant_isolation", "globex")}


def test_rows_that_cannot_be_read_fail_their_tenant_alone_and_are_told_by_kind(lake):
    file = data_file(lake, BRONZE, "globex")
    file.with_name(f".{file.name}.crc").unlink()
    file.write_bytes(file.read_bytes()[:-8] + b"\0" * 8)
    results = [one for one in check(lake) if not one.success]
    assert {(one.name, one.tenant) for one in results if one.layer == "bronze"} == {
        (name, "globex") for name in BRONZE_CHECKS
    }
    assert {one.tenant for one in results} == {"globex"}
    assert all(one.detail.startswith(f"{UNREAD}FAILED_READ_FILE") for one in results)


def test_nothing_new_is_not_read_again(kept, monkeypatch):
    def read(*_):
        raise AssertionError("rows were read")

    check(kept)
    monkeypatch.setattr(type(kept.ctx.lake), "read", read)
    results = check(kept, "run-2")
    assert {(one.layer, one.name, one.tenant) for one in results if one.success} == EVERY
    assert "run-2" not in {one.run_id for one in results}


def test_whoever_asks_for_it_has_every_row_read_again(kept):
    check(kept)
    assert looked_at(kept, afresh=True) == {(layer, one) for layer in ("bronze", "silver") for one in BOTH}


def test_a_file_that_was_written_to_is_read_again_even_if_length_and_time_stamp_were_put_back(kept):
    check(kept)
    file = data_file(kept, SILVER, "globex")
    before = file.stat()
    with file.open("r+b") as opened:
        opened.write(b"PAR1")  # what it begins with
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert looked_at(kept) == {("silver", "globex")}


def test_a_copy_in_a_files_place_is_read_again(kept):
    check(kept)
    file = data_file(kept, SILVER, "globex")
    shutil.copy2(file, file.with_name("copy"))
    file.with_name("copy").rename(file)
    assert looked_at(kept) == {("silver", "globex")}


def test_new_rows_and_changed_policies_have_their_tenants_read_again_and_no_other(lake, changed_policies):
    check(lake)
    lake.drop("globex", "people", "b.csv", LATER)
    lake.ingest("people")
    # Bronze is ahead of silver: the run that brought its rows will protect and check them.
    assert {one.tenant for one in check(lake, "run-2") if one.layer == "silver"} == {"initech"}
    lake.protect("people")
    assert looked_at(lake) == {("silver", "globex")}
    other = changed_policies({"treatments.yaml": [("user.content: redact", "user.content: drop")]})
    changed = lake.with_policies(other)
    changed.protect("people")
    assert {one.tenant for one in check(changed, "run-3") if one.run_id == "run-3"} == set(BOTH)


def test_a_large_tenant_has_a_sample_opened_and_every_row_on_request(lake, monkeypatch):
    monkeypatch.setattr("transforms.samples.ROWS", 10)
    wide = GOOD + "".join(f"C-{n},N,n{n}@example.org,new,2024-01-01T00:00:00Z\n" for n in range(10, 200))
    lake.drop("globex", "people", "c.csv", wide)
    lake.ingest("people")

    def opened(**how):
        results = check_bronze(lake.ctx, "people", ["globex"], **how)
        (told,) = (one.detail for one in results if one.name == "tenant_isolation" and one.success)
        return int(told.split(" of ")[1].split()[0])

    assert 1 <= opened() < 40
    assert opened(afresh=True) == 194


def test_a_row_outside_of_every_sample_stays_failed_until_it_is_mended(lake, monkeypatch):
    monkeypatch.setattr("transforms.samples.share", lambda rows: 1_000_000 if not rows else 0)
    whole = lake.ctx.lake.read(BRONZE, ["globex"]).localCheckpoint()
    spoil(lake, BRONZE, "globex", lambda rows: rows.withColumn("sealed", F.reverse("sealed")))
    told = ("bronze", "tenant_isolation", "globex")
    assert told not in failures(lake)
    assert told in failures(lake, afresh=True)
    assert told in failures(lake)
    lake.ctx.lake.replace_tenants(whole, BRONZE, ["globex"], {})
    assert told not in failures(lake)
