"""What detection sees in bronze changes what silver shows, until a steward decides."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyspark.sql import functions as F

from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from transforms import classify
from transforms.classify import classify_dataset
from transforms.lake import Table

ROWS = "".join(f"E-{number},person{number}@example.org\n" for number in range(30))
FILE = "event_id,items\n" + ROWS


@pytest.fixture
def lake(small_lake):
    """`items`, which the contract calls a plain array, holds e-mail addresses."""
    classify.metadata.create_all(small_lake.ctx.engine)
    small_lake.drop("acme", "events", "a.csv", FILE)
    small_lake.ingest("events")
    return small_lake


def found(lake):
    (acme,) = classify_dataset(lake.ctx, "events", ["acme"])
    return acme


def silver(lake):
    lake.protect("events")
    return {row["items"] for row in lake.rows("silver", "events", "acme")}


def test_an_undeclared_class_is_treated_by_the_stricter_until_a_steward_rejects_it(lake):
    (finding,) = [one for one in found(lake).findings if one.column == "items"]
    assert (finding.data_class, finding.status) == ("user.contact.email", "undeclared")
    treated = silver(lake)
    assert not any("@" in value for value in treated)
    assert len(treated) == 30
    ledger = FindingsLedger(lake.ctx.engine)
    verdict = Verdict(
        "acme",
        "events",
        "items",
        "user.contact.email",
        Decision.REJECT,
        "steward",
        "test data",
        datetime.now(UTC),
    )
    ledger.record_verdict(verdict)
    assert all("@" in value for value in silver(lake))


def test_findings_hold_counts_and_reasons_and_no_value(lake):
    told = repr(found(lake).findings)
    assert "items" in told
    assert "@" not in told
    assert "person1" not in told


def test_what_was_classified_under_the_same_policies_and_detector_is_not_looked_at_again(lake):
    begun = []
    first, second = (classify_dataset(lake.ctx, "events", ["acme"], begun.append) for _ in range(2))
    assert begun == [["acme"], []]
    assert first[0].new > 0
    assert second[0].new == 0
    assert second[0].findings == first[0].findings


def test_workers_see_what_this_process_sees(lake, monkeypatch):
    for tenant, rows in (("globex", FILE), ("initech", "event_id,items\nE-1,plain\n")):
        lake.drop(tenant, "events", "a.csv", rows)
    lake.ingest("events")
    seen = []
    for values_for_workers in (10_000, 1):
        monkeypatch.setattr(classify, "IN_WORKERS", values_for_workers)
        with lake.ctx.engine.begin() as connection:
            connection.execute(classify.classified.delete())
        outcomes = classify_dataset(lake.ctx, "events", ["globex", "initech"])
        seen.append([(one.tenant, one.failed, one.findings) for one in outcomes])
    here, in_workers = seen
    assert here[0][2]
    assert in_workers == here


@pytest.mark.parametrize("values_for_workers", [10_000, 1], ids=["here", "in workers"])
def test_a_tenant_whose_rows_do_not_open_stops_itself_only(lake, monkeypatch, values_for_workers):
    monkeypatch.setattr(classify, "IN_WORKERS", values_for_workers)
    rows = "event_id,items\nE-1,plain\n"
    for tenant in ("globex", "initech"):
        lake.drop(tenant, "events", "a.csv", rows)
    lake.ingest("events")
    table = Table("us", "bronze", "events")
    moved = lake.ctx.lake.read(table, ["globex"]).withColumn("record_id", F.lit("0" * 32)).localCheckpoint()
    lake.ctx.lake.replace_tenants(moved, table, ["globex"], {})
    outcomes = classify_dataset(lake.ctx, "events", ["globex", "initech"])
    assert [(one.tenant, one.failed is None) for one in outcomes] == [("globex", False), ("initech", True)]


def test_of_a_large_tenant_the_same_sample_of_rows_is_opened_each_time(lake, monkeypatch):
    monkeypatch.setattr("transforms.samples.ROWS", 10)
    seen = []
    for _ in range(2):
        with lake.ctx.engine.begin() as connection:
            connection.execute(classify.classified.delete())
        (finding,) = [one for one in found(lake).findings if one.column == "items"]
        seen.append(dict(finding.evidence))
    assert 1 <= seen[0]["distinct"] < 30
    assert seen[0] == seen[1]
