"""Files encrypted to somebody's age key while they are written: nothing is in the clear on a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, TypeAlias

import pyrage

from policy.errors import LakewardError
from tenancy.durable import make_durable

Recipient: TypeAlias = Any
"""One of pyrage's, which has no types."""
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how a key begins that must not be given


class ExportError(LakewardError):
    """An export cannot be made as asked. Its text carries no value."""


def read_recipient(text: str) -> Recipient:
    """The public key that an export is encrypted to: `age1...`, `ssh-ed25519 ...` or `ssh-rsa ...`.

    Raises ExportError, which never repeats what was given: it may be a secret key.
    """
    told = text.strip()
    if told.upper().startswith(SECRET) or "PRIVATE KEY" in told:
        raise ExportError(
            "a secret key is given where a public one belongs, so somebody else may have it now. To mend "
            "it: have the recipient make a new pair (age-keygen), and give its public half, age1..."
        )
    kind = pyrage.ssh.Recipient if told.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(told)
    except pyrage.RecipientError:
        raise ExportError(
            "the recipient's key is no age public key. To mend it: give the whole of one that begins with "
            "age1, ssh-ed25519 or ssh-rsa"
        ) from None


def refuse_taken(path: Path) -> None:
    """Raise ExportError where there is something of that name, or no folder to put it into."""
    if path.exists() or path.is_symlink():
        raise ExportError("there is something of the export's name already. To mend it: give another name")
    if not path.parent.is_dir():
        raise ExportError("the export's folder is not there. To mend it: make it, or give another one")


@contextmanager
def age_file(path: Path, recipient: Recipient) -> Iterator[BinaryIO]:
    """A stream whose bytes go encrypted into `path` (mode 0600), whole or not at all.

    Memory holds some 64 KiB of them. Raises ExportError where `path` is taken, OSError of the disk.
    """
    refuse_taken(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with _new(draft) as out, _encrypted(out, recipient) as stream:
            yield stream
        make_durable([draft], path.parent)
        refuse_taken(path)
        draft.rename(path)  # not a link: an archive may go to a stick, whose file system has none
        make_durable([path], path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


@contextmanager
def _encrypted(out: BinaryIO, recipient: Recipient) -> Iterator[BinaryIO]:
    """A pipe into a thread that encrypts: age pulls its plain text, and what writes archives pushes it."""
    source, sink = os.pipe()
    failed: list[Exception] = []
    disk = _Disk(out)

    def encrypt() -> None:
        with os.fdopen(source, "rb") as plain:
            try:
                pyrage.encrypt_io(plain, disk, [recipient])
            except Exception as error:  # noqa: BLE001 - handed to who writes, whatever it is
                failed.append(disk.error or error)

    thread = Thread(target=encrypt, name="age")
    thread.start()
    try:
        with os.fdopen(sink, "wb") as stream:
            yield stream
    except BrokenPipeError:
        thread.join()
        if not failed:
            raise
    finally:
        thread.join()
    if failed:
        raise failed[0]


class _Disk:
    """A file that remembers why it took no more: age tells that in words only."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._out.flush()
