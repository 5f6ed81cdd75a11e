"""The key ring: keys last, differ by tenant, stay wrapped, and belong to one lake."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tenancy.control import open_control
from tenancy.errors import ControlStateError, RootKeyError
from tenancy.keyring import MARKER, KeyRing, open_keyring, wrapped_keys


@dataclass(frozen=True)
class Home:
    """Where one lake's key file, control database and tables lie."""

    folder: Path

    @property
    def root_key(self) -> Path:
        return self.folder / "keys" / "root.key"

    @property
    def control(self) -> Path:
        return self.folder / "control" / "control.db"

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def open(self, **other) -> KeyRing:
        engine = open_control(other.get("control", self.control))
        return open_keyring(engine, other.get("root_key", self.root_key), other.get("lake", self.lake))


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "first")


@pytest.fixture
def other(tmp_path):
    other = Home(tmp_path / "second")
    other.open()
    return other


def test_a_new_lake_gets_a_root_key_an_identity_and_a_marker(home):
    ring = home.open()
    assert home.root_key.is_file()
    assert json.loads((home.lake / MARKER).read_text())["lake_id"] == ring.lake_id


def test_keys_are_the_same_after_the_lake_is_opened_again(home):
    first = home.open()
    keys = first.tenant_keys("acme")
    again = home.open()
    assert again.lake_id == first.lake_id
    assert again.tenant_keys("acme") == keys
    assert again.tenant_keys("acme").token_key == keys.token_key


def test_two_tenants_share_no_key(home):
    ring = home.open()
    acme, globex = ring.tenant_keys("acme"), ring.tenant_keys("globex")
    assert len({acme.token_key, globex.token_key, acme.current.key, globex.current.key}) == 4


def test_two_lakes_give_one_tenant_different_keys(home, other):
    assert home.open().tenant_keys("acme").token_key != other.open().tenant_keys("acme").token_key


def test_a_data_key_carries_its_tenant_epoch_and_id(home):
    current = home.open().tenant_keys("acme").current
    assert (current.key_id, current.tenant_id, current.epoch) == ("acme.data.1", "acme", 1)


def test_no_repr_shows_a_key(home):
    keys = home.open().tenant_keys("acme")
    shown = repr(keys) + repr(keys.current) + str(keys)
    for secret in (keys.token_key, keys.current.key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown


def test_the_control_database_holds_no_key_in_the_clear(home):
    ring = home.open()
    keys = ring.tenant_keys("acme")
    root = bytes.fromhex(home.root_key.read_text())
    at_rest = b"".join(path.read_bytes() for path in home.control.parent.iterdir())
    assert b"acme.data.1" in at_rest  # the table is really there
    for secret in (root, keys.token_key, keys.current.key):
        assert secret not in at_rest
        assert secret.hex().encode() not in at_rest


def test_the_control_database_is_readable_by_its_owner_only(home):
    home.open().tenant_keys("acme")
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.control.parent.iterdir()} == {0o600}


def test_a_commit_waits_for_the_disk_and_deleted_rows_are_overwritten(home):
    with open_control(home.control).connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_a_missing_root_key_is_never_made_anew_beside_existing_keys(home):
    home.open().tenant_keys("acme")
    home.root_key.unlink()
    with pytest.raises(RootKeyError, match="missing"):
        home.open()
    assert not home.root_key.exists()


def test_a_root_key_file_that_others_can_read_stops_the_lake(home):
    home.open()
    home.root_key.chmod(0o644)
    with pytest.raises(RootKeyError, match="0644"):
        home.open()


def test_the_root_key_of_another_lake_is_refused_on_opening(home, other):
    home.open()
    with pytest.raises(RootKeyError, match="another lake"):
        home.open(root_key=other.root_key)


def test_a_root_key_file_prepared_beforehand_is_used_for_a_new_lake(home, other):
    home.open(root_key=other.root_key)
    assert not home.root_key.exists()


def test_an_empty_control_database_beside_an_existing_lake_is_refused(home, tmp_path):
    home.open()
    with pytest.raises(ControlStateError, match=r"restore the control database"):
        home.open(control=tmp_path / "empty.db")


def test_the_control_database_of_another_lake_is_refused(home, other):
    home.open()
    with pytest.raises(ControlStateError, match="two different lakes"):
        home.open(control=other.control, root_key=other.root_key)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"lake_id": 5}'])
def test_a_marker_that_names_no_lake_stops_the_lake(home, content):
    home.open()
    (home.lake / MARKER).write_text(content)
    with pytest.raises(ControlStateError):
        home.open()


def test_a_lost_marker_is_written_again_from_the_control_database(home):
    ring = home.open()
    (home.lake / MARKER).unlink()
    home.open()
    assert json.loads((home.lake / MARKER).read_text())["lake_id"] == ring.lake_id


def test_opening_a_lake_that_lacks_its_marker_leaves_no_draft_behind(home):
    home.open()
    assert [path.name for path in home.lake.iterdir()] == [MARKER]


def test_a_wrapped_key_moved_to_another_tenant_does_not_open(home):
    ring = home.open()
    ring.tenant_keys("acme")
    ring.tenant_keys("globex")
    engine = open_control(home.control)
    with engine.begin() as connection:
        stolen = connection.execute(
            select(wrapped_keys.c.wrapped).where(wrapped_keys.c.key_id == "acme.tenant.1")
        ).scalar_one()
        connection.execute(
            update(wrapped_keys).where(wrapped_keys.c.key_id == "globex.tenant.1").values(wrapped=stolen)
        )
    with pytest.raises(RootKeyError, match=r"globex\.tenant\.1"):
        home.open().tenant_keys("globex")


def test_a_control_database_restored_from_backup_opens_the_same_keys(home, tmp_path):
    keys = home.open().tenant_keys("acme")
    backup = tmp_path / "backup.db"
    with sqlite3.connect(home.control) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    shutil.rmtree(home.control.parent)
    home.control.parent.mkdir()
    shutil.copy(backup, home.control)
    assert home.open().tenant_keys("acme") == keys


def test_keys_made_by_another_process_in_the_same_moment_win(home, monkeypatch):
    late, early = home.open(), home.open()
    rows, seen = late._rows, []

    def first_look_finds_nothing(tenant_ids):
        if not seen:
            seen.append(early.tenant_keys("acme"))
            return {}
        return rows(tenant_ids)

    monkeypatch.setattr(late, "_rows", first_look_finds_nothing)
    keys = late.keys_of(["acme", "globex"])
    assert keys["acme"] == seen[0]
    assert keys["acme"].token_key == seen[0].token_key
    assert keys["globex"] == early.tenant_keys("globex")


def test_the_keys_of_many_are_those_of_each(home, monkeypatch):
    monkeypatch.setattr("tenancy.keyring.AT_ONCE", 2)
    ring = home.open()
    first = ring.tenant_keys("initech")
    keys = ring.keys_of(["globex", "acme", "globex", "initech"])
    assert keys["initech"] == first
    assert keys == {id_: home.open().tenant_keys(id_) for id_ in ("acme", "globex", "initech")}
    assert len({one.token_key for one in keys.values()}) == 3


def test_nobody_has_no_keys(home):
    assert home.open().keys_of([]) == {}
