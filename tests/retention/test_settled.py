"""Requests that are done, holds that are over, and receipts go a period later; all others stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from receipts import MOMENT, SEARCHED, facts, verification
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from audit.ledger import Ledger
from policy import Period, Store
from retention import exports, holds, requests
from retention.exports import all_exports, archive_of, export_tokens, record_export
from retention.holds import Scope, all_holds, legal_holds, lift_hold, place_hold
from retention.proved import unproved
from retention.receipt import write_receipts
from retention.request_tables import metadata as request_metadata
from retention.requests import Named, State, add_tokens, all_requests, move, note_found, receive
from retention.settled import (
    expire_exports,
    expire_holds,
    expire_receipts,
    expire_requests,
    expire_restrictions,
    expire_suppressions,
)
from tenancy.control import now, open_control
from tenancy.signing import open_signing_key
from transforms import restrictions, suppressions
from transforms.restrictions import in_force, lift, restrict
from transforms.suppressions import consent, suppress, suppressed

MONTH, MARIA = Period(1), "a" * 32
LATER = now() + timedelta(days=40)
TO = {
    State.RECEIVED: (),
    State.HELD: (State.PLANNED, State.HELD),
    State.FAILED: (State.FAILED,),
    State.DONE: (State.PLANNED, State.ERASING, State.VERIFYING, State.DONE),
}


@pytest.fixture
def engine(tmp_path):
    made = open_control(tmp_path / "control.db")
    for part in (requests, holds, exports, suppressions, restrictions):
        part.metadata.create_all(made)
    return made


def ask(engine, state, number=0):
    [one] = receive(engine, ["acme"], [("acme", {"user.contact.email": f"{number:032x}"})], "cli")
    add_tokens(engine, [(one, Named("user.contact.email", "b" * 32))])
    note_found(engine, one, {"bronze.orders": 2})
    for step in TO[state]:
        move(engine, [one], step)
    return one


def place(engine, **given):
    return place_hold(
        engine, Scope("acme", None, (MARIA,)), matter="CASE-1", by="counsel", why="why", **given
    )


def gone(engine, kind):
    found = Ledger(engine).entries(kinds={kind})
    return [(one.tenant, dict(one.body)) for one in found if one.body.get("state") == "gone"]


def test_an_archive_goes_when_its_own_time_is_over_and_a_record_a_period_later(engine, tmp_path):
    lies, early, late, open_ended = (
        record_export(engine, "acme", kind, [("d", MARIA)], kept_here=here, expires=expires)
        for kind, here, expires in (
            ("subject", True, now() + timedelta(days=5)),
            ("subject", False, now() + timedelta(days=5)),
            ("subject", False, now() + timedelta(days=30)),
            ("tenant", False, None),
        )
    )
    archive_of(tmp_path, lies.export_id).write_text("x")
    assert expire_exports(engine, tmp_path, None, LATER).gone == 1
    assert not archive_of(tmp_path, lies.export_id).exists()
    assert len(all_exports(engine)) == 4
    assert expire_exports(engine, tmp_path, MONTH, LATER).gone == 3
    assert [one.export_id for one in all_exports(engine)] == [late.export_id]
    assert expire_exports(engine, tmp_path, MONTH, LATER).gone == 0
    told = Ledger(engine).entries(kinds={"export"})
    states = {(one.body["export_id"], one.body["state"]) for one in told if one.body["state"] != "made"}
    over = {(one.export_id, "forgotten") for one in (lies, early, open_ended)}
    assert states == {(lies.export_id, "gone"), *over}


def test_an_archive_that_still_lies_there_keeps_its_record_and_tokens(engine, tmp_path):
    lies = record_export(engine, "acme", "subject", [("d", MARIA)], kept_here=True)
    archive_of(tmp_path, lies.export_id).write_text("x")
    assert expire_exports(engine, tmp_path, MONTH, LATER).gone == 0
    assert archive_of(tmp_path, lies.export_id).exists()
    with engine.connect() as connection:
        assert len(connection.execute(select(export_tokens)).all()) == 1


def test_a_done_request_goes_whole_and_the_ledger_is_told_once(engine):
    done = ask(engine, State.DONE)
    assert expire_requests(engine, MONTH, LATER).gone == 1
    with engine.connect() as connection:
        for table in request_metadata.sorted_tables:
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    assert gone(engine, "request") == [("acme", {"request_id": done, "state": "gone"})]
    told = expire_requests(engine, MONTH, LATER)
    assert (told.store, told.gone, len(gone(engine, "request"))) == (Store.REQUESTS, 0, 1)


def test_a_request_that_is_young_or_not_done_stays(engine):
    other = [ask(engine, state, number) for number, state in enumerate(TO) if state is not State.DONE]
    assert expire_requests(engine, MONTH, LATER).gone == 0
    done = ask(engine, State.DONE, 9)
    assert expire_requests(engine, MONTH, now() + timedelta(days=20)).gone == 0
    assert {one.request_id for one in all_requests(engine)} == {*other, done}


def test_who_was_erased_is_kept_out_without_the_request(engine):
    suppress(engine, "acme", ask(engine, State.DONE), [("user.contact.email", MARIA)])
    expire_requests(engine, MONTH, LATER)
    assert [one.token for one in suppressed(engine, ["acme"])] == [MARIA]


def test_no_request_is_unproved_for_having_gone(engine, tmp_path):
    ask(engine, State.DONE)
    open_signing_key(tmp_path / "signing.key")
    assert len(unproved(engine, tmp_path / "receipts", tmp_path / "signing.pub")[1]) == 1
    expire_requests(engine, MONTH, LATER)
    assert unproved(engine, tmp_path / "receipts", tmp_path / "signing.pub") == (0, [])


def test_a_lifted_hold_goes_with_its_subjects_and_one_in_force_stays(engine):
    lifted, kept = place(engine), place(engine)
    lift_hold(engine, lifted.hold_id, "counsel", "settled")
    assert expire_holds(engine, MONTH, now() + timedelta(days=20)).gone == 0
    assert expire_holds(engine, MONTH, LATER).gone == 1
    assert all_holds(engine) == [kept]
    assert gone(engine, "hold") == [("acme", {"hold_id": lifted.hold_id, "state": "gone"})]


def test_a_hold_that_ended_by_itself_goes(engine):
    ended = place(engine, until=now() + timedelta(days=1))
    with engine.begin() as connection:
        connection.execute(update(legal_holds).values(until=now() - timedelta(days=1)))
    assert expire_holds(engine, MONTH, LATER).gone == 1
    assert gone(engine, "hold") == [("acme", {"hold_id": ended.hold_id, "state": "gone"})]


def test_a_clock_that_is_ahead_removes_no_hold_that_is_in_force_and_tells_nothing(engine):
    hold = place(engine, until=now() + timedelta(days=1))
    with pytest.raises(DatabaseError, match="in force"):
        expire_holds(engine, MONTH, LATER)
    assert (all_holds(engine), gone(engine, "hold")) == ([hold], [])


def test_a_restriction_goes_a_period_after_it_was_lifted_and_one_in_force_stays(engine):
    thawed, kept = (restrict(engine, "acme", {"user.contact.email": token * 32}, []) for token in "ab")
    lift(engine, "acme", {"user.contact.email": MARIA})
    assert expire_restrictions(engine, MONTH, now() + timedelta(days=20)).gone == 0
    told = expire_restrictions(engine, MONTH, LATER)
    assert (told.store, told.gone) == (Store.RESTRICTIONS, 1)
    assert [one.restriction_id for one in in_force(engine)] == [kept]
    assert gone(engine, "freeze") == [("acme", {"restriction_id": thawed, "state": "gone"})]
    with engine.connect() as connection:
        tokens = connection.execute(select(restrictions.restriction_tokens.c.restriction_id)).scalars()
        assert set(tokens) == {kept}


def test_what_consent_took_off_the_suppression_list_goes_and_what_keeps_somebody_out_stays(engine):
    for request, token in (("r-1", MARIA), ("r-2", "b" * 32)):
        suppress(engine, "acme", request, [("user.contact.email", token)])
    consent(engine, "acme", {"user.contact.email": MARIA})
    assert expire_suppressions(engine, MONTH, now() + timedelta(days=20)).gone == 0
    told = expire_suppressions(engine, MONTH, LATER)
    assert (told.store, told.gone) == (Store.SUPPRESSIONS, 1)
    with engine.connect() as connection:
        [left] = connection.execute(select(suppressions.suppressions.c.request_id)).scalars()
    assert left == "r-2"


def receipts(folder, *request_ids, searched=SEARCHED):
    """The receipts of one search for these requests, verified at MOMENT."""
    told = [(replace(facts(), request_id=one), verification()) for one in request_ids]
    return write_receipts(folder / "receipts", told, searched, open_signing_key(folder / "signing.key"))


def names(folder):
    return {one.name for one in (folder / "receipts").iterdir()}


def test_a_receipt_goes_a_period_after_it_was_verified_with_the_list_that_nobody_shares(engine, tmp_path):
    [old] = receipts(tmp_path, "retention-1")
    size = sum(one.stat().st_size for one in old.parent.iterdir())
    early = expire_receipts(engine, old.parent, MONTH, MOMENT + timedelta(days=20))
    assert (early.gone, early.bytes, old.exists()) == (0, 0, True)
    told = expire_receipts(engine, old.parent, MONTH, MOMENT + timedelta(days=40))
    assert (told.store, told.gone, told.bytes, names(tmp_path)) == (Store.RECEIPTS, 1, size, set())


def test_a_receipt_of_a_request_that_is_kept_stays_with_the_list_that_it_shares(engine, tmp_path):
    kept = ask(engine, State.DONE)
    own, _ = receipts(tmp_path, kept, "gone-1")
    assert expire_receipts(engine, own.parent, MONTH, MOMENT + timedelta(days=40)).gone == 1
    [listed] = names(tmp_path) - {own.name}
    assert listed.startswith("files-")
    expire_requests(engine, MONTH, LATER)
    assert expire_receipts(engine, own.parent, MONTH, MOMENT + timedelta(days=40)).gone == 1
    assert names(tmp_path) == set()


def test_a_lake_without_receipts_has_none_to_remove(engine, tmp_path):
    assert expire_receipts(engine, tmp_path / "receipts", MONTH, LATER).gone == 0
