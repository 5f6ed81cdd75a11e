"""The landing sensor keeps tenants in step and asks for runs, without telling a file's name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.build import build_definitions
from dagster_project.defs.sensors import look
from dagster_project.instance import open_instance
from dagster_project.partitions import RANGE_END, RANGE_START, span, sync_tenants, tenants_of
from dagster_project.settings import Settings
from policy.errors import LakewardError

NAME = "jane.doe@example.com.csv"
TENANTS = ["acme", "globex", "northwind"]


@pytest.fixture
def sensor(settings: Settings) -> dg.SensorDefinition:
    return build_definitions(settings).resolve_sensor_def("landing_files")


def drop(settings: Settings, place: str, name: str = NAME, text: str = "a\n1\n") -> None:
    (settings.landing / place).mkdir(parents=True, exist_ok=True)
    (settings.landing / place / name).write_text(text)


def tick(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, cursor: str | None = None
) -> dg.SensorResult:
    return sensor(dg.build_sensor_context(instance=instance, cursor=cursor))


def test_tenants_are_added_and_deleted_with_the_policies(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions("tenants", ["acme", "gone"])
    added, deleted = tick(sensor, instance).dynamic_partitions_requests
    assert added.partition_keys == ["globex", "northwind"]
    assert deleted.partition_keys == ["gone"]


def test_tenants_in_step_are_left_alone(sensor: dg.SensorDefinition, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("tenants", TENANTS)
    assert not tick(sensor, instance).dynamic_partitions_requests


def test_a_file_is_run_at_the_second_look_and_once(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    instance.add_dynamic_partitions("tenants", TENANTS)
    drop(settings, "us/globex/orders")
    first = tick(sensor, instance)
    assert not first.run_requests
    second = tick(sensor, instance, first.cursor)
    (request,) = second.run_requests
    assert tenants_of(request) == ("globex",)
    assert not tick(sensor, instance, second.cursor).run_requests


def test_a_file_that_still_grows_waits(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    drop(settings, "us/globex/orders")
    first = tick(sensor, instance)
    drop(settings, "us/globex/orders", text="a\n1\n2\n")
    second = tick(sensor, instance, first.cursor)
    assert not second.run_requests
    assert tick(sensor, instance, second.cursor).run_requests


def test_an_emptied_landing_zone_asks_for_nothing(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    drop(settings, "us/globex/orders")
    cursor = tick(sensor, instance, tick(sensor, instance).cursor).cursor
    shutil.rmtree(settings.landing / "us")
    gone = tick(sensor, instance, cursor)
    assert not gone.run_requests
    assert not tick(sensor, instance, gone.cursor).run_requests


def test_a_stranger_s_file_asks_for_nothing(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    drop(settings, "us/initech/orders")
    assert not tick(sensor, instance, tick(sensor, instance).cursor).run_requests


def test_no_file_name_is_in_anything_that_is_stored(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    drop(settings, "eu/acme/customers")
    first = tick(sensor, instance)
    second = tick(sensor, instance, first.cursor)
    (request,) = second.run_requests
    told = json.dumps([first.cursor, second.cursor, request.run_key, dict(request.tags), request.run_config])
    assert "jane" not in told
    assert "example.com" not in told


def test_the_digest_does_not_depend_on_a_name(
    sensor: dg.SensorDefinition, instance: dg.DagsterInstance, settings: Settings
) -> None:
    drop(settings, "eu/acme/customers", name="a.csv")
    before = json.loads(tick(sensor, instance).cursor)["acme"][0]
    stat = (settings.landing / "eu/acme/customers/a.csv").stat()
    assert before == json.loads(tick(sensor, instance).cursor)["acme"][0]
    assert str(stat.st_ino) not in before


def test_refused_policies_are_told_without_a_run(
    settings: Settings, instance: dg.DagsterInstance, tmp_path: Path, examples: Path
) -> None:
    folder = shutil.copytree(examples / "policies", tmp_path / "policies")
    sensor = build_definitions(settings.model_copy(update={"policies": folder})).resolve_sensor_def(
        "landing_files"
    )
    (folder / "tenants.yaml").write_text("tenants: 5")
    with pytest.raises(LakewardError, match=r"tenants\.yaml"):
        tick(sensor, instance)


@pytest.mark.parametrize(
    ("now", "cursor", "ready"),
    [
        ({"a": "1"}, {}, []),
        ({"a": "1"}, {"a": ["1", ""]}, ["a"]),
        ({"a": "1"}, {"a": ["1", "1"]}, []),
        ({"a": "2"}, {"a": ["1", "1"]}, []),
        ({"a": "2", "b": "1"}, {"a": ["2", "1"], "b": ["1", "1"]}, ["a"]),
    ],
)
def test_a_tenant_is_ready_when_new_and_still(now: dict, cursor: dict, ready: list[str]) -> None:
    assert look(now, cursor)[0] == ready


def test_a_range_reaches_from_the_first_to_the_last_tenant() -> None:
    assert span(["b", "a", "c", "d"], ["c", "b"]) == {RANGE_START: "b", RANGE_END: "c"}


def test_the_run_of_one_tenant_carries_its_name() -> None:
    assert span(["b", "a", "c"], ["a"]) == {"dagster/partition": "a", "lakeward/tenant": "a"}


def test_syncing_keeps_the_order_of_those_that_stay(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("tenants", ["northwind", "gone", "acme"])
    assert sync_tenants(instance, TENANTS) == ["northwind", "acme", "globex"]


def test_the_nightly_run_takes_every_tenant(settings: Settings, tmp_path: Path) -> None:
    schedule = build_definitions(settings).resolve_schedule_def("nightly")
    with open_instance(tmp_path / "home") as instance:
        request = schedule(dg.build_schedule_context(instance=instance))
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("acme", "northwind")
