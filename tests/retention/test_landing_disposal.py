"""What becomes of a landing file: gone, kept, or sealed whole, and never lost."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from policy.contracts import Disposal
from retention.archive import PIECE, ArchiveError, open_archive, seal_file
from retention.landing import dispose
from tenancy.control import open_control
from tenancy.keyring import DataKey, TenantKeys
from transforms import deliveries
from transforms.formats import content_token
from transforms.ingest import Settled
from transforms.landing import LandingFile

KEYS = TenantKeys("acme", (DataKey("acme.data.1", "acme", 1, b"d" * 32),), b"t" * 32)
RING = SimpleNamespace(tenant_keys=lambda _: KEYS)


@pytest.fixture
def landed(tmp_path):
    path = tmp_path / "landing" / "maria@example.org.csv"
    path.parent.mkdir()
    path.write_bytes(b"name\nMaria Anders\n")
    file = LandingFile("eu", "acme", "customers", path, "csv", gzipped=False)
    engine = open_control(tmp_path / "control.db")
    deliveries.metadata.create_all(engine)
    token = content_token(file, KEYS.token_key)
    row = deliveries.register(engine, "acme", "eu", "customers", token, 1, "sha256:0", "run")
    return SimpleNamespace(
        path=path, engine=engine, lake=tmp_path / "lake",
        settled=lambda disposal: [Settled(file, row.id, token, disposal)],
    )  # fmt: skip


def dispose_of(landed, disposal):
    return dispose(landed.settled(disposal), RING, landed.engine, landed.lake)


def test_delete_removes_the_file_and_is_recorded(landed):
    assert dispose_of(landed, Disposal.DELETE) == {"delete": 1}
    assert not landed.path.exists()
    with landed.engine.connect() as connection:
        assert connection.execute(select(deliveries.deliveries.c.disposal)).scalar() == "delete"


def test_the_fate_is_written_down_before_the_file_goes_because_nobody_sees_it_after(landed, monkeypatch):
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        dispose_of(landed, Disposal.DELETE)
    with landed.engine.connect() as connection:
        assert connection.execute(select(deliveries.deliveries.c.disposal)).scalar() == "delete"


def test_keep_leaves_the_file(landed):
    assert dispose_of(landed, Disposal.KEEP) == {"keep": 1}
    assert landed.path.exists()


def test_archive_sealed_leaves_only_a_sealed_copy_that_opens_with_the_tenants_keys(landed):
    plain = landed.path.read_bytes()
    assert dispose_of(landed, Disposal.ARCHIVE_SEALED) == {"archive-sealed": 1}
    (archive,) = landed.lake.rglob("*.sealed")
    assert not landed.path.exists()
    assert b"Maria" not in archive.read_bytes()
    assert "maria" not in str(archive)
    assert b"".join(open_archive(archive, KEYS)) == plain


def test_a_file_that_changed_since_it_was_ingested_is_left_alone(landed):
    settled = landed.settled(Disposal.DELETE)
    landed.path.write_bytes(b"name\nsomebody new\n")
    assert dispose(settled, RING, landed.engine, landed.lake) == {"changed": 1}
    assert landed.path.exists()


def test_a_file_that_is_gone_already_is_told_as_gone(landed):
    settled = landed.settled(Disposal.DELETE)
    landed.path.unlink()
    assert dispose(settled, RING, landed.engine, landed.lake) == {"gone": 1}


@pytest.mark.parametrize("disposal", [Disposal.DELETE, Disposal.ARCHIVE_SEALED])
def test_a_file_that_cannot_be_removed_is_told_and_stops_nothing(landed, monkeypatch, disposal):
    def shut(*_, **__):
        raise PermissionError("shut")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", shut)
        assert dispose_of(landed, disposal) == {"not_removed": 1}
    assert landed.path.exists()
    assert dispose_of(landed, disposal) == {disposal: 1}


@pytest.mark.parametrize("disposal", [Disposal.DELETE, Disposal.ARCHIVE_SEALED])
def test_a_file_that_is_replaced_while_it_is_disposed_of_stays(landed, monkeypatch, disposal):
    def name_then_replace(file, key):
        named = content_token(file, key)
        new = file.path.with_name("new")
        new.write_bytes(b"name\nsomebody new\n")
        new.replace(file.path)
        return named

    monkeypatch.setattr("retention.landing.content_token", name_then_replace)
    assert dispose_of(landed, disposal) == {"changed": 1}
    assert landed.path.read_bytes() == b"name\nsomebody new\n"
    assert list(landed.lake.rglob("*.sealed")) == []


def test_a_link_in_the_files_place_is_neither_followed_nor_removed(landed, tmp_path):
    settled = landed.settled(Disposal.ARCHIVE_SEALED)
    elsewhere = landed.path.rename(tmp_path / "elsewhere.csv")
    landed.path.symlink_to(elsewhere)
    assert dispose(settled, RING, landed.engine, landed.lake) == {"changed": 1}
    assert landed.path.is_symlink()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE]))
def test_an_archive_gives_back_every_byte_of_any_size(tmp_path, size):
    source, target = tmp_path / "plain", tmp_path / "one.sealed"
    source.write_bytes(bytes(index % 251 for index in range(size)))
    seal_file(source, target, "customers", KEYS.current)
    assert b"".join(open_archive(target, KEYS)) == source.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        lambda data: data.replace(b'"dataset": "customers"', b'"dataset": "employees"'),
    ],
    ids=["cut", "longer", "one bit", "another dataset"],
)
def test_a_changed_archive_does_not_open(tmp_path, damage):
    source, target = tmp_path / "plain", tmp_path / "one.sealed"
    source.write_bytes(b"Maria Anders" * 10)
    seal_file(source, target, "customers", KEYS.current)
    target.write_bytes(damage(target.read_bytes()))
    with pytest.raises(ArchiveError):
        list(open_archive(target, KEYS))


def test_an_archive_does_not_open_with_another_tenants_keys(tmp_path):
    source, target = tmp_path / "plain", tmp_path / "one.sealed"
    source.write_bytes(b"Maria Anders")
    seal_file(source, target, "customers", KEYS.current)
    other = TenantKeys("globex", (DataKey("globex.data.1", "globex", 1, b"g" * 32),), b"t" * 32)
    with pytest.raises(ArchiveError):
        list(open_archive(target, other))
