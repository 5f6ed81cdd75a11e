"""One tenant's failure stops that tenant, and where no tenant is left, everything downstream."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import dagster as dg
import pytest
import yaml
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)
from findings import finding, record

from audit.relay import DeliveryReport
from dagster_project.build import build_definitions
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS, CheckResult
from dagster_project.house import open_control_state
from dagster_project.instance import open_instance
from dagster_project.partitions import span, sync_tenants
from dagster_project.resources import HouseResource
from dagster_project.runner import QUIET, RunSummary, run_pipeline
from dagster_project.settings import Settings, load_settings
from policy import UndecidedLimit, load_policies
from tenancy.control import now
from transforms.classify import TenantClassify
from transforms.deliveries import record_left
from transforms.ingest import TenantIngest
from transforms.landing import Inventory
from transforms.protect import TenantProtect
from transforms.standings import Standings

CHECKED = dg.DagsterEventType.ASSET_CHECK_EVALUATION
ALL = ["acme", "globex", "northwind"]
BROKEN = 'note: "badge" failed with ValueError on 3 values'


@pytest.fixture
def settings(tmp_path: Path, examples: Path) -> Settings:
    return settings_under(tmp_path, examples)


def settings_under(home: Path, examples: Path) -> Settings:
    """The example policies with three datasets: fewer steps, quicker runs."""
    folder = shutil.copytree(examples / "policies", home / "policies")
    gone = ("events", "tickets")
    for dataset in gone:
        (folder / "datasets" / f"{dataset}.yaml").unlink()
    for name, part in (("treatments", "overrides"), ("retention", "rules")):
        file = folder / f"{name}.yaml"
        whole = yaml.safe_load(file.read_text())
        whole[part] = [one for one in whole[part] if one.get("dataset") not in gone]
        file.write_text(yaml.safe_dump(whole))
    (home / "landing").mkdir()
    return load_settings(landing=home / "landing", lake=home / "lake", policies=folder)


class Steps:
    """Stands in for the steps: remembers who came to which, fails whom it is told to."""

    def __init__(self, policies: Path) -> None:
        self.bundle = load_policies(policies)
        self.runs: dict[str, dict[str, list[str]]] = {}
        self.failing: dict[str, set[str]] = {}
        self.refused: set[str] = set()
        self.skipping: set[str] = set()
        self.relayed = 0

    @property
    def came(self) -> dict[str, list[str]]:
        """Who came to which step of the run of all."""
        return next(iter(self.runs.values()))

    def _seen(
        self, ctx: SimpleNamespace, step: str, dataset: str, tenants: Sequence[str]
    ) -> list[tuple[str, str | None]]:
        if dataset == "customers":
            self.runs.setdefault(ctx.run_id, {})[step] = list(tenants)
        bad = self.failing.get(step, set()) if dataset == "customers" else set()
        return [(tenant, "SOME_KIND" if tenant in bad else None) for tenant in tenants]

    def ingest(
        self, ctx: SimpleNamespace, dataset: str, tenants: Sequence[str], _inventory: Inventory
    ) -> list[TenantIngest]:
        refused = {tenant: Counter({"not_utf8": 1}) for tenant in self.refused}
        return [
            TenantIngest(tenant, files=1, failed=failed, files_refused=refused.get(tenant, Counter()))
            for tenant, failed in self._seen(ctx, "ingest", dataset, tenants)
        ]

    def classify(self, ctx: SimpleNamespace, dataset: str, tenants: Sequence[str]) -> list[TenantClassify]:
        seen = self._seen(ctx, "classify", dataset, tenants)
        skipped = {t: (BROKEN,) if t in self.skipping else () for t in tenants}
        return [
            TenantClassify(t, self.bundle.contract_for(t, dataset), (), 0, failed, skipped[t])
            for t, failed in seen
        ]

    def protect(self, ctx: SimpleNamespace, dataset: str, tenants: Sequence[str]) -> list[TenantProtect]:
        seen = self._seen(ctx, "protect", dataset, tenants)
        return [
            TenantProtect(t, self.bundle.contract_for(t, dataset), (), 5, True, failed) for t, failed in seen
        ]

    def check(self, layer: str, names: Sequence[str]):
        def run(
            ctx: SimpleNamespace, dataset: str, tenants: Sequence[str], *, afresh: bool
        ) -> list[CheckResult]:
            seen = self._seen(ctx, f"check {layer}", dataset, tenants)
            results = [
                CheckResult(
                    name, layer, dataset, tenant, not failed or name != names[0], "5 of 5", ctx.run_id, now()
                )
                for tenant, failed in seen
                for name in names
            ]
            Standings(ctx.engine).record(results, dict.fromkeys(tenants, ""))
            return results

        return run

    def relay(self, *_given: object) -> DeliveryReport:
        self.relayed += 1
        return DeliveryReport(())


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Steps:
    return put_in_place(monkeypatch, settings)


def put_in_place(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Steps:
    made = Steps(settings.policies)
    lake = SimpleNamespace(version=lambda _table: None)
    engine = open_control_state(settings)

    def context(self: HouseResource) -> SimpleNamespace:
        if self._context is None:
            told = {"bundle": made.bundle, "lake": lake, "engine": engine}
            self._context = SimpleNamespace(**told, run_id=self._run_id, dead_runs=())
        return self._context

    monkeypatch.setattr(HouseResource, "context", context)
    monkeypatch.setattr(HouseResource, "inventory", lambda _self: Inventory((), ()))
    place = "dagster_project.defs"
    monkeypatch.setattr(f"{place}.bronze.ingest_step", made.ingest)
    monkeypatch.setattr(f"{place}.findings.classify_step", made.classify)
    monkeypatch.setattr(f"{place}.silver.protect_step", made.protect)
    last = dict.fromkeys(ALL, SimpleNamespace(rows=5))
    monkeypatch.setattr(f"{place}.silver.last_protections", lambda *_: last)
    monkeypatch.setattr(f"{place}.delivery.relay_step", made.relay)
    monkeypatch.setattr(f"{place}.checks.check_bronze", made.check("bronze", BRONZE_CHECKS))
    monkeypatch.setattr(f"{place}.checks.check_silver", made.check("silver", SILVER_CHECKS))
    return made


class Ran(NamedTuple):
    """A run that is over, for tests that only look at it."""

    settings: Settings
    steps: Steps
    summary: RunSummary


RunOnce = Callable[[str | None], Ran]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunOnce:
    """`ran(step)`: the run in which acme fails at that step, or nobody at none; made once."""

    @cache
    def run(step: str | None) -> Ran:
        settings = settings_under(tmp_path_factory.mktemp("ran"), examples)
        with pytest.MonkeyPatch.context() as patched:
            steps = put_in_place(patched, settings)
            if step is not None:
                steps.failing[step] = {"acme"}
            return Ran(settings, steps, run_pipeline(settings))

    return run


def failed_checks(summary: RunSummary) -> set[tuple[str, str]]:
    return {(check.asset, check.name) for check in summary.checks if not check.passed}


def test_a_run_in_which_nobody_fails_takes_every_tenant_through(ran: RunOnce) -> None:
    settings, steps, summary = ran(None)
    assert summary.ok
    assert steps.came == dict.fromkeys(["ingest", "check bronze", "classify", "protect", "check silver"], ALL)
    assert steps.relayed == 1
    assert summary.skipped == ()
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        records = instance.get_records_for_run(summary.run_id, of_type=CHECKED).records
    told = [one.event_log_entry.dagster_event.asset_check_evaluation_data for one in records]
    assert len(told) == len(summary.checks)
    for one in told:
        assert {"playbook", "owner", "contact"} <= set(one.metadata), one.check_name


@pytest.mark.parametrize(
    ("step", "after", "shown_at"),
    [
        ("ingest", ["check bronze", "classify", "protect", "check silver"], "bronze__customers"),
        ("check bronze", ["classify", "protect", "check silver"], "bronze_customers_checks"),
        ("classify", ["protect", "check silver"], "findings__customers"),
        ("protect", ["check silver"], "silver__customers"),
    ],
)
def test_a_tenant_that_fails_goes_no_further_and_the_others_do(
    ran: RunOnce, step: str, after: list[str], shown_at: str
) -> None:
    _, steps, summary = ran(step)
    for later in after:
        assert steps.came[later] == ["globex", "northwind"]
    assert not summary.ok
    assert [step for step, _ in summary.failures] == [shown_at]
    assert ("silver/customers", "every_tenant_done") in failed_checks(summary)
    assert ("silver/orders", "every_tenant_done") not in failed_checks(summary)


def test_a_tenant_that_fails_among_others_fails_a_run_of_its_own_with_the_mend(ran: RunOnce) -> None:
    settings, steps, summary = ran("protect")
    of_all, alone = steps.runs
    assert set(steps.runs[alone]) == {"ingest", "check bronze", "classify", "protect"}
    assert all(came == ["acme"] for came in steps.runs[alone].values())
    assert "acme failed: SOME_KIND. To mend it: " in summary.failures[0][1]
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        status = {run.run_id: run.status for run in instance.get_runs()}
        failed = instance.get_status_by_partition(
            dg.AssetKey(["silver", "customers"]), ALL, dg.DynamicPartitionsDefinition(name="tenants")
        )
    assert status == {of_all: dg.DagsterRunStatus.SUCCESS, alone: dg.DagsterRunStatus.FAILURE}
    assert {tenant: str(one) for tenant, one in failed.items()} == {
        "acme": "AssetPartitionStatus.FAILED",
        "globex": "AssetPartitionStatus.MATERIALIZED",
        "northwind": "AssetPartitionStatus.MATERIALIZED",
    }


def latest(settings: Settings, asset: str, name: str) -> AssetCheckExecutionRecord:
    key = dg.AssetCheckKey(dg.AssetKey(asset.split("/")), name)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        return instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]


def description(record: AssetCheckExecutionRecord) -> str:
    assert record.event is not None
    return record.event.dagster_event.asset_check_evaluation_data.description


def test_a_check_that_stops_a_tenant_says_whose_failure_it_is_and_the_mend(ran: RunOnce) -> None:
    ((_, told),) = ran("check bronze").summary.failures
    assert told.startswith(f"acme failed {BRONZE_CHECKS[0]}: 5 of 5. To mend it: keep the landing files")
    assert told.endswith("What to do, step by step: docs/failed-tenant.md")


def test_checks_that_a_stopped_run_did_not_come_to_tell_what_is_known(ran: RunOnce) -> None:
    settings, steps, _ = ran("check bronze")
    assert "check silver" not in list(steps.runs.values())[1]
    held = latest(settings, "silver/customers", "every_tenant_done")
    assert held.status is AssetCheckExecutionRecordStatus.FAILED
    assert f"acme failed: held back, bronze: {BRONZE_CHECKS[0]}. To mend it: see bronze/customers" in (
        description(held)
    )
    others = latest(settings, "silver/customers", SILVER_CHECKS[0])
    assert others.status is AssetCheckExecutionRecordStatus.SUCCEEDED
    assert description(others) == "all 2 tenants pass"


def test_a_run_of_one_tenant_does_not_hide_another_s_refused_file(settings: Settings, steps: Steps) -> None:
    steps.refused, steps.failing["protect"] = {"globex"}, {"acme"}
    engine = open_control_state(settings)
    waiting = {"globex": {"not_utf8": 1, "still_being_written": 1}, "gone": {"not_utf8": 1}}
    record_left(engine, "customers", waiting)
    engine.dispose()
    run_pipeline(settings)
    refused = latest(settings, "bronze/customers", "no_file_refused")
    assert refused.status is AssetCheckExecutionRecordStatus.FAILED
    told = refused.event.dagster_event.asset_check_evaluation_data.metadata["refused"].value.records
    assert [(one.data["tenant"], one.data["reason"]) for one in told] == [("globex", "not_utf8")]


def test_a_run_in_which_many_tenants_fail_is_followed_by_none_of_their_own(
    settings: Settings, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.alone.MOST", 1)
    steps.failing["protect"] = {"acme", "globex"}
    run_pipeline(settings)
    assert len(steps.runs) == 1


def test_a_failing_step_is_told_by_tenant_and_kind(ran: RunOnce) -> None:
    with dg.DagsterInstance.from_config(str(ran("ingest").settings.dagster_home)) as instance:
        key = dg.AssetKey(["findings", "customers"])
        records = reversed(instance.fetch_materializations(key, limit=10).records)
        told = {one.partition_key: one.asset_materialization.metadata["outcome"].value for one in records}
    assert told == {"acme": "held back, bronze: SOME_KIND", "globex": "done", "northwind": "done"}


def test_a_failing_silver_check_fails_the_run(settings: Settings, steps: Steps) -> None:
    steps.failing["check silver"] = {"globex"}
    summary = run_pipeline(settings)
    assert not summary.ok
    assert failed_checks(summary) == {("silver/customers", SILVER_CHECKS[0])}


def test_a_blocking_check_that_fails_for_all_stops_what_is_downstream(
    settings: Settings, steps: Steps
) -> None:
    steps.failing["check bronze"] = set(ALL)
    summary = run_pipeline(settings)
    assert "classify" not in steps.came
    assert "protect" not in steps.came
    assert {"findings__customers", "silver__customers", "silver_customers_checks"} <= set(summary.skipped)
    assert {step for step, _ in summary.failures} == {"bronze_customers_checks"}
    assert "silver__orders" not in summary.skipped


def test_a_recognizer_that_fails_is_told_and_the_run_is_not_well_but_nobody_is_held_back(
    settings: Settings, steps: Steps
) -> None:
    steps.skipping = {"acme"}
    summary = run_pipeline(settings)
    assert steps.came["protect"] == ALL
    assert not summary.ok
    check = latest(settings, "findings/customers", "recognizers_work")
    assert check.evaluation.severity == dg.AssetCheckSeverity.WARN
    assert f"1 of 3 tenants failed; the others went on. acme failed recognizers_work: {BROKEN}" in (
        description(check)
    )
    assert "To mend it: repair the named recognizer, or take it out of detection.yaml" in description(check)


def undecided(settings: Settings, steps: Steps, at_most: int, **waiting: int) -> None:
    """So many findings of each tenant wait, and so many may."""
    engine = open_control_state(settings)
    for tenant, number in waiting.items():
        columns = steps.bundle.contract_for(tenant, "customers").columns[:number]
        record(engine, *[finding(tenant, "customers", one.name, "user.name") for one in columns])
    engine.dispose()
    steps.bundle = replace(steps.bundle, undecided=(UndecidedLimit(at_most),))


def test_a_tenant_whose_findings_wait_beyond_the_limit_goes_no_further_and_who_is_at_it_does(
    settings: Settings, steps: Steps
) -> None:
    undecided(settings, steps, 1, acme=2, globex=1)
    summary = run_pipeline(settings)
    assert steps.came["classify"] == ALL
    assert steps.came["protect"] == steps.came["check silver"] == ["globex", "northwind"]
    assert not summary.ok
    ((step, told),) = summary.failures
    assert step == "findings__customers"
    assert told.startswith(
        "acme failed reviews_waiting: 2 personal findings wait for a verdict, and at most 1 may."
    )
    assert "To mend it: decide what waits, by lakeward review" in told
    held = description(latest(settings, "silver/customers", "every_tenant_done"))
    assert "acme failed: held back, findings: reviews_waiting. To mend it: see findings/customers" in held


def test_where_everybody_s_findings_wait_beyond_the_limit_nothing_downstream_is_run(
    settings: Settings, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.alone.MOST", 0)
    undecided(settings, steps, 0, acme=1, globex=1, northwind=1)
    summary = run_pipeline(settings)
    assert "protect" not in steps.came
    assert {"silver__customers", "silver_customers_checks"} <= set(summary.skipped)
    assert "silver__orders" not in summary.skipped


def silver_alone(settings: Settings) -> dg.ExecuteInProcessResult:
    """A run of silver/customers and nothing else, as a steward launches it on the asset's page."""
    job = build_definitions(settings).resolve_job_def("lake")
    with open_instance(settings.dagster_home) as instance:
        order = sync_tenants(instance, load_policies(settings.policies).tenants)
        return job.execute_in_process(
            instance=instance, run_config=QUIET, tags=dict(span(order, order)), raise_on_error=False,
            asset_selection=[dg.AssetKey(["silver", "customers"])],
        )  # fmt: skip


