"""Lineage of an erasure: which request, how many tokens and rows, which receipt; nobody's name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from audit.erasures import erasure_events
from audit.events import to_json
from audit.facets import LakewardErasureRunFacet
from audit.outbox import event_id
from audit.schema_check import validate_event

FACET = LakewardErasureRunFacet(requestId="a" * 32, tokens=2, receiptSha256="b" * 64)


@pytest.fixture
def made(make_step, bronze, silver):
    step = make_step(step="erase", run_id="a" * 32)
    rows = {"rows_erased_bronze": 3}
    return erasure_events(step, [bronze, silver], rows, FACET, step.started_at + timedelta(hours=1))


def test_start_and_complete_hold_to_the_spec_and_to_our_schemas(made):
    told = [json.loads(to_json(event)) for event in made]
    assert [one["eventType"] for one in told] == ["START", "COMPLETE"]
    assert [validate_event(one) for one in told] == [[], []]


def test_the_end_tells_what_was_overwritten_with_counts_request_and_receipt(made):
    end = json.loads(to_json(made[1]))
    facets = end["run"]["facets"]
    assert facets["lakeward_erasure"]["receiptSha256"] == "b" * 64
    assert facets["lakeward_governance"]["counts"] == {"rows_erased_bronze": 3}
    states = {one["facets"]["lifecycleStateChange"]["lifecycleStateChange"] for one in end["outputs"]}
    assert (states, end["job"]["name"]) == ({"OVERWRITE"}, "erase.orders")


@pytest.mark.parametrize("rows", [None, 3])
def test_the_end_tells_whose_part_of_a_table_and_by_how_many_tokens_its_rows_were_found(
    make_step, bronze, rows
):
    step = make_step(step="erase", run_id="a" * 32)
    end = erasure_events(step, [replace(bronze, row_count=rows)], {}, FACET, step.started_at)[1]
    [output] = json.loads(to_json(end))["outputs"]
    assert output["outputFacets"]["subset"]["outputCondition"]["partitions"] == [
        {"dimensions": {"tenant_id": step.tenant_id}, "identifier": "rows found by 2 tokens"}
    ]


def test_telling_it_again_is_the_same_event(make_step, bronze):
    step = make_step(step="erase", run_id="a" * 32)
    first, again = (
        erasure_events(step, [bronze], {}, FACET, step.started_at + timedelta(hours=hours))
        for hours in (1, 2)
    )
    assert [event_id(one) for one in first] == [event_id(one) for one in again]


@pytest.mark.parametrize("change", [{"requestId": "ana@example.org"}, {"tokens": 0}, {"receiptSha256": ""}])
def test_a_facet_that_is_not_of_its_schema_is_told(make_step, bronze, change):
    facts = {"requestId": "a" * 32, "tokens": 2, "receiptSha256": "b" * 64} | change
    step = make_step(step="erase", run_id="a" * 32)
    events = erasure_events(step, [bronze], {}, LakewardErasureRunFacet(**facts), step.started_at)
    assert all("lakeward_erasure" in fault for fault in validate_event(json.loads(to_json(events[0]))))
    assert validate_event(json.loads(to_json(events[0])))
