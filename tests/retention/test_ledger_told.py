"""What requests, holds, exports and retention enter into the ledger, without a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from audit.ledger import Ledger
from audit.ledger_entry import statement_digest, subject_mark
from policy.retention import Store
from retention import effects, expired_ids, exports, holds, requests, stores
from retention.effects import Effect, conclude, note_purge
from retention.exports import record_export, remove_export
from retention.holds import HoldError, Scope, lift_hold, place_hold
from retention.receipt import Proof
from retention.requests import Outcome, RequestError, State, move, receive
from retention.stores import StoreResult, note_store
from tenancy.control import now, open_control
from transforms import erased
from transforms.lake import Table
from transforms.purge import Purged

MARIA = "0123456789abcdef0123456789abcdef"
PARTS = (requests, holds, exports, effects, expired_ids, stores, erased)


@pytest.fixture
def engine(tmp_path: Path):
    made = open_control(tmp_path / "control" / "control.db")
    for part in PARTS:
        part.metadata.create_all(made)
    return made


@pytest.fixture
def told(engine):
    """The entries of a kind: source and body."""
    return lambda kind: [(one.source, dict(one.body)) for one in Ledger(engine).entries(kinds={kind})]


def ask(engine) -> str:
    return receive(engine, ["acme"], [("acme", {"user.contact.email": MARIA})], "cli")[0]


def test_a_request_is_told_with_its_persons_mark_and_each_of_its_moves(engine, told):
    request_id = ask(engine)
    assert ask(engine) == request_id
    for state in (State.PLANNED, State.ERASING, State.VERIFYING):
        move(engine, [request_id], state)
    (source, received), *moved = told("request")
    assert received["subjects"] == [subject_mark(MARIA, source)]
    assert [(body["from"], body["state"]) for _, body in moved] == [
        ("received", "planned"), ("planned", "erasing"), ("erasing", "verifying"),
    ]  # fmt: skip
    assert told("erasure") == []


def test_an_erasure_is_told_with_the_digest_of_its_receipt_and_whether_it_was_verified(engine, told):
    request_id = ask(engine)
    for state in (State.PLANNED, State.ERASING, State.VERIFYING):
        move(engine, [request_id], state)
    proved = {"receipt": f"{request_id}.1.json", "receipt_sha256": "cd" * 32}
    move(engine, [request_id], State.DONE, outcome=Outcome.ERASED, **proved)
    ((_, body),) = told("erasure")
    assert body == {"request_id": request_id, "outcome": "erased", "verified": True} | proved


def test_a_move_that_is_refused_is_not_told(engine, told):
    request_id = ask(engine)
    with pytest.raises(RequestError):
        move(engine, [request_id], State.DONE)
    assert len(told("request")) == 1


def test_a_hold_is_told_when_it_is_placed_and_when_it_is_lifted_its_words_by_digest(engine, told):
    said = {"matter": "CASE-1", "by": "m.anders", "why": "letter of the court"}
    hold = place_hold(engine, Scope("acme", "orders", (MARIA,)), **said)
    lift_hold(engine, hold.hold_id, "m.anders", "the case is closed")
    with pytest.raises(HoldError):
        lift_hold(engine, hold.hold_id, "m.anders", "once more")
    (source, placed), (_, lifted) = told("hold")
    assert placed["subjects"] == [subject_mark(MARIA, source)]
    assert placed["statement_sha256"] == statement_digest(**said)
    assert (placed["state"], placed["dataset"], lifted["state"]) == ("placed", "orders", "lifted")
    assert "anders" not in str([placed, lifted])


def test_an_export_is_told_when_it_is_made_and_when_its_archive_is_gone(engine, told, tmp_path):
    made = record_export(
        engine, "acme", "subject", [("user.contact.email", MARIA)],
        kept_here=True, expires=now() + timedelta(days=30),
    )  # fmt: skip
    remove_export(engine, tmp_path, made.export_id)
    (source, first), (_, last) = told("export")
    assert first["subjects"] == [subject_mark(MARIA, source)]
    assert (first["export"], first["state"], last["state"]) == ("subject", "made", "gone")


PROOF = Proof(complete=True, receipt="retention-1.1.json", receipt_sha256="f" * 64)


def test_what_retention_took_is_told_rule_by_rule_once_with_its_receipt(engine, told):
    done = [
        Effect("acme", "eu", "bronze", "orders", "delete after P1Y", "rows", 7, seq=1),
        Effect("acme", "eu", "bronze", "orders", "anonymise after P2Y", "user.contact.email", 3, seq=1),
    ]
    conclude(engine, "acme", done, PROOF, "run-1")
    conclude(engine, "acme", done, PROOF, "run-1")
    *bodies, receipt = [body for _, body in told("retention")]
    assert (receipt["receipt"], receipt["receipt_sha256"]) == (PROOF.receipt, PROOF.receipt_sha256)
    assert (receipt["verified"], receipt["effects"]) == (True, 2)
    assert [(body["rule"], body["rows"], body["verb"]) for body in bodies] == [
        ("delete_after_P1Y", 7, "erased"), ("anonymise_after_P2Y", 3, "emptied"),
    ]  # fmt: skip


def test_of_what_was_found_again_only_the_receipt_is_told(engine, told):
    done = [Effect("acme", "eu", "bronze", "orders", "erase P1Y", "rows", 7, seq=1)]
    conclude(engine, "acme", done, replace(PROOF, complete=False), "run-1")
    [(_, body)] = told("retention")
    assert (body["receipt"], body["verified"]) == (PROOF.receipt, False)


def test_what_left_a_tables_past_or_a_store_is_told_as_counts(engine, told):
    note_purge(engine, Table("eu", "bronze", "orders"), Purged(files=4, bytes=99, log_files=2), "run-1")
    ctx = SimpleNamespace(engine=engine, run_id="run-1")
    note_store(ctx, StoreResult(Store.ARCHIVE, gone=5, bytes=50))
    note_store(ctx, StoreResult(Store.LANDING))
    (_, purged), (_, store) = told("retention")
    assert (purged["table"], purged["files"], store["store"], store["gone"]) == (
        "eu/bronze/orders", 4, "archive", 5,
    )  # fmt: skip


def test_no_token_is_in_the_ledger_whatever_was_asked_held_and_exported(engine):
    ask(engine)
    place_hold(engine, Scope("acme", None, (MARIA,)), matter="CASE-1", by="counsel", why="letter")
    record_export(engine, "acme", "subject", [("user.contact.email", MARIA)])
    entries = [one.canonical() for one in Ledger(engine).entries()]
    assert len(entries) == 3
    assert not any(MARIA.encode() in one for one in entries)
