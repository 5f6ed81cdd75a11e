"""A tenant on one page, from the control database: its own facts, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest
from findings import finding, record

from dagster_project.build import build_definitions
from dagster_project.defs.overview import lines_of, page_of
from dagster_project.house import open_control_state
from dagster_project.settings import Settings
from policy import load_policies
from retention.holds import Scope, place_hold
from retention.requests import receive
from tenancy.control import now
from transforms.deliveries import register, settle
from transforms.quarantine import QuarantineGroup

EMAIL = "user.contact.email"


@pytest.fixture
def engine(settings: Settings):
    engine = open_control_state(settings)
    record(
        engine,
        finding("acme", "orders", "status", "user.name"),
        finding("globex", "orders", "status", "user.name"),
        finding("acme", "customers", "email", EMAIL, declared=EMAIL),
    )
    receive(engine, ["acme"], [("acme", {EMAIL: "a-token"})], "cli")
    place_hold(engine, Scope("acme", "orders"), matter="CASE-1", by="legal", why="letter of the court")
    return engine


def rows(page: dict, name: str) -> list[dict]:
    return [dict(row.data) for row in page[name].records]


def test_all_columns_of_a_class_stand_together_with_their_treatment(settings, engine) -> None:
    page = page_of(engine, load_policies(settings.policies), "acme", [], [])
    found = [row for row in rows(page, "personal_columns") if row["class"] == EMAIL]
    assert {row["column"]: row["treatment"] for row in found} == {
        "customers.email": "token",
        "events.customer_email": "token",
        "tickets.agent_email": "seal",
    }


def test_what_waits_is_the_tenant_s_own(settings, engine) -> None:
    bundle = load_policies(settings.policies)
    acme, globex = (page_of(engine, bundle, tenant, [], []) for tenant in ("acme", "globex"))
    assert (acme["waits_for_somebody"], globex["waits_for_somebody"]) == (2, 1)
    assert [row["column"] for row in rows(acme, "waits_for_a_verdict")] == ["orders.status"]
    assert [row["state"] for row in rows(acme, "requests_open")] == ["received"]
    assert [row["matter"] for row in rows(acme, "holds_in_force")] == ["CASE-1"]
    assert rows(globex, "requests_open") == rows(globex, "holds_in_force") == []


def test_all_tenants_stand_in_lines_with_sums_that_are_theirs(settings, engine) -> None:
    register_rows(engine, "acme", "orders", landed=12, sealed=10, quarantined=2)
    register_rows(engine, "acme", "customers", landed=5, sealed=5, quarantined=0)
    told = lines_of(engine, load_policies(settings.policies))
    lines = {row.pop("tenant"): row for row in rows(told, "tenants")}
    assert lines["acme"] == {
        "region": "eu", "tier": "premium", "undecided": 1, "requests": 1, "failing": 0, "landed": 17,
        "quarantined": 2, "in silver": 0,
    }  # fmt: skip
    assert (lines["globex"]["landed"], lines["globex"]["undecided"]) == (0, 1)
    assert lines["northwind"]["requests"] == 0
    assert (told["landed"], told["undecided"], told["requests"]) == (17, 2, 1)


def register_rows(engine, tenant: str, dataset: str, *, landed: int, sealed: int, quarantined: int) -> None:
    one = register(engine, tenant, "eu", dataset, "a-hash", 10, "policy", "run-1")
    settle(engine, 0, {one.id: (landed, sealed, quarantined)}, "policy")


def test_what_is_in_quarantine_is_told_by_reason_with_the_mend(settings, engine) -> None:
    kept_out = [QuarantineGroup("eu", "orders", "acme", "enum:status", 3)]
    [row] = rows(page_of(engine, load_policies(settings.policies), "acme", [], kept_out), "in_quarantine")
    assert (row["dataset"], row["reason"], row["records"]) == ("orders", "enum:status", 3)
    assert "try quarantine again" in row["to mend it"]


@pytest.mark.parametrize(("days", "passed"), [(15, True), (13, False)])
def test_a_hold_that_ends_soon_is_a_warning(settings, engine, instance, days, passed) -> None:
    until = now() + timedelta(days=days)
    place_hold(engine, Scope("globex"), matter="CASE-2", by="legal", why="until the hearing", until=until)
    job = build_definitions(settings).resolve_job_def("request_desk")
    done = job.execute_in_process(instance=instance)
    [told] = [one for one in done.get_asset_check_evaluations() if one.check_name == "holds_ending"]
    assert (told.passed, told.severity) == (passed, dg.AssetCheckSeverity.WARN)
    for one in done.get_asset_check_evaluations():
        assert {"playbook", "owner", "contact"} <= set(one.metadata), one.check_name
    ending = [row.data["matter"] for row in told.metadata["ending"].records]
    assert ending == ([] if passed else ["CASE-2"])
