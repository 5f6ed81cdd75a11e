"""A lake's control database and Dagster record as runs would have left them; no Spark, no table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from findings import finding, record
from sqlalchemy import Engine, update

from audit.ledger import Fact, Ledger
from audit.ledger_delivery import keep_heads
from dagster_project.defs.outcomes import tenant_table
from dagster_project.defs.retention import PLAN
from dagster_project.house import open_control_state
from dagster_project.instance import open_instance
from dagster_project.ledger_heads import head_place
from dagster_project.settings import Settings
from retention.effects import Effect, conclude, note_effects
from retention.exports import record_export
from retention.holds import Scope, place_hold
from retention.receipt import Proof
from retention.request_tables import erasure_requests
from retention.requests import Outcome, State, move, receive
from tenancy.control import now
from tenancy.keyring import open_keyring
from tenancy.signing import open_signing_key
from transforms import lake as door
from transforms.deliveries import record_left, refuse, register, settle
from transforms.erased import begin_change, end_change
from transforms.protect import protections
from transforms.restrictions import restrict
from transforms.standings import CheckResult, Standings
from transforms.violations import record_violation

CANARY = "zorblax7101"
"""Stands wherever a page must not look: tokens, what follows a reason's word, who acted."""
EMAIL = "user.contact.email"
FOUND_AT = datetime(2026, 1, 2, tzinfo=UTC)


def make_state(settings: Settings) -> None:
    """Something of everything that the page shows, each number told apart from all others."""
    engine = open_control_state(settings)
    open_keyring(engine, settings.root_key, settings.lake)
    _rows(engine)
    _findings_and_checks(engine)
    _persons(engine)
    _holds(engine)
    _retention(engine)
    Ledger(engine).sign_head(open_signing_key(settings.signing_key))
    place = head_place(settings)
    if place is not None:
        keep_heads(engine, place)
    engine.dispose()


def _rows(engine: Engine) -> None:
    for tenant, region, counts in (("acme", "eu", (7341, 7229, 112)), ("globex", "us", (523, 523, 0))):
        one = register(engine, tenant, region, "orders", f"{CANARY}-{tenant}", 10, "policy", "run-1")
        settle(engine, 0, {one.id: counts}, "policy")
    bad = register(engine, "globex", "us", "orders", f"{CANARY}-bad", 10, "policy", "run-1")
    refuse(engine, bad.id, "not_utf8: 3", "policy")
    record_left(engine, "orders", {"globex": {f"missing_columns: {CANARY}": 17}})
    record_violation(engine, "wrong_region", "us/acme", 29, "run-1")
    row = {"tenant_id": "acme", "dataset": "orders", "batch_seq": 1, "plan_digest": "0", "rows": 7107}
    more = {"policy_digest": "policy", "run_id": "run-1", "done_at": now()}
    with engine.begin() as connection:
        connection.execute(protections.insert(), row | more)


def _findings_and_checks(engine: Engine) -> None:
    record(
        engine,
        finding("acme", "orders", "status", "user.name", confidence=0.83),
        finding("acme", "customers", "email", EMAIL, declared=EMAIL),
    )
    told = [
        CheckResult(
            "keys_unique", "silver", "orders", "acme", False, "41 keys stand twice", "run-1", FOUND_AT
        ),
        CheckResult("contract_holds", "silver", "orders", "acme", True, "", "run-1", FOUND_AT),
        CheckResult("contract_holds", "silver", "orders", "globex", True, "", "run-1", FOUND_AT),
    ]
    Standings(engine).record(told, {"acme": "mark", "globex": "mark"})


def _persons(engine: Engine) -> None:
    asked = [("acme", {EMAIL: f"{CANARY}-{number}"}) for number in range(5)]
    late, near, open_, done, done_late = receive(engine, ["acme"], asked, "cli")
    for one in (done, done_late):
        for state in (State.PLANNED, State.ERASING, State.VERIFYING):
            move(engine, [one], state)
        move(
            engine, [one], State.DONE, outcome=Outcome.ERASED, receipt=f"{one}.json", receipt_sha256="0" * 64
        )
    moment, table = now(), erasure_requests
    for one, days in ((late, -1), (near, 3), (open_, 20), (done_late, -2)):
        with engine.begin() as connection:
            due = {"due_at": moment + timedelta(days=days), "received_at": moment - timedelta(days=9)}
            connection.execute(update(table).where(table.c.request_id == one).values(**due))
    restrict(engine, "globex", {EMAIL: f"{CANARY}-frozen"}, [(EMAIL, f"{CANARY}-frozen")])
    bundle = {"export_id": "e" * 32, "export": "evidence", "state": "made", "sha256": "0" * 64}
    Ledger(engine).append([Fact("export", "bundle/made", bundle, "globex", "us")])
    record_export(engine, "acme", "subject", [(EMAIL, f"{CANARY}-exported")], kept_here=True)


def _holds(engine: Engine) -> None:
    soon = now() + timedelta(days=3)
    place_hold(engine, Scope("acme", "orders"), matter="CASE-81", by=CANARY, why="letter of the court")
    place_hold(engine, Scope("globex"), matter="CASE-82", by=CANARY, why="until the hearing", until=soon)


def _retention(engine: Engine) -> None:
    table = door.Table("eu", "bronze", "tickets")
    numbers = begin_change(engine, table, {"acme": {}})
    what = ("erase P2Y after occurred_at", "rows", 613)
    effect = Effect("acme", "eu", "bronze", "tickets", *what, seq=numbers["acme"])
    note_effects(engine, [effect], {}, "run-1")
    end_change(engine, numbers)
    conclude(engine, "acme", [effect], Proof(complete=True, receipt="retention-1.1.json"), "run-1")


def make_runs(settings: Settings) -> None:
    """Two runs of bronze that told why rows were quarantined, and a plan of retention, of two tenants."""

    def asset(key: dg.AssetKey, metadata: dict) -> dg.AssetsDefinition:
        @dg.asset(
            key=key,
            partitions_def=dg.StaticPartitionsDefinition(["acme", "globex"]),
            backfill_policy=dg.BackfillPolicy.single_run(),
        )
        def told() -> dg.MaterializeResult:
            return dg.MaterializeResult(metadata=metadata)

        return told

    orders = dg.AssetKey(["bronze", "orders"])
    why = [tenant_table(["reason", "rows"], [("acme", "type: amount", rows)]) for rows in (53, 59)]
    plan = {
        "as_of": "2026-03-04 05:06 UTC",
        "due": tenant_table(
            ("table", "what", "due", "held"), [("acme", "bronze/events", "erase rows", 211, 13)]
        ),
        "next": tenant_table(
            ("table", "what", "date"), [("acme", "bronze/events", "erase rows", "2027-08-09")]
        ),
    }
    runs = [(orders, {"quarantine_reasons": one}) for one in why] + [(PLAN, plan)]
    with open_instance(settings.dagster_home) as instance:
        for key, metadata in runs:
            tags = {
                "dagster/asset_partition_range_start": "acme",
                "dagster/asset_partition_range_end": "globex",
            }
            dg.materialize([asset(key, metadata)], instance=instance, tags=tags)
