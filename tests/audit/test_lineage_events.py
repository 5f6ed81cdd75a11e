from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit.errors import LineageError
from audit.events import complete_event, fail_event, start_event, to_json
from audit.outbox import event_id
from audit.steps import Assertion, ColumnEdge, ColumnRef, DatasetRef, masks
from policy.treatments import TreatmentKind

LATER = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)


@pytest.fixture
def done(make_step, complete):
    return json.loads(to_json(complete(make_step(), LATER)))


def test_column_lineage_tells_the_treatment_and_whether_it_masks(done):
    fields = done["outputs"][0]["facets"]["columnLineage"]["fields"]
    (email,) = fields["email"]["inputFields"]
    assert email["field"] == "sealed"
    assert email["transformations"] == [
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "token", "masking": True}
    ]
    assert fields["email"]["transformationType"] == "MASKED"


def test_a_kept_column_is_marked_as_identical_and_not_masked(done):
    amount = done["outputs"][0]["facets"]["columnLineage"]["fields"]["amount"]
    assert amount["inputFields"][0]["transformations"][0]["masking"] is False
    assert amount["inputFields"][0]["transformations"][0]["subtype"] == "IDENTITY"
    assert amount["transformationType"] == "IDENTITY"


def test_a_generalised_column_that_is_not_called_masked_is_not_called_identical(make_step, bronze, silver):
    edge = ColumnEdge("email", (("bronze.orders", "sealed"),), TreatmentKind.GENERALISE, masking=False)
    event = json.loads(to_json(complete_event(make_step(), [bronze], [silver], [edge], at=LATER)))
    assert "transformationType" not in event["outputs"][0]["facets"]["columnLineage"]["fields"]["email"]


def test_a_dropped_column_is_counted_and_draws_no_lineage(done):
    assert "notes" not in done["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert done["run"]["facets"]["lakeward_governance"]["treatments"] == {"token": 1, "keep": 1, "drop": 1}


def test_our_facet_says_under_which_promises_the_run_worked(done):
    facet = done["run"]["facets"]["lakeward_governance"]
    assert facet["tenant"] == "acme"
    assert facet["region"] == "eu"
    assert facet["policyDigest"] == "sha256:" + "ab" * 32
    assert facet["keyEpoch"] == 3
    assert facet["contractVersion"] == "1.2.0"
    assert facet["counts"] == {"rows_in": 10, "rows_out": 9}


def test_data_classes_are_tags_of_their_fields_and_only_of_those(done):
    assert [(tag["field"], tag["value"]) for tag in done["outputs"][0]["facets"]["tags"]["tags"]] == [
        ("email", "user.contact.email")
    ]
    assert "tags" not in done["inputs"][0]["facets"]


def test_schema_version_and_row_count_are_those_of_the_dataset(done):
    output = done["outputs"][0]
    assert [field["name"] for field in output["facets"]["schema"]["fields"]] == ["email", "amount"]
    assert output["facets"]["version"]["datasetVersion"] == "8"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 9


def test_version_zero_and_no_rows_are_told(make_step, bronze, silver):
    empty = replace(silver, version=0, row_count=0)
    output = json.loads(to_json(start_event(make_step(), [bronze], [empty])))["outputs"][0]
    assert output["facets"]["version"]["datasetVersion"] == "0"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 0


def test_check_results_stand_with_the_input_that_was_checked(done):
    assert done["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"] == [
        {"assertion": "unique_key", "success": True, "severity": "error"},
        {"assertion": "readable", "column": "sealed", "success": False, "severity": "warn"},
    ]


def test_an_assertion_can_name_the_second_input(make_step, bronze, silver):
    check = Assertion("unique_key", None, True, dataset="silver.orders")
    event = json.loads(
        to_json(complete_event(make_step(step="check"), [bronze, silver], [silver], (), [check], at=LATER))
    )
    assert "dataQualityAssertions" not in event["inputs"][0]["inputFacets"]
    assert "dataQualityAssertions" in event["inputs"][1]["inputFacets"]


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ("team:sales", "team:sales"),
        ("sales", "team:sales"),
        ("Jane Doe", "contract:orders"),
        ("jane@acme.example", "contract:orders"),
        ("user:jane", "contract:orders"),
    ],
)
def test_a_team_is_named_as_owner_and_a_person_is_not(make_step, bronze, silver, owner, told):
    event = json.loads(to_json(start_event(make_step(), [bronze], [replace(silver, owner=owner)])))
    assert event["outputs"][0]["facets"]["ownership"]["owners"] == [{"name": told, "type": "OWNER"}]


