"""Steps of dead runs that were begun and never ended: found, and told as aborted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from audit.events import abort_event, to_json
from audit.half_told import half_told

LATER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEAD = "6f0d2c1e-0f3e-4a52-9f0b-0c8f6f1f2f11"  # the run of conftest's steps


@pytest.fixture
def begun(make_step, start, outbox):
    """A step of the dead run, begun and no more."""
    step = make_step()
    outbox.append([start(step)])
    return step


def test_a_step_without_an_end_is_found_as_it_was_begun(engine, begun):
    assert half_told(engine, [DEAD]) == [begun]


def test_a_step_that_ended_is_not_found(engine, outbox, begun, complete):
    outbox.append([complete(begun)])
    assert half_told(engine, [DEAD]) == []


def test_a_step_that_was_told_as_aborted_is_not_found_again(engine, outbox, begun):
    outbox.append([abort_event(begun, at=LATER)])
    assert half_told(engine, [DEAD]) == []


@pytest.mark.parametrize("runs", [[], ["another"], [DEAD[:-1]]])
def test_a_step_of_a_run_that_is_not_named_is_left_alone(engine, begun, runs):
    assert half_told(engine, runs) == []


def test_the_end_of_another_tenants_step_is_not_this_ones(engine, outbox, begun, make_step, start, complete):
    other = make_step(tenant_id="globex")
    outbox.append([start(other), complete(other)])
    assert half_told(engine, [DEAD]) == [begun]


def test_an_aborted_step_carries_the_promises_under_which_it_was_begun(begun):
    event = json.loads(to_json(abort_event(begun, at=LATER)))
    assert event["eventType"] == "ABORT"
    assert event["run"]["facets"]["lakeward_governance"]["policyDigest"] == begun.policy_digest
    assert (event["inputs"], event["outputs"]) == ([], [])
