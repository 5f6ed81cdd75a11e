"""Old entries moved into segments: what stays true without them, and what is said when one is missing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import UTC, datetime

import pytest
import rfc8785
from sqlalchemy import text

from audit import ledger_archive
from audit.errors import LedgerError
from audit.ledger import Fact, Ledger
from audit.ledger_archive import archive
from audit.ledger_check import check_ledger
from audit.ledger_segments import DOMAIN
from audit.merkle import leaf_hash, root_of, verify_inclusion
from tenancy.signing import public_key_file, read_public_key

OLD = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
"""Between the two hours in which the entries were made."""


@pytest.fixture
def public(key, tmp_path):
    return read_public_key(public_key_file(tmp_path / "signing.key"))


@pytest.fixture
def ledger(engine, clock):
    """Ten entries of the first hour and five of the second, of two tenants in turn."""
    opened = Ledger(engine, clock)
    for hour in ((0, 10), (10, 15)):
        opened.append(Fact("check", f"run/{n}", {"rows": n}, ("acme", "globex")[n % 2]) for n in range(*hour))
        clock.forward(3600)
    return opened


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "segments"
    place.mkdir()
    return place


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(entry) FROM ledger_entries")).scalar_one()


def test_archived_entries_leave_the_database_and_are_read_and_proved_as_before(
    engine, ledger, key, public, folder, clock
):
    before = list(ledger.entries())
    mine = list(ledger.entries(tenant="globex"))
    first, second = archive(engine, key, OLD, folder, clock, longest=7)
    assert ((first.first, first.last), (second.first, second.last)) == ((0, 6), (7, 9))
    assert stored(engine) == 5
    assert list(ledger.entries()) == before
    assert list(ledger.entries(tenant="globex")) == mine
    assert list(ledger.entries(since=OLD)) == before[10:]
    leaf = leaf_hash(before[8].canonical())
    assert verify_inclusion(leaf, 8, 15, ledger.inclusion_proof(8, 15), ledger.root())
    assert check_ledger(engine, ledger.heads(), public).findings == ()


def test_an_archived_fact_is_not_entered_again(engine, ledger, key, folder, clock):
    archive(engine, key, OLD, folder, clock)
    assert ledger.append([Fact("check", "run/3", {}, "globex")]) == 0


def test_the_second_time_only_what_is_old_by_then_is_moved(engine, ledger, key, folder, clock):
    assert len(archive(engine, key, OLD, folder, clock)) == 1
    assert archive(engine, key, OLD, folder, clock) == []
    (later,) = archive(engine, key, clock(), folder, clock)
    assert (later.first, later.last) == (10, 14)


def test_a_segment_can_be_checked_with_the_public_key_alone(engine, ledger, key, public, folder, clock):
    (segment,) = archive(engine, key, OLD, folder, clock)
    told = json.loads(segment.path.with_name(segment.path.name.replace(".jsonl.gz", ".json")).read_bytes())
    signature = base64.b64decode(told.pop("signature"))
    public.verify(signature, DOMAIN + rfc8785.dumps(told))
    lines = gzip.decompress(segment.path.read_bytes()).splitlines()
    assert (told["first"], told["last"], told["log"]) == (0, 9, ledger.log)
    assert root_of([leaf_hash(line) for line in lines]).hex() == told["root"]


def test_a_segment_that_is_gone_is_told_and_the_rest_is_checked(
    engine, ledger, key, public, folder, clock, tmp_path
):
    first, _ = archive(engine, key, OLD, folder, clock, longest=7)
    first.path.rename(tmp_path / first.path.name)
    (found,) = check_ledger(engine, ledger.heads(), public).findings
    assert found.code == "segment"
    assert "the segment of entries 0 to 6" in found.words
    with pytest.raises(LedgerError, match="entries 0 to 6"):
        list(ledger.entries())
    assert [one.seq for one in ledger.entries(since=OLD)] == list(range(10, 15))


def test_segments_that_were_moved_are_read_from_where_they_are_now(
    engine, ledger, key, public, folder, clock, tmp_path
):
    archive(engine, key, OLD, folder, clock)
    folder.rename(tmp_path / "elsewhere")
    moved = Ledger(engine, clock, tmp_path / "elsewhere")
    assert [one.seq for one in moved.entries()] == list(range(15))
    assert check_ledger(engine, [], public, tmp_path / "elsewhere").findings == ()


def test_a_segment_with_another_byte_in_it_is_told(engine, ledger, key, public, folder, clock):
    (segment,) = archive(engine, key, OLD, folder, clock)
    segment.path.write_bytes(segment.path.read_bytes()[:-1] + b"\x01")
    (found,) = check_ledger(engine, [], public).findings
    assert "is not what was sealed" in found.words


def test_a_segment_written_anew_with_an_edited_entry_and_its_digest_is_told(
    engine, ledger, key, public, folder, clock
):
    (segment,) = archive(engine, key, OLD, folder, clock)
    lines = gzip.decompress(segment.path.read_bytes()).replace(b'"rows":3', b'"rows":4')
    segment.path.write_bytes(gzip.compress(lines))
    digest = hashlib.sha256(segment.path.read_bytes()).hexdigest()
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_segments SET sha256 = :d"), {"d": digest})
    (found,) = check_ledger(engine, [], public).findings
    assert "entry 3 was edited" in found.words


def test_killed_before_the_texts_leave_the_database_it_can_be_done_again(
    engine, ledger, key, public, folder, clock, monkeypatch
):
    def die(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger_archive, "manifest", die)
    with pytest.raises(KeyboardInterrupt):
        archive(engine, key, OLD, folder, clock)
    assert stored(engine) == 15
    monkeypatch.undo()
    clock.forward(60)
    assert len(archive(engine, key, OLD, folder, clock)) == 1
    assert check_ledger(engine, [], public).findings == ()
    assert len(list(folder.iterdir())) == 2


def test_an_entry_that_was_tampered_with_is_not_archived(engine, ledger, key, folder, clock):
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_entries SET entry = '{}' WHERE seq = 3"))
    with pytest.raises(LedgerError, match="not what its hash says"):
        archive(engine, key, OLD, folder, clock)
    assert list(folder.glob("ledger-*")) == []


def test_a_folder_that_is_not_there_is_not_made(engine, ledger, key, folder, clock):
    with pytest.raises(LedgerError, match="is not there"):
        archive(engine, key, OLD, folder / "deeper", clock)