def test_a_failure_tells_the_kind_of_error_and_nothing_of_its_text(make_step, bronze, silver):
    error = ValueError("cannot parse 'jane@acme.example'")
    text = to_json(fail_event(make_step(), [bronze], [silver], type(error).__name__, at=LATER))
    assert json.loads(text)["run"]["facets"]["errorMessage"]["message"] == "ValueError"
    assert "jane" not in text


def test_an_error_text_in_place_of_a_kind_is_refused_and_not_repeated(make_step):
    with pytest.raises(LineageError) as refused:
        fail_event(make_step(), [], [], "cannot parse jane@acme.example", at=LATER)
    assert "jane" not in str(refused.value)


@pytest.mark.parametrize("name", ["jane@acme.example", "+49 30 901820", "Jane Doe", "1987-04-01", ""])
def test_a_value_in_place_of_a_column_name_is_refused_and_not_repeated(name):
    with pytest.raises(LineageError) as refused:
        ColumnRef(name, "string")
    assert not name or name not in str(refused.value)


@pytest.mark.parametrize("name", ["email", "CustomerID", "größe", "_rescued", "class"])
def test_a_column_name_is_taken(name):
    assert ColumnRef(name, "string").name == name


@pytest.mark.parametrize(
    "type_", ["binary", "decimal(10,2)", "array<string>", "struct<a:int,b:map<string,bigint>>"]
)
def test_a_spark_type_is_taken(type_):
    assert ColumnRef("c", type_).type == type_


@pytest.mark.parametrize(
    "change",
    [
        {"tenant_id": "Acme"},
        {"tenant_id": "acme/../globex"},
        {"region": "e"},
        {"dataset": "orders;drop"},
        {"step": "expire"},
        {"run_id": ""},
        {"policy_digest": "ab" * 32},
        {"key_epoch": -1},
        {"contract_version": "one of these days"},
        {"started_at": datetime(2026, 3, 1)},  # noqa: DTZ001 - the fault under test
    ],
)
def test_a_malformed_step_is_refused(make_step, change):
    with pytest.raises(LineageError, match="To mend it"):
        make_step(**change)


def test_a_completed_step_without_input_or_output_is_refused(make_step, bronze, silver):
    for inputs, outputs in (([], [silver]), ([bronze], [])):
        with pytest.raises(LineageError, match="an input and an output"):
            complete_event(make_step(), inputs, outputs, at=LATER)


def test_a_step_that_begins_or_fails_may_not_know_its_datasets_yet(make_step):
    assert json.loads(to_json(start_event(make_step(), [], [])))["inputs"] == []
    assert json.loads(to_json(fail_event(make_step(), [], [], "KeyError", at=LATER)))["outputs"] == []


def test_a_dataset_of_another_region_is_refused(make_step, bronze, silver):
    with pytest.raises(LineageError, match="lies in us"):
        start_event(make_step(), [bronze], [replace(silver, region="us")])


def test_an_edge_from_a_dataset_that_is_no_input_is_refused(make_step, bronze, silver):
    edge = ColumnEdge("email", (("bronze.customers", "sealed"),), TreatmentKind.KEEP, masking=False)
    with pytest.raises(LineageError, match="no input"):
        complete_event(make_step(), [bronze], [silver], [edge], at=LATER)


