"""Segments: files of old entries, sealed by digest and signature, that lie outside of the database."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import Connection, select

from audit import ledger_tables as tables
from audit.errors import LedgerError
from policy.digest import sha256_of
from tenancy.signing import SigningKey

DOMAIN = b"lakeward-ledger-segment-v1\n"
"""Stands before what is signed of a segment."""


@dataclass(frozen=True)
class Segment:
    """Entries `first` to `last`, one canonical JSON a line, in a gzip file with this digest."""

    first: int
    last: int
    path: Path
    sha256: str


def segments_of(connection: Connection, folder: Path | None = None) -> list[Segment]:
    """Every segment, the oldest first; in `folder` where one is given, else where it was written."""
    rows = connection.execute(select(tables.segments).order_by(tables.segments.c.first))
    return [Segment(r.first, r.last, (folder or Path(r.folder)) / r.file, r.sha256) for r in rows]


def read_segment(segment: Segment) -> Iterator[bytes]:
    """The segment's entries, in order, after its digest was found right.

    Raises LedgerError where the file is not there, cannot be read, or is not the one that was sealed.
    """
    whose = f"the segment of entries {segment.first} to {segment.last}, {segment.path.name},"
    try:
        if sha256_of(segment.path) != segment.sha256:
            raise LedgerError(f"{whose} is not what was sealed. To mend it: restore it from its backup")
        with gzip.open(segment.path, "rb") as lines:
            for line in lines:
                yield line.rstrip(b"\n")
    except (OSError, EOFError, zlib.error):
        raise LedgerError(
            f"{whose} cannot be read. To mend it: put it back where it was written, or give --segments"
        ) from None


class Archived:
    """The texts of archived entries, asked for in rising order. A segment that cannot be read gives none.

    `troubles` are what was wrong with segments so far, in words.
    """

    def __init__(self, connection: Connection, folder: Path | None = None) -> None:
        self.troubles: list[str] = []
        self._unreadable: list[Segment] = []
        self._coming = self._read(segments_of(connection, folder))
        self._ahead: tuple[int, bytes] | None = None

    def text(self, seq: int) -> bytes | None:
        """The text of this entry; None where no segment gives it."""
        while self._ahead is None or self._ahead[0] < seq:
            self._ahead = next(self._coming, None)
            if self._ahead is None:
                return None
        return self._ahead[1] if self._ahead[0] == seq else None

    def is_unreadable(self, seq: int) -> bool:
        """Whether the entry lies in a segment that was found unreadable."""
        return any(one.first <= seq <= one.last for one in self._unreadable)

    def _read(self, segments: list[Segment]) -> Iterator[tuple[int, bytes]]:
        for segment in segments:
            try:
                yield from enumerate(read_segment(segment), segment.first)
            except LedgerError as error:
                self.troubles.append(str(error))
                self._unreadable.append(segment)


def manifest(key: SigningKey, log: str, segment: Segment, root: bytes, at: str) -> bytes:
    """The signed account of a segment, as canonical JSON.

    `root` is over the segment's own leaf hashes. The signature is Ed25519, base64, over `DOMAIN` and the
    canonical JSON of all other fields.
    """
    body: dict[str, Any] = {
        "log": log, "first": segment.first, "last": segment.last, "file": segment.path.name,
        "sha256": segment.sha256, "root": root.hex(), "sealed_at": at, "key_id": key.key_id,
    }  # fmt: skip
    signature = key.sign(DOMAIN + rfc8785.dumps(body))
    return rfc8785.dumps(body | {"signature": base64.b64encode(signature).decode()})
