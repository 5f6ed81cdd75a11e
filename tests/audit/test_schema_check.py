from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest

from audit.events import fail_event, to_json
from audit.facets import SCHEMAS, facet_schema
from audit.schema_check import is_date_time, is_uri, is_uuid, validate_event


@pytest.fixture
def good(make_step, complete):
    return json.loads(to_json(complete(make_step())))


def changed(event, path, value):
    """A copy with the thing at `path` replaced, or taken away where the value is ..."""
    event = copy.deepcopy(event)
    place = event
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return event


def test_what_we_build_holds(good, make_step, start, bronze):
    failed = fail_event(make_step(), [bronze], [], "KeyError", at=datetime(2026, 3, 1, tzinfo=UTC))
    assert validate_event(good) == []
    assert validate_event(json.loads(to_json(start(make_step())))) == []
    assert validate_event(json.loads(to_json(failed))) == []


OURS = ("run", "facets", "lakeward_governance")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("eventTime",), ..., "event.eventTime"),
        (("eventTime",), "2026-03-01T12:00:00", "event.eventTime"),
        (("producer",), "lakeward", "event.producer"),
        (("schemaURL",), "https://openlineage.io/spec/1-0-0/OpenLineage.json", "event.schemaURL"),
        (("eventType",), "DONE", "event.eventType"),
        (("run",), ..., "event.run"),
        (("run", "runId"), "run-1", "event.run.runId"),
        (("job",), "protect.orders", "event.job"),
        (("job", "name"), "", "event.job.name"),
        (("job", "namespace"), ..., "event.job.namespace"),
        (("job", "facets", "jobType", "_producer"), ..., "event.job.facets.jobType._producer"),
        (("inputs",), [], "event.inputs"),
        (("outputs",), {}, "event.outputs"),
        (("outputs", 0), "silver.orders", "event.outputs[0]"),
        (("outputs", 0, "name"), ..., "event.outputs[0].name"),
        (("outputs", 0, "facets", "schema", "_schemaURL"), ..., "event.outputs[0].facets.schema._schemaURL"),
        (("outputs", 0, "outputFacets"), [], "event.outputs[0].outputFacets"),
        (("inputs", 0, "inputFacets", "dataQualityAssertions"), 1, "event.inputs[0].inputFacets."),
        ((*OURS, "policyDigest"), "sha256:short", "event.run.facets.lakeward_governance.policyDigest"),
        ((*OURS, "tenant"), ..., "event.run.facets.lakeward_governance"),
        ((*OURS, "treatments", "shred"), 1, "event.run.facets.lakeward_governance.treatments"),
        ((*OURS, "counts", "rows_in"), -1, "event.run.facets.lakeward_governance.counts.rows_in"),
        ((*OURS, "note"), "jane@acme.example", "event.run.facets.lakeward_governance"),
    ],
)
def test_a_broken_event_is_told_by_its_place(good, path, value, place):
    faults = validate_event(changed(good, path, value))
    assert len(faults) == 1
    assert faults[0].startswith(place)
    assert "jane" not in faults[0]


def test_what_is_no_object_is_told():
    assert validate_event(["START"]) == ["event: is no object"]


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:00:00Z", "2026-03-01t12:00:00.5z", "2026-03-01T12:00:00.000001+01:00"]
)
def test_a_date_time_with_a_zone_is_one(text):
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-W09-7T12:00:00Z",
    ],
)
def test_a_near_miss_is_no_date_time(text):
    assert not is_date_time(text)


@pytest.mark.parametrize(
    "text", ["urn:lakeward:0.1.0", "https://openlineage.io/spec/2-0-2/a.json#/$defs/RunEvent"]
)
def test_a_uri_is_one(text):
    assert is_uri(text)


@pytest.mark.parametrize("text", ["lakeward", "", "https:", "urn:lake ward", "http://[", "urn:größe"])
def test_a_near_miss_is_no_uri(text):
    assert not is_uri(text)


@pytest.mark.parametrize(
    "text", ["{6f0d2c1e-0f3e-4a52-9f0b-0c8f6f1f2f11}", "6f0d2c1e0f3e4a529f0b0c8f6f1f2f11", "x"]
)
def test_a_near_miss_is_no_uuid(text):
    assert not is_uuid(text)


@pytest.mark.parametrize("key", SCHEMAS)
def test_a_shipped_schema_has_the_name_that_the_facet_gives(key):
    schema, url = facet_schema(key), SCHEMAS[key][0]
    base, pointer = url.split("#/$defs/")
    assert schema["$id"] == base
    assert schema["$defs"][pointer]["properties"]["_schemaURL"]["const"] == url
