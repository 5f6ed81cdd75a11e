"""Quarantined records come back after a policy fix, once, and only those that hold."""

from __future__ import annotations

import pytest

from transforms import deliveries, quarantine
from transforms.batch import Places
from transforms.quarantine import RetryOutcome, list_quarantine, retry_quarantine

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