def test_silver_launched_alone_holds_back_whose_findings_wait_beyond_the_limit(
    settings: Settings, steps: Steps
) -> None:
    undecided(settings, steps, 1, acme=2, globex=1)
    result = silver_alone(settings)
    assert steps.came["protect"] == ["globex", "northwind"]
    assert result.success, "the others went on"
    held = latest(settings, "silver/customers", "every_tenant_done")
    assert held.status is AssetCheckExecutionRecordStatus.FAILED
    assert "acme failed: held back, findings: reviews_waiting. To mend it: see findings/customers" in (
        description(held)
    )


def test_silver_launched_alone_holds_back_who_failed_a_check_of_bronze(
    settings: Settings, steps: Steps
) -> None:
    engine = open_control_state(settings)
    failed = CheckResult(BRONZE_CHECKS[0], "bronze", "customers", "acme", False, "4 of 5", "run-1", now())
    Standings(engine).record([failed], {"acme": ""})
    engine.dispose()
    silver_alone(settings)
    assert steps.came["protect"] == ["globex", "northwind"]
    held = description(latest(settings, "silver/customers", "every_tenant_done"))
    assert f"acme failed: held back, bronze: {BRONZE_CHECKS[0]}" in held


def test_silver_launched_alone_fails_where_nobody_is_left(settings: Settings, steps: Steps) -> None:
    undecided(settings, steps, 0, acme=1, globex=1, northwind=1)
    result = silver_alone(settings)
    assert steps.came["protect"] == []
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "acme failed reviews_waiting: 1 personal findings wait" in str(failure.step_failure_data)


