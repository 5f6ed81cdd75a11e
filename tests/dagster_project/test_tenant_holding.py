"""One tenant's failure stops that tenant, and where no tenant is left, everything downstream."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
import yaml

from audit.relay import DeliveryReport
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS, CheckResult
from dagster_project.resources import HouseResource
from dagster_project.runner import RunSummary, run_pipeline
from dagster_project.settings import Settings
from policy import load_policies
from transforms.classify import TenantClassify
from transforms.ingest import TenantIngest
from transforms.landing import Inventory
from transforms.protect import TenantProtect

ALL = ["acme", "globex", "northwind"]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The example policies with three datasets: fewer steps, quicker runs."""
    folder = shutil.copytree(settings.policies, tmp_path / "policies")
    gone = ("events", "tickets")
    for dataset in gone:
        (folder / "datasets" / f"{dataset}.yaml").unlink()
    treatments = yaml.safe_load((folder / "treatments.yaml").read_text())
    treatments["overrides"] = [one for one in treatments["overrides"] if one.get("dataset") not in gone]
    (folder / "treatments.yaml").write_text(yaml.safe_dump(treatments))
    return settings.model_copy(update={"policies": folder})


class Steps:
    """Stands in for the steps: remembers who came to which, fails whom it is told to."""

    def __init__(self, policies: Path) -> None:
        self.bundle = load_policies(policies)
        self.came: dict[str, list[str]] = {}
        self.failing: dict[str, set[str]] = {}
        self.refused: set[str] = set()
        self.relayed = 0

    def _seen(self, step: str, dataset: str, tenants: Sequence[str]) -> list[tuple[str, str | None]]:
        if dataset == "customers":
            self.came[step] = list(tenants)
        bad = self.failing.get(step, set()) if dataset == "customers" else set()
        return [(tenant, "SOME_KIND" if tenant in bad else None) for tenant in tenants]

    def ingest(
        self, _ctx: object, dataset: str, tenants: Sequence[str], _inventory: Inventory
    ) -> list[TenantIngest]:
        refused = {tenant: Counter({"not_utf8": 1}) for tenant in self.refused}
        return [
            TenantIngest(tenant, files=1, failed=failed, files_refused=refused.get(tenant, Counter()))
            for tenant, failed in self._seen("ingest", dataset, tenants)
        ]

    def classify(self, _ctx: object, dataset: str, tenants: Sequence[str]) -> list[TenantClassify]:
        seen = self._seen("classify", dataset, tenants)
        return [TenantClassify(t, self.bundle.contract_for(t, dataset), (), 0, failed) for t, failed in seen]

    def protect(self, _ctx: object, dataset: str, tenants: Sequence[str]) -> list[TenantProtect]:
        seen = self._seen("protect", dataset, tenants)
        return [
            TenantProtect(t, self.bundle.contract_for(t, dataset), (), 5, True, failed) for t, failed in seen
        ]

    def check(self, layer: str, names: Sequence[str]):
        def run(_ctx: object, dataset: str, tenants: Sequence[str]) -> list[CheckResult]:
            seen = self._seen(f"check {layer}", dataset, tenants)
            return [
                CheckResult(name, layer, dataset, tenant, failed is None or name != names[0], "5 of 5", {})
                for tenant, failed in seen
                for name in names
            ]

        return run

    def relay(self, *_given: object) -> DeliveryReport:
        self.relayed += 1
        return DeliveryReport(())


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Steps:
    made = Steps(settings.policies)
    lake = SimpleNamespace(version=lambda _table: None)
    ctx = SimpleNamespace(bundle=made.bundle, lake=lake, engine=None)
    monkeypatch.setattr(HouseResource, "context", lambda _self: ctx)
    monkeypatch.setattr(HouseResource, "inventory", lambda _self: Inventory((), ()))
    place = "dagster_project.defs"
    monkeypatch.setattr(f"{place}.bronze.ingest_step", made.ingest)
    monkeypatch.setattr(f"{place}.findings.classify_step", made.classify)
    monkeypatch.setattr(f"{place}.silver.protect_step", made.protect)
    monkeypatch.setattr(f"{place}.silver.last_protection", lambda *_: SimpleNamespace(rows=5))
    monkeypatch.setattr(f"{place}.delivery.relay_step", made.relay)
    monkeypatch.setattr(f"{place}.checks.check_bronze", made.check("bronze", BRONZE_CHECKS))
    monkeypatch.setattr(f"{place}.checks.check_silver", made.check("silver", SILVER_CHECKS))
    return made


def failed_checks(summary: RunSummary) -> set[tuple[str, str]]:
    return {(check.asset, check.name) for check in summary.checks if not check.passed}


def test_a_run_in_which_nobody_fails_takes_every_tenant_through(settings: Settings, steps: Steps) -> None:
    summary = run_pipeline(settings)
    assert summary.ok
    assert steps.came == dict.fromkeys(["ingest", "check bronze", "classify", "protect", "check silver"], ALL)
    assert steps.relayed == 1
    assert summary.skipped == ()


@pytest.mark.parametrize(
    ("step", "after"),
    [
        ("ingest", ["check bronze", "classify", "protect", "check silver"]),
        ("check bronze", ["classify", "protect", "check silver"]),
        ("classify", ["protect", "check silver"]),
        ("protect", ["check silver"]),
    ],
)
def test_a_tenant_that_fails_goes_no_further_and_the_others_do(
    settings: Settings, steps: Steps, step: str, after: list[str]
) -> None:
    steps.failing[step] = {"acme"}
    summary = run_pipeline(settings)
    for later in after:
        assert steps.came[later] == ["globex", "northwind"]
    assert not summary.ok
    assert summary.failures == ()
    assert ("silver/customers", "every_tenant_done") in failed_checks(summary)
    assert ("silver/orders", "every_tenant_done") not in failed_checks(summary)


def test_a_failing_step_is_told_by_tenant_and_kind(settings: Settings, steps: Steps) -> None:
    steps.failing["ingest"] = {"acme"}
    run_pipeline(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        key = dg.AssetKey(["findings", "customers"])
        records = instance.fetch_materializations(key, limit=10).records
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
    assert [step for step, _ in summary.failures] == ["bronze_customers_checks"]
    assert "silver__orders" not in summary.skipped
    assert steps.relayed == 1


def test_a_refused_file_is_told_and_fails_nothing(settings: Settings, steps: Steps) -> None:
    steps.refused = {"acme"}
    summary = run_pipeline(settings)
    assert summary.ok
    assert ("bronze/customers", "no_file_refused") in failed_checks(summary)


def test_a_tenant_without_a_contract_is_left_out(settings: Settings, steps: Steps) -> None:
    run_pipeline(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        records = instance.fetch_materializations(dg.AssetKey(["bronze", "employees"]), limit=10).records
        told = {one.partition_key: one.asset_materialization.metadata["outcome"].value for one in records}
    assert told == {
        "acme": "has no contract for this dataset",
        "globex": "has no contract for this dataset",
        "northwind": "done",
    }


def test_the_row_count_is_the_table_s_and_the_partition_s_is_the_tenant_s(
    settings: Settings, steps: Steps
) -> None:
    run_pipeline(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        (record,) = instance.fetch_materializations(dg.AssetKey(["silver", "employees"]), limit=1).records
        found = instance.fetch_materializations(dg.AssetKey(["silver", "customers"]), limit=10).records
    assert record.asset_materialization.metadata["dagster/row_count"].value == 15
    assert {one.asset_materialization.metadata["dagster/partition_row_count"].value for one in found} == {5}
