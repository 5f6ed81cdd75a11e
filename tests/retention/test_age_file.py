"""A file for a recipient: encrypted while it is written, whole or not there."""

from __future__ import annotations

import errno
from pathlib import Path

import pyrage
import pytest

from retention import age_file as room
from retention.age_file import ExportError, age_file, read_recipient

IDENTITY = pyrage.x25519.Identity.generate()
KEY = str(IDENTITY.to_public())


def test_only_the_recipient_opens_it_and_its_mode_is_the_owners(tmp_path):
    path = tmp_path / "a.age"
    with age_file(path, read_recipient(f" {KEY}\n")) as stream:
        for _ in range(5):
            stream.write(b"canary-7441 " * 100_000)
    assert b"canary" not in path.read_bytes()
    assert pyrage.decrypt(path.read_bytes(), [IDENTITY]) == b"canary-7441 " * 500_000
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.generate()])


def write(path: Path, *pieces: bytes | Exception) -> None:
    with age_file(path, read_recipient(KEY)) as stream:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            stream.write(piece)


def test_who_fails_in_the_middle_leaves_nothing(tmp_path):
    with pytest.raises(KeyError):
        write(tmp_path / "a.age", b"half", KeyError())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_as_one_and_leaves_nothing(tmp_path, monkeypatch):
    new = room._new

    def full(path: Path):
        new(path).close()
        return Path("/dev/full").open("wb")

    monkeypatch.setattr(room, "_new", full)
    with pytest.raises(OSError, match="space") as told:
        write(tmp_path / "a.age", *[b"x" * 100_000] * 100)
    assert told.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_written_over(tmp_path):
    (tmp_path / "a.age").write_text("mine")
    with pytest.raises(ExportError), age_file(tmp_path / "a.age", read_recipient(KEY)):
        pass
    assert (tmp_path / "a.age").read_text() == "mine"


@pytest.mark.parametrize("text", ["", KEY[:-1], KEY[:9] + KEY[10:], "ssh-ed25519 AAAA", "ana@example.org"])
def test_what_is_no_public_key_is_refused_and_not_repeated(text):
    with pytest.raises(ExportError, match="To mend it") as told:
        read_recipient(text)
    assert not text or text not in str(told.value)


def test_a_secret_key_is_refused_with_a_warning_and_not_repeated():
    with pytest.raises(ExportError, match="secret key") as told:
        read_recipient(str(IDENTITY))
    assert str(IDENTITY) not in str(told.value)
