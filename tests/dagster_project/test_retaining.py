"""Retention as people run it: the job with its evidence and check, the command, and the other stores."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest
from typer.testing import CliRunner

from audit.lineage_file import drop_lines
from classifications.findings import Finding, FindingStatus
from classifications.ledger import FindingsLedger
from dagster_project import retaining, stores
from dagster_project.build import build_definitions
from dagster_project.cli import app
from dagster_project.house import open_house
from dagster_project.partitions import span, sync_tenants
from dagster_project.runner import QUIET
from dagster_project.settings import Settings, load_settings
from policy import Period, Store
from retention.expire import Expired
from tenancy.control import now, open_control
from transforms.deliveries import batches, deliveries
from transforms.lake import Table

TENANTS = ["acme", "globex", "northwind"]
BRONZE = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp, "
    "batch_id string, position long, policy_digest string, key_id string, sealed binary"
)
RETENTION = """\
stores: {dagster_runs: P90D}
rules:
  - {dataset: tickets, action: erase, period: P2Y, from: occurred_at, reason: settled}
"""
OLD = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(spark, settings: Settings, tmp_path) -> Settings:
    """Tickets of acme: one three years old, one of today."""
    policies = tmp_path / "policies"
    policies.mkdir()
    for file in settings.policies.rglob("*.yaml"):
        place = policies / file.relative_to(settings.policies)
        place.parent.mkdir(exist_ok=True)
        place.write_text(RETENTION if file.name == "retention.yaml" else file.read_text())
    made = load_settings(landing=settings.landing, lake=settings.lake, policies=policies)
    ctx = open_house(made, "seed")
    batch = {"region": "eu", "dataset": "tickets", "kind": "ingest", "state": "done", "policy_digest": "x"}
    whose = {"tenant_id": "acme", "region": "eu", "dataset": "tickets", "content_token": "a" * 64}
    counts = {"bytes": 9, "rows_landed": 2, "rows_bronze": 2, "rows_quarantined": 0, "batch_seq": 1}
    state = {"state": "ingested", "policy_digest": "x", "run_id": "seed", "arrived_at": now()}
    with ctx.engine.begin() as connection:
        connection.execute(batches.insert(), batch | {"run_id": "seed", "created_at": now()})
        connection.execute(deliveries.insert(), whose | counts | state | {"settled_at": now()})
    rows = [
        (
            "acme",
            f"{place:032x}",
            None,
            when,
            now(),
            f"{1:012d}-{'a' * 8}",
            place,
            "x",
            "k",
            bytes([place]) * 28,
        )
        for place, when in enumerate((now() - timedelta(days=1100), now()), start=1)
    ]
    frame = ctx.spark.createDataFrame(rows, BRONZE).coalesce(1)
    ctx.lake.append(frame, Table("eu", "bronze", "tickets"), "lakeward-ingest", 1, ctx.note)
    ctx.engine.dispose()
    return made


@pytest.mark.spark
def test_the_job_does_what_is_due_and_shows_it_and_then_the_command_finds_nothing(lake, instance):
    job = build_definitions(lake).resolve_job_def("retention")
    order = sync_tenants(instance, TENANTS)
    result = job.execute_in_process(instance=instance, run_config=QUIET, tags=span(order, TENANTS))
    assert {one.check_name: one.passed for one in result.get_asset_check_evaluations()} == {
        "nothing_overdue": True, "every_tenant_done": True, "every_run_proved": True,
    }  # fmt: skip
    events = result.asset_materializations_for_node("retention__done")
    shown = {name: [one.data for one in events[0].metadata[name].records] for name in ("done", "evidence")}
    assert [(one["tenant"], one["table"], one["what"], one["rows"]) for one in shown["done"]] == [
        ("acme", "bronze/tickets", "erased rows", 1)
    ]
    assert shown["evidence"][0]["run"] == result.run_id
    checks = {one.check_name: one.metadata for one in result.get_asset_check_evaluations()}
    [proved] = [one.data for one in checks["every_run_proved"]["receipts"].records]
    assert (proved["tenant"], proved["what is wrong"]) == ("acme", "")
    own = ("--lake", str(lake.lake))
    assert CliRunner().invoke(app, ["receipt", "verify", proved["receipt"], *own]).exit_code == 0
    assert {event.partition: event.metadata["rows_erased"].value for event in events} == {
        "acme": 1, "globex": 0, "northwind": 0,
    }  # fmt: skip
    engine = open_control(lake.control_db)
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT payload FROM lineage_outbox").scalars().all()
    [end] = [one for one in map(json.loads, told) if one["eventType"] == "COMPLETE"]
    assert end["run"]["facets"]["lakeward_governance"]["counts"] == {"rows_erased_bronze": 1}
    [table] = end["outputs"]
    assert table["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    own = (*own, "--policies", str(lake.policies))
    again = CliRunner().invoke(app, ["retention", "run", *own], env={"COLUMNS": "80"})
    assert again.exit_code == 0, again.output
    assert "Nothing was due." in again.output
    assert "Receipts" not in again.output
    assert re.search(r"dagster_runs +0", again.output)


def test_silver_that_a_dead_run_made_and_never_told_of_is_begun_again(monkeypatch):
    def begun(step, tenant, dataset="orders"):
        return SimpleNamespace(step=step, tenant_id=tenant, dataset=dataset)

    dead = [
        begun("protect", "acme"),
        begun("classify", "acme"),
        begun("ingest", "acme"),
        begun("protect", "zoo"),
    ]
    dead.append(begun("protect", "acme", "tickets"))
    remade = {}
    monkeypatch.setattr(retaining, "half_told", lambda _engine, _runs: dead)
    monkeypatch.setattr(retaining, "_remake", lambda _ctx, dataset, who: remade.update({dataset: who}) or {})
    told = Expired(now(), effects=[SimpleNamespace(dataset="orders", tenant="acme")])
    retaining._end_cut_off(SimpleNamespace(engine=None, dead_runs=("r",)), told)
    assert remade == {"orders": ["acme"]}


def finding(column: str, at: datetime, detector: str = "1") -> Finding:
    run = ("acme", "orders", column, "user.name", 0.9, {}, "seen", detector, "x", None, "r")
    return Finding(*run, at, FindingStatus.DECLARED)


def test_findings_go_when_they_are_superseded_or_about_nothing_and_never_while_they_count(tmp_path):
    ledger = FindingsLedger(open_control(tmp_path / "control.db"))
    ledger.record([finding("kept", OLD), finding("gone", OLD), finding("replaced", OLD)])
    ledger.record([finding("replaced", OLD, "2")])
    ledger.record([finding("young", now())])
    declared = {("acme", "orders", name) for name in ("kept", "replaced")}
    assert ledger.forget(now() - timedelta(days=1), declared) == 2
    assert [one.column for one in ledger.current("acme", "orders")] == ["kept", "replaced", "young"]
    assert [one.detector_version for one in ledger.history("acme", "orders", "replaced")] == ["2"]


def test_old_events_leave_the_file_of_lineage_and_young_ones_and_other_lines_stay(tmp_path):
    file = tmp_path / "events.jsonl"
    lines = [
        '{"eventTime": "2020-01-01T00:00:00+00:00"}',
        '{"eventTime": "2030-01-01T00:00:00+00:00"}',
        "no event",
    ]
    file.write_text("".join(f"{line}\n" for line in lines))
    assert drop_lines(file, datetime(2025, 1, 1, tzinfo=UTC)) == 1
    assert file.read_text().splitlines() == lines[1:]
    assert file.stat().st_mode & 0o777 == 0o600
    assert drop_lines(tmp_path / "none.jsonl", OLD) == 0


def test_ended_runs_leave_dagster_and_those_that_go_on_or_are_young_stay(settings, instance):
    @dg.job
    def nothing() -> None:
        pass

    old, going = nothing.execute_in_process(instance=instance), instance.create_run_for_job(nothing)
    told = stores._runs(instance, now() - timedelta(days=1))
    assert (told.gone, instance.get_runs_count()) == (0, 2)
    told = stores._runs(instance, now() + timedelta(days=1))
    assert (told.store, told.gone) == (Store.DAGSTER_RUNS, 1)
    assert [run.run_id for run in instance.get_runs()] == [going.run_id]
    assert instance.all_logs(old.run_id) == []


def test_a_store_that_fails_does_not_stop_the_others_and_no_text_of_its_error_is_told(settings, monkeypatch):
    from types import SimpleNamespace

    from policy import Retention, load_policies

    def full(*_: object) -> None:
        raise OSError("no place for jane.doe@example.com")

    kept, gone = [], stores.StoreResult(Store.EXPORTS, 1)
    monkeypatch.setattr(stores, "_runs", full)
    monkeypatch.setattr(stores, "_findings", lambda *_: stores.StoreResult(Store.FINDINGS))
    monkeypatch.setattr(stores, "expire_exports", lambda _e, _f, period, _at: kept.append(period) or gone)
    monkeypatch.setattr(stores, "note_store", lambda *_: None)
    year = dict.fromkeys((Store.DAGSTER_RUNS, Store.FINDINGS, Store.VERSIONS), Period(12))
    bundle = replace(load_policies(settings.policies), retention=Retention(stores=year))
    told = stores.stores_step(SimpleNamespace(bundle=bundle, engine=None), settings, None, TENANTS)
    assert [(one.store, one.failed) for one in told] == [
        (Store.DAGSTER_RUNS, "OSError"), (Store.EXPORTS, None), (Store.FINDINGS, None),
    ]  # fmt: skip
    assert kept == [None], "exports have an end of their own, without a period in the policies"
