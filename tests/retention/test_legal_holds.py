"""Legal holds: in force until lifted or over, never deleted, and wide where it cannot be told."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DatabaseError

from retention.holds import (
    HoldError,
    Scope,
    all_holds,
    holds_over,
    lift_hold,
    metadata,
    place_hold,
)
from tenancy.control import now, open_control

MARIA, PEDRO = "a" * 32, "b" * 32


@pytest.fixture
def engine(tmp_path):
    control = open_control(tmp_path / "control.db")
    metadata.create_all(control)
    return control


def place(engine, **given):
    words = {"matter": "CASE-1", "by": "counsel", "why": "letter of the court"}
    words |= {name: given.pop(name) for name in ("matter", "by", "why", "until") if name in given}
    return place_hold(engine, Scope(**{"tenant": "acme"} | given), **words)


def test_a_hold_comes_back_as_it_was_placed(engine):
    begin = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    end = now() + timedelta(days=30)
    hold = place(
        engine, dataset="orders", subject_tokens=[PEDRO, MARIA, MARIA], occurred_from=begin, until=end
    )
    assert all_holds(engine) == [hold]
    assert hold.scope.subject_tokens == (MARIA, PEDRO)
    assert hold.scope.occurred_from == begin
    assert hold.scope.occurred_from.tzinfo is UTC


def test_an_id_of_digits_alone_is_told_to_the_ledger_too(engine, monkeypatch):
    monkeypatch.setattr("uuid.uuid4", lambda: UUID("48956031" * 4))
    hold = place(engine)
    assert all_holds(engine) == [hold]


@pytest.mark.parametrize(
    ("placed", "asked", "found"),
    [
        ({}, {}, True),
        ({}, {"dataset": "orders"}, True),
        ({}, {"subject_tokens": [MARIA]}, True),
        ({"dataset": "orders"}, {}, True),
        ({"dataset": "orders"}, {"dataset": "orders"}, True),
        ({"dataset": "orders"}, {"dataset": "tickets"}, False),
        ({"subject_tokens": [MARIA]}, {}, True),
        ({"subject_tokens": [MARIA]}, {"subject_tokens": [PEDRO, MARIA]}, True),
        ({"subject_tokens": [MARIA]}, {"subject_tokens": [PEDRO]}, False),
        ({"dataset": "orders", "subject_tokens": [MARIA]}, {"dataset": "tickets"}, False),
    ],
)
def test_a_hold_is_over_all_that_it_could_cover(engine, placed, asked, found):
    hold = place(engine, **placed)
    assert holds_over(engine, "acme", **asked) == ([hold] if found else [])


def test_a_hold_is_over_no_other_tenant(engine):
    place(engine)
    assert holds_over(engine, "globex") == []


def test_a_hold_ends_at_its_end_and_not_a_moment_before(engine):
    end = now() + timedelta(days=1)
    hold = place(engine, until=end)
    assert holds_over(engine, "acme", at=end - timedelta(microseconds=1)) == [hold]
    assert holds_over(engine, "acme", at=end) == []


def test_a_clock_that_is_behind_does_not_open_what_a_hold_closes(engine):
    hold = place(engine)
    assert holds_over(engine, "acme", at=hold.placed_at - timedelta(hours=1)) == [hold]


def test_lifting_re_opens_what_it_stopped_and_keeps_who_and_why(engine):
    hold, other = place(engine), place(engine, matter="CASE-2")
    lifted = lift_hold(engine, hold.hold_id, "counsel", "settled")
    assert (lifted.lifted_by, lifted.lifted_why) == ("counsel", "settled")
    assert lifted.lifted_at >= hold.placed_at
    assert holds_over(engine, "acme") == [other]
    assert lifted in all_holds(engine)


def test_a_hold_is_lifted_once(engine):
    hold = place(engine)
    lifted = lift_hold(engine, hold.hold_id, "counsel", "settled")
    with pytest.raises(HoldError, match="lifted already"):
        lift_hold(engine, hold.hold_id, "somebody", "again")
    assert all_holds(engine) == [lifted]


def test_lifting_a_hold_that_is_not_there_is_refused(engine):
    with pytest.raises(HoldError, match="no hold of that id"):
        lift_hold(engine, "nothing", "counsel", "settled")


@pytest.mark.parametrize("until", [None, datetime(2999, 1, 1, tzinfo=UTC)])
def test_the_database_itself_refuses_to_delete_a_hold_in_force(engine, until):
    hold = place(engine, subject_tokens=[MARIA], until=until)
    for table in metadata.sorted_tables:
        with (
            pytest.raises((DatabaseError, sqlite3.DatabaseError), match="never deleted"),
            engine.begin() as c,
        ):
            c.execute(delete(table).where(table.c.hold_id == hold.hold_id))
    assert all_holds(engine) == [hold]


@pytest.mark.parametrize(
    "given",
    [
        {"matter": "Maria Anders ./. Acme"},
        {"matter": ""},
        {"by": "maria@example.org"},
        {"why": " "},
        {"why": "two\nlines"},
        {"why": "x" * 301},
        {"tenant": "No Tenant"},
        {"dataset": "No Dataset"},
        {"until": datetime(2020, 1, 1, tzinfo=UTC)},
        {"until": datetime(2999, 1, 1)},  # noqa: DTZ001 - that is the fault
        {
            "occurred_from": datetime(2026, 1, 1, tzinfo=UTC),
            "occurred_before": datetime(2026, 1, 1, tzinfo=UTC),
        },
    ],
)
def test_a_hold_that_is_not_written_as_it_should_is_not_placed(engine, given):
    with pytest.raises(HoldError, match="To mend it"):
        place(engine, **given)
    assert all_holds(engine) == []


def test_a_message_never_repeats_what_was_given(engine):
    with pytest.raises(HoldError) as refused:
        place(engine, matter="maria@example.org ./. Acme")
    assert "maria" not in str(refused.value)
