"""A control database that is damaged, gone or without space stops the lake with what to do."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, MetaData, String, Table

from tenancy.control import check_control, open_control
from tenancy.errors import ControlStateError
from tenancy.keyring import MARKER, open_keyring, refuse_lost_control

metadata = MetaData()
words = Table("words", metadata, Column("word", String(100)))


@pytest.fixture
def path(tmp_path):
    """A control database of some pages, closed."""
    path = tmp_path / "control" / "control.db"
    engine = open_control(path)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(words.insert(), [{"word": f"{number:0100d}"} for number in range(1000)])
    engine.dispose()
    return path


def test_a_whole_database_passes(path):
    check_control(open_control(path))


def test_a_file_that_is_no_database_is_refused(path):
    path.write_bytes(b"\0" * 4096)
    with pytest.raises(ControlStateError, match=r"damaged.*restore lake and control folder"):
        metadata.create_all(open_control(path))


def test_a_damaged_page_is_found_before_it_is_read(path):
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 20 * 4096 + 100] = b"\xff" * 100
    path.write_bytes(content)
    engine = open_control(path)
    metadata.create_all(engine)  # looks at the first pages only
    with pytest.raises(ControlStateError, match="damaged"):
        check_control(engine)


def test_a_cut_database_is_refused(path):
    path.write_bytes(path.read_bytes()[: 10 * 4096])
    with pytest.raises(ControlStateError, match="damaged"):
        check_control(open_control(path))


def test_a_full_disk_is_told_and_takes_nothing_by_halves(path):
    engine = open_control(path)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # as SQLite sees a full disk
        with pytest.raises(ControlStateError, match="disk is full"):
            connection.execute(words.insert(), [{"word": "x" * 100}] * 1000)
        connection.rollback()
    with engine.connect() as connection:
        assert connection.execute(words.select().where(words.c.word.like("x%"))).all() == []


def test_another_error_stays_what_it_is(path):
    with pytest.raises(Exception, match="no such table") as raised:
        open_control(path).connect().exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(raised.value, ControlStateError)


def test_a_log_without_its_database_is_not_given_an_empty_one(path):
    path.with_name("control.db-wal").write_bytes(b"log")
    path.unlink()
    with pytest.raises(ControlStateError, match="is gone, and its log"):
        open_control(path)
    assert not path.exists()
    assert path.with_name("control.db-wal").read_bytes() == b"log"


@pytest.mark.parametrize("sign", [MARKER, "us/bronze/people/_delta_log/00.json"])
def test_a_missing_database_beside_a_lake_is_refused_before_an_empty_one_is_made(tmp_path, sign):
    (tmp_path / "lake" / sign).parent.mkdir(parents=True)
    (tmp_path / "lake" / sign).touch()
    with pytest.raises(ControlStateError, match=r"is not\. To mend it: restore"):
        refuse_lost_control(tmp_path / "control.db", tmp_path / "lake")
    assert not (tmp_path / "control.db").exists()


def test_a_new_lake_has_no_database_yet(tmp_path):
    refuse_lost_control(tmp_path / "control.db", tmp_path / "lake")
    (tmp_path / "lake").mkdir()
    refuse_lost_control(tmp_path / "control.db", tmp_path / "lake")


def test_a_lake_with_tables_that_lost_its_marker_is_not_taken_for_this_databases(tmp_path):
    engine, key, lake = open_control(tmp_path / "control.db"), tmp_path / "root.key", tmp_path / "lake"
    ring = open_keyring(engine, key, lake)
    (lake / "us/bronze/people/_delta_log").mkdir(parents=True)
    (lake / MARKER).unlink()
    with pytest.raises(ControlStateError, match=ring.lake_id) as refused:
        open_keyring(engine, key, lake)
    assert not (lake / MARKER).exists()
    (lake / MARKER).write_text("{" + str(refused.value).partition("{")[2])
    assert open_keyring(engine, key, lake).lake_id == ring.lake_id


def test_a_database_that_a_power_cut_left_empty_is_refused_beside_its_lake(tmp_path):
    control, lake = tmp_path / "control.db", tmp_path / "lake"
    engine = open_control(control)
    open_keyring(engine, tmp_path / "root.key", lake)
    engine.dispose()
    control.write_bytes(b"")
    with pytest.raises(ControlStateError, match="belongs to a control database that is not here"):
        open_keyring(open_control(control), tmp_path / "root.key", lake)
