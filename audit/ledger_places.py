"""The second place of heads: a folder or an HTTP endpoint that whoever can write to the lake cannot change.

A roll-back to an older copy of the control database is told by heads that only this place still has. A bucket
is one, too: `bucket_place`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from audit.errors import SinkUnavailable
from audit.http_sink import HttpSink, Token
from audit.ledger_head import FILE_NAME, SignedHead, parse_head
from audit.sinks import errno_name
from tenancy.durable import make_durable, publish

SEND_SECONDS = 5.0
READ_SECONDS = 60.0


class HeadPlace(Protocol):
    """Where heads are kept beside the lake."""

    @property
    def name(self) -> str:
        """A stable name without a secret in it; what it has is remembered by it."""

    def put(self, head: SignedHead) -> None:
        """Keep the head for good; the same one can come twice. Raises SinkError."""

    def newest(self) -> SignedHead | None:
        """The longest head that it keeps, where that is told at little cost. Raises as `heads` does."""

    def heads(self) -> Iterator[SignedHead]:
        """All heads that it keeps, shortest first. Raises SinkError, or LedgerError for what is no head."""


class FolderPlace:
    """A folder, one file a head: `<entries>-<root>.json`. Is never made, because a mount may be missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """`folder:` and a digest of its path."""
        return f"folder:{hashlib.sha256(str(self._folder).encode()).hexdigest()[:16]}"

    def put(self, head: SignedHead) -> None:
        """Write the head's file, durably, and never over another one."""
        path = self._folder / head.file_name
        draft = self._folder / f".{path.name}.{os.getpid()}.new"
        try:
            draft.write_bytes(head.to_json() + b"\n")
            make_durable([draft], self._folder)
            try:
                publish(draft, path)
            except FileExistsError:
                draft.unlink()
        except OSError as error:
            raise SinkUnavailable(errno_name(error)) from error

    def newest(self) -> SignedHead | None:
        """The head in the last file."""
        files = self._files()
        return self._read(files[-1]) if files else None

    def heads(self) -> Iterator[SignedHead]:
        """The heads of all files with such a name."""
        return map(self._read, self._files())

    def _files(self) -> list[Path]:
        try:
            return sorted(one for one in self._folder.iterdir() if FILE_NAME.fullmatch(one.name))
        except OSError as error:
            raise SinkUnavailable(errno_name(error)) from error

    def _read(self, path: Path) -> SignedHead:
        try:
            return parse_head(path.read_bytes())
        except OSError as error:
            raise SinkUnavailable(errno_name(error)) from error


class HttpPlace:
    """An endpoint that takes a head by POST, as JSON, and gives all of them by GET, a line of JSON each."""

    def __init__(self, url: str, token: Token = lambda: None) -> None:
        self._sink = HttpSink(url, token)

    @property
    def name(self) -> str:
        """`http:` with host and port."""
        return self._sink.name

    def put(self, head: SignedHead) -> None:
        """POST the head."""
        self._sink.send([head.to_json().decode()], SEND_SECONDS)

    def newest(self) -> SignedHead | None:
        """Never told: an endpoint need not answer GET to be written to."""
        return None

    def heads(self) -> Iterator[SignedHead]:
        """GET the heads."""
        for line in self._sink.read(READ_SECONDS).splitlines():
            if line.strip():
                yield parse_head(line)
