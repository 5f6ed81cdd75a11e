"""What a step tells lineage, and what telling costs: one look at a table, one transaction for all tenants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, event

from audit.outbox import Outbox
from dagster_project.house import open_control_state
from dagster_project.lineage import StepLineage
from dagster_project.settings import Settings
from policy import load_policies

TENANTS = ["acme", "globex", "northwind"]


class Tables:
    """Stands in for the lake: versions are set by the test, and looks are counted."""

    def __init__(self) -> None:
        self.now, self.looks = 7, Counter()

    def version(self, table: object) -> int:
        self.looks[table] += 1
        return self.now


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_control_state(settings)
    yield made
    made.dispose()


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def step(engine: Engine, tables: Tables, examples: Path) -> StepLineage:
    keys = SimpleNamespace(current=SimpleNamespace(epoch=1))
    ctx = SimpleNamespace(
        engine=engine, lake=tables, bundle=load_policies(examples / "policies"), run_id="run-1",
        keyring=SimpleNamespace(tenant_keys=lambda _tenant: keys), spark=SimpleNamespace(version="4.2.0"),
        dead_runs=(),
    )  # fmt: skip
    return StepLineage(ctx, "protect", "customers")


def told(engine: Engine) -> list[tuple[str, str, set[int]]]:
    """Tenant, type and the versions of its tables, of every event in order."""
    found = []
    for one in Outbox(engine).pending("file"):
        payload = json.loads(one.payload)
        sides = payload["inputs"] + payload["outputs"]
        versions = {int(side["facets"]["version"]["datasetVersion"]) for side in sides}
        found.append((one.tenant_id, one.event_type, versions))
    return found


def test_a_step_over_many_tenants_looks_at_each_table_once_before_and_once_after(
    step: StepLineage, tables: Tables, engine: Engine
) -> None:
    regions = {step.ctx.bundle.tenants[tenant].region for tenant in TENANTS}
    with step:
        step.start(TENANTS)
        assert set(tables.looks.values()) == {1}
        tables.now = 8
        for tenant in TENANTS:
            step.complete(tenant, {"rows_out": 3})
    assert set(tables.looks.values()) == {2}
    assert len(tables.looks) == 2 * len(regions)
    assert told(engine) == [
        *[(tenant, "START", {7}) for tenant in TENANTS],
        *[(tenant, "COMPLETE", {8}) for tenant in TENANTS],
    ]


def test_a_step_that_begins_in_parts_looks_again_for_each(
    step: StepLineage, tables: Tables, engine: Engine
) -> None:
    with step:
        step.start(["acme"])
        tables.now = 8
        step.start(["globex"])
        tables.now = 9
        step.fail("acme", "SOME_KIND")
        step.complete("globex", {"rows_out": 3})
    assert told(engine) == [
        ("acme", "START", {7}), ("globex", "START", {8}), ("acme", "FAIL", {9}), ("globex", "COMPLETE", {9}),
    ]  # fmt: skip


def test_all_ends_of_a_step_are_stored_in_one_transaction(step: StepLineage, engine: Engine) -> None:
    commits = []
    event.listen(engine, "commit", commits.append)
    with step:
        step.start(TENANTS)
        before = len(commits)
        for tenant in TENANTS:
            step.complete(tenant, {"rows_out": 3})
    assert len(commits) == before + 1
    assert len(told(engine)) == 6


def test_what_was_told_before_a_step_broke_is_stored_and_the_rest_failed(
    step: StepLineage, engine: Engine
) -> None:
    def break_off() -> None:
        with step:
            step.start(TENANTS)
            step.complete("globex", {"rows_out": 3})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert {(tenant, kind) for tenant, kind, _ in told(engine)[3:]} == {
        ("acme", "FAIL"), ("globex", "COMPLETE"), ("northwind", "FAIL"),
    }  # fmt: skip
