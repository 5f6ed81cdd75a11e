"""Ids of expired rows are kept from before the change until they are forgotten, and with no other change."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from retention import expired_ids
from retention.expired_ids import Ids, forget_abandoned, forget_ids, note_ids, noted_ids
from tenancy.control import open_control
from transforms import erased
from transforms.erased import begin_change, end_change, erasure_changes
from transforms.lake import Table

ORDERS = Table("eu", "bronze", "orders")
CELLS, RECORDS = bytes(range(48)), bytes(range(100, 132))
IDS = Ids(CELLS, RECORDS)


@pytest.fixture
def engine(tmp_path):
    made = open_control(tmp_path / "control.db")
    for part in (expired_ids, erased):
        part.metadata.create_all(made)
    return made


def note(engine, ids=IDS):
    seq = begin_change(engine, ORDERS, {"acme": {}})["acme"]
    with engine.begin() as connection:
        note_ids(connection, seq, ids)
    return seq


def test_they_come_back_whole_however_many_parts_they_take(engine, monkeypatch):
    monkeypatch.setattr(expired_ids, "PART_BYTES", 16)
    first, second = note(engine), note(engine, Ids(CELLS[:16]))
    assert noted_ids(engine, [first]) == IDS
    assert noted_ids(engine, [first, second]) == Ids(CELLS + CELLS[:16], RECORDS)


def test_they_go_with_their_change_and_no_other(engine):
    first, second = note(engine), note(engine)
    with engine.begin() as connection:
        forget_ids(connection, [first])
    assert (noted_ids(engine, [first]), noted_ids(engine, [second])) == (Ids(), IDS)


def test_those_of_a_change_that_never_took_place_go_and_all_others_stay(engine):
    opened, done, never = note(engine), note(engine), note(engine)
    end_change(engine, {"acme": done})
    with engine.begin() as connection:
        changed = update(erasure_changes).where(erasure_changes.c.seq == never)
        connection.execute(changed.values(state="abandoned"))
    forget_abandoned(engine)
    assert [bool(noted_ids(engine, [seq]).cells) for seq in (opened, done, never)] == [True, True, False]
