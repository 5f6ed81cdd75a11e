"""The events of a bundle are what the spec and other software ask for."""

from __future__ import annotations

import copy
import json
import zipfile

import pytest
from evidence import BEGIN, lineage_fact, lineage_facts, open_lake
from lineage_consumers import consumers
from lineage_endpoint import Endpoint
from openlineage_spec import facets_of, faults, registry, validator
from referencing.exceptions import Unresolvable

from audit.erasures import erasure_events
from audit.errors import SinkRejected
from audit.events import abort_event, complete_event, fail_event, start_event
from audit.facets import LakewardErasureRunFacet
from audit.http_sink import HttpSink
from audit.steps import Assertion


@pytest.fixture(scope="module")
def events(tmp_path_factory, make_step, bronze, silver):
    """Lines of a bundle with every kind of event that the pipeline tells."""
    lake = open_lake(tmp_path_factory.mktemp("lake"))
    lake.ledger.append(lineage_facts("acme", "eu", "orders", "run-1", BEGIN))
    check = make_step(step="check", run_id="run-2")
    erase = make_step(step="erase", run_id="run-3")
    receipt = LakewardErasureRunFacet("0a" * 16, 2, "ab" * 32)
    told = [
        start_event(check, [silver], [silver]),
        complete_event(check, [silver], [silver], (), [Assertion("unique_key", None, True)], at=BEGIN),
        fail_event(make_step(run_id="run-4"), [bronze], [silver], "KeyError", at=BEGIN),
        abort_event(make_step(run_id="run-5"), at=BEGIN),
        *erasure_events(erase, [bronze, silver], {"bronze": 1}, receipt, BEGIN),
    ]
    lake.ledger.append(lineage_fact("acme", "eu", one) for one in told)
    made = lake.bundle()
    lake.engine.dispose()
    with zipfile.ZipFile(made.path) as packed:
        return packed.read("lineage/events.jsonl").decode().splitlines()


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


def test_every_event_holds_to_the_spec_s_own_schemas_and_ours(events):
    assert {json.loads(line)["eventType"] for line in events} == {"START", "COMPLETE", "FAIL", "ABORT"}
    assert [fault for line in events for fault in faults(json.loads(line))] == []


def test_every_schema_url_leads_to_a_schema_in_this_repository(events):
    urls = {facet["_schemaURL"] for line in events for _, facet in facets_of(json.loads(line))}
    assert len(urls) > 12
    for url in urls:
        assert {"type", "allOf"} & registry().resolver().lookup(url).contents.keys(), url


def test_a_schema_url_that_leads_nowhere_is_seen(events):
    event = json.loads(events[0])
    event["run"]["facets"]["parent"]["_schemaURL"] = "https://openlineage.io/spec/facets/9-9-9/None.json"
    with pytest.raises(Unresolvable):
        faults(event)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("run", "runId"), "run-1"),
        (("job", "name"), 7),
        (("eventTime",), None),
        (("run", "facets", "lakeward_governance", "keyEpoch"), "one"),
        (("outputs", 0, "facets", "schema", "fields", 0, "name"), None),
    ],
)
def test_a_field_that_the_spec_does_not_allow_is_seen(events, path, value):
    event = copy.deepcopy(json.loads(events[3]))
    place = event
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert faults(event)


def test_a_complete_event_has_inputs_and_outputs(events):
    done = [event for event in map(json.loads, events) if event["eventType"] == "COMPLETE"]
    assert done
    assert all(event["inputs"] and event["outputs"] for event in done)


@pytest.mark.parametrize("name", ["OpenMetadata", "Marquez", "DataHub"])
def test_a_consumer_takes_every_event_and_draws_the_way_of_a_row(events, endpoint, name):
    consumer = consumers()[name]
    endpoint.usual = consumer.answer
    sink = HttpSink(endpoint.url.removesuffix("/api/v1/lineage") + consumer.path)
    for line in events:
        sink.send([line], 20)
    assert {("landing.orders", "bronze.orders"), ("bronze.orders", "silver.orders")} <= consumer.edges


def test_a_consumer_that_looks_at_complete_alone_misses_no_edge(events):
    narrow, wide = consumers()["OpenMetadata"], consumers()["DataHub"]
    for event in map(json.loads, events):
        narrow.take(event)
        if event["eventType"] == "COMPLETE":
            wide.take(event)
    assert narrow.edges == wide.edges
    assert narrow.passed_by


def test_a_consumer_of_the_old_field_sees_which_columns_are_masked(events):
    marquez = consumers()["Marquez"]
    for event in map(json.loads, events):
        marquez.take(event)
    assert "silver.orders.email" in marquez.masked
    assert "silver.orders.amount" not in marquez.masked


def test_a_consumer_refuses_what_is_no_event(events, endpoint):
    endpoint.usual = consumers()["Marquez"].answer
    event = json.loads(events[0])
    del event["job"]
    with pytest.raises(SinkRejected):
        HttpSink(endpoint.url).send([json.dumps(event)], 20)
    assert validator(event["schemaURL"]).is_valid(json.loads(events[0]))
