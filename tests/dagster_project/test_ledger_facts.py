"""What a run's end enters into the ledger of the tables that rooms below it keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from audit.ledger import Entry, Ledger
from audit.ledger_check import check_ledger
from audit.ledger_entry import statement_digest, subject_mark
from classifications.findings import Finding, FindingStatus
from classifications.ledger import FindingsLedger
from classifications.verdicts import Decision, Verdict
from dagster_project.house import open_control_state
from dagster_project.ledger_facts import enter_facts
from dagster_project.ledger_heads import close_ledger
from dagster_project.settings import Settings
from policy import load_policies
from tenancy.control import now
from tenancy.keyring import open_keyring
from tenancy.signing import public_key_file, read_public_key
from transforms.deliveries import open_batch, refuse, register, settle
from transforms.restrictions import lift, restrict
from transforms.standings import CheckResult, Standings
from transforms.violations import record_violation

TOKEN = "0123456789abcdef0123456789abcdef"
DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_control_state(settings)
    yield made
    made.dispose()


@pytest.fixture
def ctx(engine: Engine, examples: Path) -> Any:
    return SimpleNamespace(engine=engine, bundle=load_policies(examples / "policies"), run_id="run-1")


def entered(engine: Engine, kind: str) -> list[Entry]:
    return list(Ledger(engine).entries(kinds={kind}))


def finding() -> Finding:
    return Finding(
        "acme", "customers", "email", "user.contact.email", 0.97,
        {"sampled": 20, "hits:user.contact.email": 19},
        "19 of 20 look like one", "1.2", DIGEST, "user.contact.email", "run-1", now(), FindingStatus.DECLARED,
    )  # fmt: skip


def check(moment: datetime, *, success: bool) -> CheckResult:
    return CheckResult("keys_unique", "silver", "orders", "globex", success, "3 keys", "run-1", moment)


def test_the_policies_in_force_are_entered_once_a_run_and_their_files_once_a_bundle(ctx: Any) -> None:
    enter_facts(ctx)
    enter_facts(ctx)
    ctx.run_id = "run-2"
    enter_facts(ctx)
    bundle, *runs = entered(ctx.engine, "policy")
    assert bundle.body["digest"] == ctx.bundle.digest
    assert set(bundle.body["files"]) >= {"tenants.yaml", "datasets/customers.yaml"}
    assert [one.body["run_id"] for one in runs] == ["run-1", "run-2"]


def test_a_finding_and_a_stewards_verdict_are_entered_without_the_stewards_words(ctx: Any) -> None:
    ledger = FindingsLedger(ctx.engine)
    ledger.record([finding()])
    said = Verdict("acme", "customers", "email", "user.contact.email", Decision.CONFIRM,
                   "Maria Anders", "she looked at it", now())  # fmt: skip
    ledger.record_verdict(said)
    assert enter_facts(ctx) > 0
    (found,), (decided,) = entered(ctx.engine, "finding"), entered(ctx.engine, "verdict")
    assert (found.tenant, found.region, found.body["class"]) == ("acme", "eu", "user.contact.email")
    assert found.body["evidence"]["hits:user.contact.email"] == 19
    assert decided.body["statement_sha256"] == statement_digest(actor=said.actor, reason=said.reason)
    assert "Maria" not in str([decided.body, found.body])


def test_each_result_of_a_check_is_entered_with_its_time_not_only_the_last(ctx: Any) -> None:
    standings = Standings(ctx.engine)
    for passed in (False, True):
        standings.record([check(now(), success=passed)], {"globex": ""})
        enter_facts(ctx)
    results = entered(ctx.engine, "check")
    assert [one.body["passed"] for one in results] == [False, True]
    assert results[0].body["check"] == "keys_unique"


def test_records_in_quarantine_and_a_refused_file_are_entered_as_counts_and_a_reason(ctx: Any) -> None:
    good = register(ctx.engine, "acme", "eu", "orders", "c" * 64, 10, DIGEST, "run-1")
    bad = register(ctx.engine, "acme", "eu", "orders", "d" * 64, 10, DIGEST, "run-1")
    clean = register(ctx.engine, "acme", "eu", "orders", "e" * 64, 10, DIGEST, "run-1")
    seq = open_batch(ctx.engine, "eu", "orders", "ingest", [good.id, clean.id], ["acme"], DIGEST, "run-1")
    settle(ctx.engine, seq, {good.id: (7, 5, 2), clean.id: (7, 7, 0)}, DIGEST)
    refuse(ctx.engine, bad.id, "missing_columns: order_id, note", DIGEST)
    enter_facts(ctx)
    told = [(one.body["rows_quarantined"], one.body["reason"]) for one in entered(ctx.engine, "quarantine")]
    assert told == [(2, None), (None, "missing_columns")]


def test_a_boundary_violation_is_the_platforms(ctx: Any) -> None:
    record_violation(ctx.engine, "wrong_region", "us/acme", 3, "run-1")
    enter_facts(ctx)
    (one,) = entered(ctx.engine, "violation")
    assert (one.tenant, one.body["violation"], one.body["place"]) == (None, "wrong_region", "us/acme")


def test_a_persons_restriction_is_entered_by_a_mark_that_only_the_token_gives(ctx: Any) -> None:
    id_ = restrict(ctx.engine, "acme", {"customer": TOKEN}, [])
    enter_facts(ctx)
    lift(ctx.engine, "acme", {"customer": TOKEN})
    enter_facts(ctx)
    frozen, thawed = entered(ctx.engine, "freeze")
    assert frozen.body["subjects"] == [subject_mark(TOKEN, f"{id_}/frozen")]
    assert (frozen.body["state"], thawed.body["state"]) == ("frozen", "thawed")
    assert TOKEN not in str(list(Ledger(ctx.engine).entries()))


def test_each_key_is_entered_by_its_id_and_epoch(ctx: Any, settings: Settings) -> None:
    open_keyring(ctx.engine, settings.root_key, settings.lake).tenant_keys("acme")
    enter_facts(ctx)
    told = [
        (one.tenant, one.body["purpose"], one.body.get("epoch")) for one in entered(ctx.engine, "key_epoch")
    ]
    assert told == [(None, "root", None), ("acme", "tenant", 1), ("acme", "data", 1), ("acme", "token", 1)]


def test_facts_that_were_entered_are_not_entered_again_and_late_ones_are(ctx: Any) -> None:
    FindingsLedger(ctx.engine).record([finding()])
    assert enter_facts(ctx) == 3
    assert enter_facts(ctx) == 0
    late = replace(finding(), column="phone", found_at=datetime.now(UTC))
    FindingsLedger(ctx.engine).record([late])
    assert enter_facts(ctx) == 1


def test_a_runs_end_signs_what_it_entered_and_keeps_the_head_elsewhere(
    ctx: Any, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "heads").mkdir()
    elsewhere = settings.model_copy(update={"ledger_heads": str(tmp_path / "heads")})
    kept = close_ledger(ctx, elsewhere)
    assert kept is not None
    assert (kept.waiting, kept.reason) == (0, "")
    ledger, public = Ledger(ctx.engine), read_public_key(public_key_file(settings.signing_key))
    assert len(list((tmp_path / "heads").iterdir())) == 1
    checked = check_ledger(ctx.engine, ledger.heads(), public)
    assert checked.findings == ()
    assert checked.signed == checked.size == ledger.size() > 0
