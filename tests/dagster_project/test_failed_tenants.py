"""A run of several in which a tenant failed is followed by that tenant's own, whoever started it."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import pytest

from dagster_project.build import build_definitions
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS
from dagster_project.defs.verdicts import mend_of
from dagster_project.house import open_control_state
from dagster_project.mends import mend_of_check, mend_of_kind
from dagster_project.partitions import CHECK_ALL, FOLLOWS_UP, RANGE_END, RANGE_START, span
from dagster_project.settings import Settings
from dagster_project.undecided import WAITING
from tenancy.control import now
from transforms.checks import UNREAD
from transforms.standings import CheckResult, Standings

TENANTS = ["acme", "globex", "northwind"]
OF_ALL = span(TENANTS, TENANTS)
SUCCESS, FAILURE = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE


@pytest.fixture
def sensor(settings: Settings) -> dg.SensorDefinition:
    return build_definitions(settings).resolve_sensor_def("failed_tenants")


@pytest.fixture
def instance(instance: dg.DagsterInstance) -> dg.DagsterInstance:
    instance.add_dynamic_partitions("tenants", TENANTS)
    return instance


def run(instance: dg.DagsterInstance, tags: Mapping[str, str], status: dg.DagsterRunStatus = SUCCESS) -> str:
    @dg.job(name="lake")
    def lake() -> None:
        pass

    return instance.create_run_for_job(lake, tags=dict(tags), status=status).run_id


def stand(settings: Settings, run_id: str, *failed: tuple[str, str, str], success: bool = False) -> None:
    """Write down the failures of a run: tenant, layer and dataset."""
    engine = open_control_state(settings)
    results = [
        CheckResult("every_tenant_done", layer, dataset, tenant, success, "SOME_KIND", run_id, now())
        for tenant, layer, dataset in failed
    ]
    Standings(engine).record(results, dict.fromkeys(TENANTS, ""))
    engine.dispose()


def requests(sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    told = sensor(dg.build_sensor_context(instance=instance))
    return told if isinstance(told, list) else []


def test_the_sensor_is_on_from_the_start(sensor: dg.SensorDefinition) -> None:
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_before_anything_has_run_nothing_is_asked_for(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    assert requests(sensor, instance) == []
    assert not settings.control.exists()


@pytest.mark.parametrize("status", [SUCCESS, FAILURE])
def test_each_tenant_that_failed_is_asked_for_with_its_datasets_and_no_other(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings, status: dg.DagsterRunStatus
) -> None:
    run_id = run(instance, OF_ALL | CHECK_ALL, status)
    stand(settings, run_id, ("acme", "bronze", "orders"), ("acme", "silver", "orders"))
    stand(settings, run_id, ("globex", "silver", "customers"), ("globex", "bronze", "orders"))
    stand(settings, run_id, ("northwind", "silver", "customers"), success=True)
    acme, globex = requests(sensor, instance)
    assert acme.run_key == f"{run_id}.acme"
    assert acme.tags == span(TENANTS, ["acme"]) | {"lakeward/after": run_id}
    assert {key.to_user_string() for key in acme.asset_selection or ()} == {
        "landing/inventory", "bronze/orders", "findings/orders", "silver/orders", "lineage/delivery",
    }  # fmt: skip
    assert {key.path[1] for key in globex.asset_selection or ()} >= {"customers", "orders"}


def test_a_tenant_is_asked_for_once_a_run(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_id = run(instance, OF_ALL)
    stand(settings, run_id, ("acme", "bronze", "orders"))
    (asked,) = requests(sensor, instance)
    own = run(instance, asked.tags, FAILURE)
    assert requests(sensor, instance) == []
    stand(settings, own, ("acme", "bronze", "orders"))
    assert requests(sensor, instance) == []
    again = run(instance, OF_ALL)
    stand(settings, again, ("acme", "bronze", "orders"))
    assert [one.run_key for one in requests(sensor, instance)] == [f"{again}.acme"]


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        (OF_ALL, dg.DagsterRunStatus.STARTED),
        (span(TENANTS, ["acme"]), FAILURE),
        ({RANGE_START: "acme", RANGE_END: "acme"}, FAILURE),
        (OF_ALL | FOLLOWS_UP, SUCCESS),
    ],
    ids=["it still runs", "it was of one tenant", "it was of one tenant by the UI", "its process does it"],
)
def test_a_run_is_left_alone_where(
    sensor: dg.SensorDefinition,
    instance: dg.DagsterInstance,
    settings: Settings,
    tags: Mapping[str, str],
    status: dg.DagsterRunStatus,
) -> None:
    stand(settings, run(instance, tags, status), ("acme", "bronze", "orders"))
    assert requests(sensor, instance) == []


def test_nobody_is_asked_for_after_a_run_that_dagster_no_longer_knows(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    stand(settings, "gone", ("acme", "bronze", "orders"))
    assert requests(sensor, instance) == []


def test_a_tenant_that_the_policies_no_longer_name_is_not_asked_for(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    stand(settings, run(instance, OF_ALL), ("acme", "bronze", "orders"))
    instance.delete_dynamic_partition("tenants", "acme")
    assert requests(sensor, instance) == []


def test_where_most_failed_it_was_no_tenant_and_nobody_is_asked_for(
    sensor: dg.SensorDefinition,
    instance: dg.DagsterInstance,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dagster_project.alone.MOST", 1)
    stand(settings, run(instance, OF_ALL), ("acme", "bronze", "orders"), ("globex", "bronze", "orders"))
    assert requests(sensor, instance) == []


def test_every_check_of_the_data_has_its_mend() -> None:
    names = [("bronze", name) for name in BRONZE_CHECKS] + [("silver", name) for name in SILVER_CHECKS]
    assert all(mend_of_check(*one) for one in [*names, ("findings", WAITING)])


def test_a_check_that_could_not_read_rows_is_mended_by_the_kind_of_error() -> None:
    place = ("tenant_isolation", "bronze", "orders", "acme")
    unread = CheckResult(*place, False, f"{UNREAD}FAILED_READ_FILE.NO_HINT", "run", now())
    assert mend_of(unread) == mend_of_kind("FAILED_READ_FILE")
    shut = CheckResult(*place, False, "5 of 5 rows looked into do not open", "run", now())
    assert mend_of(shut) == mend_of_check("bronze", "tenant_isolation")
