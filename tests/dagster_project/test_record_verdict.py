"""A steward's verdict from Dagster: all choices, no free text; and what waits is told as a check."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import pytest
from findings import finding, record
from tracked_files import REPOSITORY

from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from dagster_project.defs import record_verdict
from dagster_project.defs.help import NO_PLATFORM, NOBODY, help_metadata
from dagster_project.defs.reviews import newest_precision, precision_of, precision_table, reviews_check
from dagster_project.house import open_control_state
from dagster_project.resources import HouseResource
from dagster_project.settings import Settings
from policy import Platform, load_policies

NAME = "user.name"
CHOSEN = {
    "tenant": "acme", "column": "orders.status", "found": NAME, "verdict": "reject", "by": "dpo",
    "why": "values_only_look_like_it",
}  # fmt: skip


@pytest.fixture(scope="module")
def job() -> dg.JobDefinition:
    return record_verdict.record_verdict(load_policies(REPOSITORY / "examples" / "policies"))


@pytest.fixture
def engine(settings: Settings):
    engine = open_control_state(settings)
    record(engine, finding("acme", "orders", "status", NAME), finding("globex", "orders", "status", NAME))
    return engine


def run(settings: Settings, instance, job: dg.JobDefinition, **chosen) -> dg.ExecuteInProcessResult:
    config = {"ops": {"take_down": {"config": CHOSEN | chosen}}}
    house = {"house": HouseResource.of(settings)}
    return job.execute_in_process(config, instance=instance, resources=house, raise_on_error=False)


def test_the_verdict_is_in_the_ledger_and_the_run_says_what_changes(settings, engine, instance, job):
    done = run(settings, instance, job)
    [verdict] = FindingsLedger(engine).verdict_history()
    assert (verdict.tenant_id, str(verdict.decision), verdict.actor) == ("acme", "reject", "dpo")
    assert verdict.reason == record_verdict.REASONS["values_only_look_like_it"]
    [output] = [e.event_specific_data for e in done.all_events if e.event_type_value == "STEP_OUTPUT"]
    [row] = output.metadata["recorded"].records
    assert row.data["what changes at the next run"] == "token → keep: silver is made anew"


def test_the_check_says_at_once_what_still_waits(settings, engine, instance, job):
    run(settings, instance, job)
    key = dg.AssetCheckKey(dg.AssetKey(["findings", "orders"]), "reviews_waiting")
    [told] = instance.event_log_storage.get_asset_check_execution_history(key, limit=5)
    assert told.event.dagster_event.asset_check_evaluation_data.description == (
        "1 wait for a verdict: globex 1"
    )


def test_one_verdict_can_be_of_every_tenant(settings, engine, instance, job):
    assert run(settings, instance, job, tenant="every_tenant").success
    assert {one.tenant_id for one in FindingsLedger(engine).verdict_history()} == {"acme", "globex"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"tenant": "nobody"},
        {"column": "orders.maria@example.org"},
        {"found": "user.nothing"},
        {"verdict": "maybe"},
        {"by": "maria.anders"},
        {"why": "ask maria@example.org"},
    ],
)
def test_what_is_no_choice_is_refused_before_a_run_keeps_it(settings, engine, instance, job, wrong):
    with pytest.raises(dg.DagsterInvalidConfigError):
        run(settings, instance, job, **wrong)
    assert instance.get_runs() == []


def test_a_class_that_nobody_found_there_fails_with_the_mend(settings, engine, instance, job):
    done = run(settings, instance, job, found="user.contact.email")
    [failure] = [e.event_specific_data.error for e in done.all_events if e.is_step_failure]
    assert "To mend it" in str(failure.cause or failure)
    assert FindingsLedger(engine).verdict_history() == []


def test_what_waits_is_a_warning_with_a_table_and_the_way_to_answer(settings, engine):
    bundle = load_policies(settings.policies)
    told = reviews_check(engine, bundle, "orders")
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert told.description == "2 wait for a verdict: acme 1, globex 1"
    assert [row.data["column"] for row in told.metadata["waiting"].records] == ["orders.status"] * 2
    assert told.metadata["answer_one"].md_str.count("record_verdict/playground/setup?config=") == 2
    assert reviews_check(engine, bundle, "customers").passed


def test_precision_stands_by_month_tenant_and_class_and_the_newest_month_is_drawn(settings, engine):
    def verdict(day: datetime, column: str, decision: Decision, tenant: str = "acme") -> Verdict:
        return Verdict(tenant, "orders", column, NAME, decision, "dpo", "looked at the source", day)

    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    FindingsLedger(engine).record_verdicts(
        [
            verdict(march, "status", Decision.REJECT),
            verdict(march, "note", Decision.DEFER),
            verdict(april, "status", Decision.REJECT),
            verdict(april, "note", Decision.CONFIRM),
            verdict(april, "note", Decision.CONFIRM, "gone"),
        ]
    )
    measured = precision_of(engine, load_policies(settings.policies), "orders")
    told = [tuple(row.data.values()) for row in precision_table(measured).records]
    assert told == [("2026-03", "acme", NAME, 0, 1, 0.0), ("2026-04", "acme", NAME, 1, 1, 0.5)]
    assert newest_precision(measured, "acme") == {f"precision of {NAME}": 0.5}
    assert newest_precision(measured, "globex") == {}


def test_a_check_of_the_data_says_whose_it_is_how_to_reach_them_and_where_the_playbook_lies(
    settings, monkeypatch
):
    bundle = load_policies(settings.policies)
    assert help_metadata("docs/desk.md", bundle, "orders") == {
        "playbook": "docs/desk.md",
        "owner": "customer-platform, northwind-sales",
        "contact": "#customer-platform https://chat.example/customer-platform, "
        "#northwind-sales https://chat.example/northwind-sales",
    }
    own = help_metadata("docs/desk.md", bundle)
    assert (own["owner"], own["contact"]) == ("data-platform", bundle.platform.contact)
    monkeypatch.setenv("LAKEWARD_DOCS_URL", "https://docs.example/lakeward/")
    assert help_metadata("docs/desk.md", bundle)["playbook"].url == "https://docs.example/lakeward/desk.md"


def test_where_the_policies_name_nobody_a_check_says_that(settings):
    bundle = load_policies(settings.policies)
    silent = replace(
        bundle, platform=Platform(), contracts=tuple(replace(one, contact="") for one in bundle.contracts)
    )
    assert help_metadata("docs/desk.md", silent)["owner"] == NO_PLATFORM
    assert help_metadata("docs/desk.md", silent, "orders")["contact"] == NOBODY