def test_two_edges_to_one_column_are_refused(make_step, bronze, silver, edges):
    with pytest.raises(LineageError, match="two edges"):
        complete_event(make_step(), [bronze], [silver], [edges[0], edges[0]], at=LATER)


def test_an_edge_or_assertion_for_an_unknown_dataset_is_refused(make_step, bronze, silver):
    edge = ColumnEdge("email", (), TreatmentKind.KEEP, masking=False, output_dataset="gold.orders")
    with pytest.raises(LineageError, match="an edge names"):
        complete_event(make_step(), [bronze], [silver], [edge], at=LATER)
    check = Assertion("unique_key", None, True, dataset="silver.orders")
    with pytest.raises(LineageError, match="an assertion names"):
        complete_event(make_step(), [bronze], [silver], (), [check], at=LATER)


def test_an_assertion_without_any_input_is_refused(make_step, silver):
    with pytest.raises(LineageError):
        complete_event(make_step(), [], [silver], (), [Assertion("unique_key", None, True)], at=LATER)


def test_only_keeping_leaves_the_plain_value_readable():
    assert [kind for kind in TreatmentKind if not masks(kind)] == [TreatmentKind.KEEP]


def test_a_re_delivered_event_has_the_same_bytes_and_identity(make_step, complete):
    first, second = complete(make_step(), LATER), complete(make_step(), LATER)
    assert to_json(first) == to_json(second)
    assert event_id(first) == event_id(second)


def test_the_identity_does_not_depend_on_the_time_or_the_counts(make_step, complete):
    assert event_id(complete(make_step(), LATER)) == event_id(complete(make_step()))


def test_start_and_complete_share_the_run_and_differ_as_events(make_step, start, complete):
    begun, done = start(make_step()), complete(make_step(), LATER)
    assert begun.run.runId == done.run.runId
    assert event_id(begun) != event_id(done)


@pytest.mark.parametrize(
    "change",
    [{"tenant_id": "globex"}, {"step": "check"}, {"dataset": "customers"}, {"run_id": "another-run"}],
)
def test_another_tenant_step_dataset_or_pipeline_run_is_another_run(make_step, start, change):
    assert start(make_step()).run.runId != start(make_step(**change)).run.runId


def test_two_tenants_in_one_pipeline_run_share_no_node(make_step, complete):
    def nodes(tenant):
        event = json.loads(to_json(complete(make_step(tenant_id=tenant), LATER)))
        parent = event["run"]["facets"]["parent"]
        datasets = [(one["namespace"], one["name"]) for one in event["inputs"] + event["outputs"]]
        jobs = [
            (one["namespace"], one["name"]) for one in (event["job"], parent["job"], parent["root"]["job"])
        ]
        runs = [event["run"]["runId"], parent["run"]["runId"], parent["root"]["run"]["runId"]]
        return {*datasets, *jobs, *runs}

    assert not nodes("acme") & nodes("globex")


def test_two_steps_of_one_tenant_have_the_same_parent(make_step, start):
    first, second = (start(make_step(step=step)) for step in ("ingest", "check"))
    assert first.run.facets["parent"].run.runId == second.run.facets["parent"].run.runId


def test_times_go_out_in_utc(make_step, complete):
    berlin = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=1)))
    assert complete(make_step(), berlin).eventTime == "2026-03-01T13:00:00.000000+00:00"


def test_an_event_is_one_line_with_sorted_keys(make_step, complete):
    text = to_json(complete(make_step(), LATER))
    assert "\n" not in text
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_a_dataset_named_twice_is_refused(make_step, bronze):
    with pytest.raises(LineageError, match="twice"):
        start_event(make_step(), [bronze, bronze], [])


def test_a_landing_folder_has_no_version(make_step, bronze):
    landing = DatasetRef(layer="landing", dataset="orders", region="eu")
    event = json.loads(to_json(start_event(make_step(step="ingest"), [landing], [bronze])))
    assert event["inputs"][0]["facets"] == {}
