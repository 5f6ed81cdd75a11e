"""The retention plan as people see it: on the asset, in its check, and on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from dagster_project.build import build_definitions
from dagster_project.cli import app
from dagster_project.cli.show_retention import size
from dagster_project.defs.retention import overdue
from dagster_project.house import open_control_state, open_house
from dagster_project.partitions import span, sync_tenants
from dagster_project.runner import QUIET
from dagster_project.settings import Settings, load_settings
from retention.holds import Scope, lift_hold, place_hold
from retention.plan import plan_retention
from tenancy.control import now
from transforms.lake import Table

POLICIES = Path(__file__).parents[2] / "examples" / "policies"
TENANTS = ["acme", "globex", "northwind"]
SUBJECT = "5" * 32
BRONZE = (
    "tenant_id string, record_id string, subject_token string, occurred_at timestamp, ingested_at timestamp"
)


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Tickets of acme, which live for two years: one three years old, one of today, one without its day."""
    home = tmp_path_factory.mktemp("retention")
    settings = load_settings(landing=home / "landing", lake=home / "lake", policies=POLICIES)
    ctx = open_house(settings, "seed")
    old, today = now() - timedelta(days=3 * 366), now()
    rows = [
        ("acme", "r1", SUBJECT, old, old),
        ("acme", "r2", None, today, today),
        ("acme", "r3", None, None, old),
    ]
    frame = ctx.spark.createDataFrame(rows, BRONZE).coalesce(1)
    ctx.lake.append(frame, Table("eu", "bronze", "tickets"), "test", 1, ctx.note)
    ctx.engine.dispose()
    return settings


@pytest.fixture
def held(lake: Settings) -> Iterator[None]:
    engine = open_control_state(lake)
    hold = place_hold(engine, Scope("acme"), matter="CASE-1", by="counsel", why="why")
    yield
    lift_hold(engine, hold.hold_id, "counsel", "settled")


def planned(lake: Settings, instance: dg.DagsterInstance, *tenants: str) -> dg.ExecuteInProcessResult:
    job = build_definitions(lake).resolve_job_def("retention_plan")
    order = sync_tenants(instance, TENANTS)
    return job.execute_in_process(
        instance=instance, run_config=QUIET, tags=span(order, tenants or TENANTS)
    )  # fmt: skip


def verdict(lake: Settings, *tenants: str) -> dg.AssetCheckResult:
    """What the check of `retention/done` would say as things are."""
    ctx = open_house(lake, "look")
    found = overdue(plan_retention(ctx, tenants or TENANTS, now()), ctx.bundle)
    ctx.engine.dispose()
    return found


def rows(result: dg.ExecuteInProcessResult, table: str) -> list[dict[str, object]]:
    (event, *_) = result.asset_materializations_for_node("retention__plan")
    return [record.data for record in event.metadata[table].records]


def call(lake: Settings, *arguments: str) -> Result:
    own = ("--lake", str(lake.lake), "--policies", str(lake.policies))
    return CliRunner().invoke(app, ["retention", *arguments, *own], env={"COLUMNS": "250"})


@pytest.mark.spark
def test_the_asset_shows_what_is_due_and_its_check_warns_of_what_is_overdue(lake, instance):
    result = planned(lake, instance)
    (due,) = rows(result, "due")
    assert (due["tenant"], due["table"], due["what"]) == ("acme", "bronze/tickets", "erase rows")
    assert (due["rows"], due["due"], due["held"], due["files"]) == (3, 2, 0, 1)
    assert due["bytes to rewrite"] > 0
    assert [one["rows"] for one in rows(result, "counted_from_ingest")] == [1]
    check = verdict(lake)
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "14 days" in check.description


@pytest.mark.spark
def test_each_tenant_has_its_own_partition(lake, instance):
    result = planned(lake, instance)
    events = result.asset_materializations_for_node("retention__plan")
    tables = {event.partition: event.metadata["tables_with_due_rows"].value for event in events}
    assert tables == {"acme": 1, "globex": 0, "northwind": 0}


@pytest.mark.spark
def test_what_a_hold_keeps_is_shown_and_is_not_overdue(lake, instance, held):
    result = planned(lake, instance)
    (kept,) = rows(result, "kept_by_holds")
    assert (kept["rows"], kept["matters"]) == (2, "CASE-1")
    assert verdict(lake).passed


@pytest.mark.spark
def test_the_plan_of_another_tenant_shows_nothing_of_this_one(lake, instance):
    result = planned(lake, instance, "globex")
    assert rows(result, "due") == []
    assert verdict(lake, "globex").passed


@pytest.mark.spark
def test_the_command_shows_the_plan_and_says_that_it_is_a_dry_run(lake):
    done = call(lake, "run", "--dry-run")
    assert done.exit_code == 0, done.output
    assert re.search(r"acme +bronze/tickets +erase rows P2Y after occurred_at +3 +2 +0 +1", done.output)
    assert "To do it: lakeward retention run" in done.output
    assert SUBJECT not in done.output


@pytest.mark.spark
def test_the_command_plans_as_of_another_day(lake):
    done = call(lake, "plan", "--tenant", "acme", "--at", "2020-01-01")
    assert "Nothing is due at 2020-01-01" in done.output
    assert re.search(r"erase rows P2Y after occurred_at +3 +20\d\d-", done.output)  # what comes due next


def test_explain_tells_which_rule_holds_and_why_the_others_do_not(lake):
    done = call(lake, "explain", "--tenant", "globex", "--dataset", "tickets")
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.output.splitlines()]
    assert "the rows: erase P1Y after occurred_at (dataset tickets, tenant globex)" in lines
    assert "holds because it is the most specific" in lines
    told = "less specific than that for dataset tickets, tenant globex"
    assert f"not erase P2Y after occurred_at (dataset tickets): {told}" in lines


def test_explain_tells_of_one_class_and_of_holds(lake, held):
    arguments = ("explain", "--tenant", "acme", "--dataset", "customers", "--class")
    done = call(lake, *arguments, "user.financial.credit_card")
    assert "values of user.financial.credit_card: erase P1Y6M after occurred_at" in done.output
    assert "held: CASE-1 over everybody" in done.output
    assert "the rows" not in done.output
    assert "live as long as their row" in call(lake, *arguments, "user.name").output
    assert (
        "no column of the contract is declared as user.device" in call(lake, *arguments, "user.device").output
    )


def test_explain_needs_no_lake(settings: Settings):
    assert call(settings, "explain", "--tenant", "acme").exit_code == 0
    assert not settings.control.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--tenant", "nobody"),
        ("explain", "--tenant", "acme", "--dataset", "employees"),
        ("explain", "--tenant", "acme", "--class", "user.nothing"),
        ("explain",),
        ("plan", "--at", "tomorrow"),
        ("plan",),
        ("run",),
    ],
)
def test_what_is_not_there_is_wrong_use(settings: Settings, arguments: tuple[str, ...]):
    assert call(settings, *arguments).exit_code == 2
    assert not settings.control.exists()


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000_000, "3.4 GB"), (10**16, "10000.0 TB")],
)
def test_a_size_is_told_in_its_unit(amount: int, shown: str):
    assert size(amount) == shown
