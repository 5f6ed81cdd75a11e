"""Each check holds on a good lake, and each one fails on the fault it is there for."""

from __future__ import annotations

import pytest
from pyspark.sql import functions as F

from classifications.detector import Detector
from transforms.checks import BRONZE_CHECKS, SILVER_CHECKS, check_bronze, check_silver
from transforms.lake import Table

GOOD = (
    "customer_id,name,email,state,changed\n"
    "C-1,Ana Trujillo,ana@example.org,new,2024-01-01T00:00:00Z\n"
    "C-2,Maria Anders,maria@example.org,old,2024-01-01T00:00:00Z\n"
)
BRONZE, SILVER = Table("us", "bronze", "people"), Table("us", "silver", "people")


@pytest.fixture
def lake(small_lake):
    small_lake.drop("globex", "people", "a.csv", GOOD)
    small_lake.drop("initech", "people", "a.csv", GOOD)
    small_lake.ingest("people")
    small_lake.protect("people")
    return small_lake


def spoil(lake, table, tenant, change):
    """Rewrite one tenant's rows of a table as `change` says."""
    rows = lake.ctx.lake.read(table, [tenant]).localCheckpoint()
    lake.ctx.lake.replace_tenants(change(rows), table, [tenant], {})


def failures(lake):
    results = check_bronze(lake.ctx, "people", ["globex", "initech"])
    results += check_silver(lake.ctx, "people", ["globex", "initech"], Detector.default())
    return {(result.layer, result.name, result.tenant) for result in results if not result.success}


def test_on_a_good_lake_every_check_runs_for_every_tenant_and_holds(lake):
    results = check_bronze(lake.ctx, "people", ["globex", "initech"])
    results += check_silver(lake.ctx, "people", ["globex", "initech"], Detector.default())
    assert {(r.layer, r.name, r.tenant) for r in results if r.success} == {
        (layer, name, tenant)
        for layer, names in (("bronze", BRONZE_CHECKS), ("silver", SILVER_CHECKS))
        for name in names
        for tenant in ("globex", "initech")
    }


def test_a_readable_value_a_broken_shape_and_a_doubled_key_in_silver_are_each_told_of_their_tenant(lake):
    def readable_and_doubled(rows):
        return rows.withColumn("email", F.lit("ana@example.org")).unionByName(rows)

    spoil(lake, SILVER, "globex", readable_and_doubled)
    assert failures(lake) == {
        ("silver", "contract_holds", "globex"),
        ("silver", "keys_unique", "globex"),
        ("silver", "no_residual_personal_data", "globex"),
        ("silver", "counts_reconcile", "globex"),
    }


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
