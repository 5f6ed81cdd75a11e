"""Maintenance: however many batches brought a person, their rows lie in few files; old versions go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from erasures import assert_whole, left, tokens
from expiring import LATER, TENANTS
from pyspark.sql import functions as F

from policy import Period, Retention, Store
from retention import maintain as room
from retention.maintain import is_scattered, maintain
from tenancy.control import now
from transforms.clustering import Span, depth, out_of_order
from transforms.delta_log import DeltaLog
from transforms.lake import Table

BRONZE = Table("eu", "bronze", "orders")


def rows_of(lake):
    return sorted(tuple(row) for row in lake.ctx.lake.read(BRONZE, ["acme"]).collect())


def files_of_ana(lake):
    [token] = tokens(lake, customer_id="C-1").values()
    rows = lake.ctx.lake.read(BRONZE, ["acme"]).where(F.col("subject_token") == token)
    return {row.file for row in rows.select(F.col("_metadata.file_name").alias("file")).collect()}


def test_a_persons_rows_lie_in_one_file_after_many_small_batches_and_old_versions_end(lake, monkeypatch):
    monkeypatch.setattr(room, "FILES_OF_A_PERSON", 2)
    monkeypatch.setattr(room, "TARGET", 4000)
    for number in (10, 20):
        more = "".join(f"{number + one},C-{one},5\n" for one in range(1, 9))
        lake.drop("acme", "orders", f"{number}.csv", f"order_id,customer_id,amount\n{more}")
        lake.ingest("orders")
    before, own = rows_of(lake), files_of_ana(lake)
    assert len(own) == 3
    told = maintain(lake.ctx, TENANTS, now())
    assert (list(told.clustered), told.failed, told.purged) == ([("eu/bronze/orders", "acme")], {}, {})
    files = DeltaLog(Path(lake.ctx.lake.path(BRONZE))).live()
    assert len(files_of_ana(lake)) == 1
    assert len(files) > 1
    assert rows_of(lake) == before
    assert maintain(lake.ctx, TENANTS, now()).clustered == {}
    keep = Retention(stores={Store.VERSIONS: Period(days=7)})
    ctx = replace(lake.ctx, bundle=replace(lake.ctx.bundle, retention=keep))
    assert maintain(ctx, TENANTS, now() + timedelta(days=6)).purged == {}
    assert set(maintain(ctx, TENANTS, LATER).purged) >= {"eu/bronze/orders"}
    there = {file.name for file in Path(lake.ctx.lake.path(BRONZE)).glob("tenant_id=acme/*.parquet")}
    assert there == {Path(path).name for path in DeltaLog(Path(lake.ctx.lake.path(BRONZE))).live()}
    assert left(lake)["orders"][0] == len(before)
    assert_whole(lake)


@pytest.mark.parametrize(
    ("spans", "deepest", "beside"),
    [
        ([], 0, 0),
        ([("a", "b"), ("c", "d")], 1, 0),
        ([("a", "b"), ("b", "d")], 2, 10),  # who is "b" lies in both
        ([("a", "z"), ("c", "d"), ("e", "f")], 2, 10),
        ([("a", "z")] * 5, 5, 40),
    ],
)
def test_how_far_files_are_from_lying_apart(spans, deepest, beside):
    made = [Span(10, *one) for one in spans]
    assert (depth(made), out_of_order(made)) == (deepest, beside)


def test_a_large_partition_is_not_rewritten_for_a_few_small_batches():
    large = [Span(1000, first, f"{first}z") for first in "abcdefgh"]
    small = [Span(100, "a", "z")] * 7
    assert depth(large + small) > room.FILES_OF_A_PERSON
    assert not is_scattered(large + small)
    assert is_scattered(large + small * 2)