def test_a_refused_file_is_told_and_fails_nothing(settings: Settings, steps: Steps) -> None:
    steps.refused = {"acme"}
    summary = run_pipeline(settings)
    assert summary.ok
    assert ("bronze/customers", "no_file_refused") in failed_checks(summary)


def test_a_tenant_without_a_contract_is_left_out(ran: RunOnce) -> None:
    with dg.DagsterInstance.from_config(str(ran(None).settings.dagster_home)) as instance:
        records = instance.fetch_materializations(dg.AssetKey(["bronze", "employees"]), limit=10).records
        told = {one.partition_key: one.asset_materialization.metadata["outcome"].value for one in records}
    assert told == {
        "acme": "has no contract for this dataset",
        "globex": "has no contract for this dataset",
        "northwind": "done",
    }


def test_the_row_count_is_the_table_s_and_the_partition_s_is_the_tenant_s(ran: RunOnce) -> None:
    with dg.DagsterInstance.from_config(str(ran(None).settings.dagster_home)) as instance:
        (record,) = instance.fetch_materializations(dg.AssetKey(["silver", "employees"]), limit=1).records
        found = instance.fetch_materializations(dg.AssetKey(["silver", "customers"]), limit=10).records
    assert record.asset_materialization.metadata["dagster/row_count"].value == 15
    assert {one.asset_materialization.metadata["dagster/partition_row_count"].value for one in found} == {5}
