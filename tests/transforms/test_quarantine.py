"""Quarantined records come back after a policy fix, once, and only those that hold."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from delta_files import read_table

from transforms import batch, deliveries, quarantine, recovery
from transforms.batch import Places
from transforms.lake import Lake
from transforms.quarantine import RetryOutcome, list_quarantine, quarantine_of, retry_quarantine

FILE = (
    "customer_id,name,email,state,changed\n"
    "C-1,Ana Trujillo,ana@example.org,new,2024-01-01T00:00:00Z\n"
    "C-2,Maria Anders,maria@example.org,lost,2024-01-01T00:00:00Z\n"
    "C-3,,tom@example.org,old,2024-01-01T00:00:00Z\n"
    'C-4,"ragged"\n'
)
WIDER = {"datasets/people.yaml": [("enum: [{value: new}", "enum: [{value: lost}, {value: new}")]}


@pytest.fixture
def dropped(small_lake):
    small_lake.drop("acme", "people", "a.csv", FILE)
    small_lake.ingest("people")
    return small_lake


def stored(lake, layer):
    places = Places.of("eu", "people")
    table = places.bronze if layer == "bronze" else places.quarantine
    return lake.ctx.lake.read(table, ["acme"]).count()


def test_the_list_tells_tenant_reason_and_rows(dropped):
    told = {(group.tenant, group.reason): group.rows for group in list_quarantine(dropped.ctx)}
    assert told == {("acme", "enum:state"): 1, ("acme", "missing:name"): 1, ("acme", "unreadable"): 1}
    ctx = dropped.ctx
    assert quarantine_of(ctx.lake.root, ctx.bundle, ["acme"]) == list_quarantine(ctx)
    assert quarantine_of(ctx.lake.root, ctx.bundle, ["globex", "acme"]) == list_quarantine(ctx)
    assert quarantine_of(ctx.lake.root, ctx.bundle, ["globex"]) == []


def test_a_retry_under_the_same_policies_accepts_nothing(dropped):
    assert retry_quarantine(dropped.ctx) == [RetryOutcome("acme", "people", retried=3, accepted=0)]
    assert (stored(dropped, "bronze"), stored(dropped, "quarantine")) == (1, 3)


def test_a_policy_fix_brings_back_the_records_that_now_hold_and_only_once(dropped, changed_policies):
    fixed = dropped.with_policies(changed_policies(WIDER))
    assert retry_quarantine(fixed.ctx) == [RetryOutcome("acme", "people", retried=3, accepted=1)]
    assert retry_quarantine(fixed.ctx) == [RetryOutcome("acme", "people", retried=2, accepted=0)]
    (delivery,) = deliveries.all_deliveries(fixed.ctx.engine)
    assert (delivery.rows_landed, delivery.rows_bronze, delivery.rows_quarantined) == (4, 2, 2)
    assert (stored(fixed, "bronze"), stored(fixed, "quarantine")) == (2, 2)
    left = quarantine_of(fixed.ctx.lake.root, fixed.ctx.bundle, ["acme"])
    assert {one.reason: one.rows for one in left} == {"missing:name": 1, "unreadable": 1}


def test_a_retry_that_dies_after_the_bronze_commit_is_finished_by_the_next_run(
    dropped, changed_policies, monkeypatch
):
    fixed = dropped.with_policies(changed_policies(WIDER))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "release_accepted", die)
        with pytest.raises(KeyboardInterrupt):
            retry_quarantine(fixed.ctx)
    assert (stored(fixed, "bronze"), stored(fixed, "quarantine")) == (2, 3)
    fixed.ingest("people")
    assert (stored(fixed, "bronze"), stored(fixed, "quarantine")) == (2, 2)
    assert deliveries.open_batches(fixed.ctx.engine, "eu", "people") == []


class Killed(BaseException):
    """Stands for the end of the process."""


def dies(*_args, **_kwargs):
    raise Killed


def counts(lake):
    return [
        (one.state, one.rows_landed, one.rows_bronze, one.rows_quarantined)
        for one in deliveries.all_deliveries(lake.ctx.engine)
    ]


def test_a_retry_first_undoes_what_a_dead_ingest_left_and_no_row_of_it_is_lost(
    dropped, changed_policies, monkeypatch
):
    dropped.drop("acme", "people", "b.csv", FILE.replace("C-", "C-1"))
    with monkeypatch.context() as patch:
        patch.setattr(batch, "bronze_rows", dies)  # quarantine has the batch, bronze does not
        with pytest.raises(Killed):
            dropped.ingest("people")
    fixed = dropped.with_policies(changed_policies(WIDER))
    assert retry_quarantine(fixed.ctx) == [RetryOutcome("acme", "people", retried=3, accepted=1)]
    fixed.ingest("people")
    assert counts(fixed) == [("ingested", 4, 2, 2), ("ingested", 4, 2, 2)]
    assert (stored(fixed, "bronze"), stored(fixed, "quarantine")) == (4, 4)


@pytest.mark.parametrize("point", ["before the counts", "after the counts"])
def test_a_retry_that_dies_while_records_leave_quarantine_keeps_the_counts_right(
    dropped, changed_policies, monkeypatch, point
):
    fixed = dropped.with_policies(changed_policies(WIDER))
    with monkeypatch.context() as patch:
        if point == "before the counts":
            patch.setattr(recovery, "count_rows", dies)
        else:
            patch.setattr(Lake, "delete_places", dies)
        with pytest.raises(Killed):
            retry_quarantine(fixed.ctx)
    fixed.ingest("people")
    assert counts(fixed) == [("ingested", 4, 2, 2)]
    assert (stored(fixed, "bronze"), stored(fixed, "quarantine")) == (2, 2)


def test_rows_carry_the_time_of_their_batch_in_utc_whatever_the_machines_zone(small_lake, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    try:
        small_lake.drop("acme", "people", "a.csv", FILE)
        small_lake.ingest("people")
        table = Path(small_lake.ctx.lake.path(Places.of("eu", "people").bronze))
        (row,) = read_table(table)
    finally:
        monkeypatch.undo()
        time.tzset()
    (delivery,) = deliveries.all_deliveries(small_lake.ctx.engine)
    assert abs(row["ingested_at"] - delivery.arrived_at) < timedelta(minutes=10)
