"""One file searched: its raw bytes while its hash is taken, then what its kind lets be decoded."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from retention.verify_cells import SealedCells
from retention.verify_findings import Findings
from retention.verify_json import JsonSearch
from retention.verify_kinds import HEAD, PACKED, closed, context_of, kind_of
from retention.verify_matcher import Matcher
from retention.verify_opener import Opener
from retention.verify_packed import BROKEN, members, until_broken
from retention.verify_parquet import ParquetSearch
from retention.verify_result import Searched, Why
from retention.verify_sqlite import databases, search_cells, search_pages
from retention.verify_walk import Entry

CHUNK = 4 << 20
LARGEST_MEMBER = 64 << 20
"""Bytes of a packed file inside a packed file, or of a packed Parquet file, that are taken into memory."""
DEEPEST = 4


class Changed(Exception):
    """A file changed or went while it was read."""


@dataclass(frozen=True)
class FileSearch:
    """Searches files for the needles of `matcher`.

    `kept_tables` names, for each database file, the tables that keep tokens on purpose; `tenants` are whose
    subjects or rows it is about, None where anybody's.
    """

    matcher: Matcher
    opener: Opener | None
    tenants: Collection[str] | None
    kept_tables: Mapping[Path, Collection[str]]

    def search(self, entry: Entry, shown: str) -> tuple[Searched, Findings]:
        """Search one regular file, called `shown` in results. Raises Changed, OSError if not readable."""
        findings = Findings()
        try:
            with entry.full.open("rb") as file:
                before = os.fstat(file.fileno())
                head = file.read(HEAD)
                kind = kind_of(head)
                file.seek(0)
                digest = self._raw(entry.full, file, kind, findings)
                self._decode(kind, file, entry, findings)
                after = os.fstat(file.fileno())
            now = entry.full.lstat()
        except FileNotFoundError:
            raise Changed from None
        facts = {(one.st_ino, one.st_size, one.st_mtime_ns) for one in (before, after, now)}
        if len(facts) > 1:
            raise Changed
        file_facts = Searched(entry.place.name, shown, before.st_size, digest, kind, findings.values)
        return file_facts, findings

    def _raw(self, path: Path, file: BinaryIO, kind: str, findings: Findings) -> str:
        """Search the bytes as they are; their SHA-256 in hex."""
        digest = hashlib.sha256()
        chunks = _hashed(iter(lambda: file.read(CHUNK), b""), digest)
        database = next((one for one in databases(path) if one in self.kept_tables), None)
        if database is not None and kind in ("sqlite", "sqlite-wal"):
            for _ in chunks:
                continue
            try:
                search_pages(path, database, self.kept_tables[database], self.matcher, findings)
            except sqlite3.Error:
                findings.gap(Why.UNREADABLE, "a database cannot be read by its pages")
        else:
            self._stream(chunks, kind, findings, "")
        return digest.hexdigest()

    def _stream(self, chunks: Iterator[bytes], kind: str, findings: Findings, label: str) -> None:
        if kind == "json":
            decoder = JsonSearch(self.matcher, findings, label)
            chunks = _fed(chunks, decoder)
        found = self.matcher.stream(chunks, context_of(kind))
        findings.add(f"{label}raw bytes", found)
        if kind == "json":
            decoder.finish()

    def _decode(self, kind: str, file: BinaryIO, entry: Entry, findings: Findings) -> None:
        if kind == "parquet":
            cells = SealedCells(self.matcher, self.opener, entry.path)
            ParquetSearch(self.matcher, cells.look).search(file, entry.full, findings)
        elif kind == "sqlite":
            search_cells(entry.full, self.matcher, findings)
        elif kind == "sealed archive":
            self._archive(file, entry, findings)
        else:
            self._members(kind, file, findings, "", 0)

    def _archive(self, file: BinaryIO, entry: Entry, findings: Findings) -> None:
        pieces = self.opener.open_archive(entry.full) if self.opener else None
        if pieces is None:
            other = self.tenants is not None and entry.owner not in self.tenants
            findings.gap(Why.ENCRYPTED, "a landing file sealed under its tenant's key", accounted=other)
            return
        label = "opened archive, "
        self._member(label, until_broken(pieces, findings, label), findings, 0)

    def _members(self, kind: str, file: BinaryIO, findings: Findings, label: str, depth: int) -> None:
        """Search what is packed in a file; tell what cannot be unpacked."""
        why = closed(kind)
        if why is not None:
            findings.gap(why, f"{label}{kind}: searched as bytes only")
        elif kind in PACKED and depth >= DEEPEST:
            findings.gap(Why.TOO_LARGE, f"{label}packed more than {DEEPEST} times: searched as bytes only")
        elif kind in PACKED:
            try:
                for inner, chunks in members(kind, file, self.matcher, findings, label):
                    self._member(inner, until_broken(chunks, findings, inner), findings, depth + 1)
            except BROKEN as error:
                # Its text may quote data; its kind does not.
                name = type(error).__name__
                findings.gap(Why.UNREADABLE, f"{label}{kind} is damaged ({name}): searched up to there")

    def _member(self, label: str, chunks: Iterator[bytes], findings: Findings, depth: int) -> None:
        start = b""
        for chunk in chunks:
            start += chunk
            if len(start) >= HEAD:
                break
        kind = kind_of(start[:HEAD])
        if kind in ("empty", "text", "json", "binary") or closed(kind):
            self._stream(_joined(start, chunks), kind, findings, label)
            self._members(kind, io.BytesIO(), findings, label, depth)
            return
        whole = bytearray()
        self._stream(_gathered(_joined(start, chunks), whole), kind, findings, label)
        if len(whole) > LARGEST_MEMBER:
            findings.gap(Why.TOO_LARGE, f"{label}a packed {kind} of more than 64 MiB: searched as bytes only")
        elif kind == "parquet":
            search = ParquetSearch(self.matcher)
            search.search(io.BytesIO(whole), io.BytesIO(whole), findings, label)
        elif kind == "sqlite":
            search_cells(bytes(whole), self.matcher, findings, label)
        else:
            self._members(kind, io.BytesIO(whole), findings, label, depth)


def _hashed(chunks: Iterator[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _fed(chunks: Iterator[bytes], decoder: JsonSearch) -> Iterator[bytes]:
    for chunk in chunks:
        decoder.feed(chunk)
        yield chunk


def _joined(start: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from chunks


def _gathered(chunks: Iterator[bytes], whole: bytearray) -> Iterator[bytes]:
    """The chunks, kept in `whole` until that is more than LARGEST_MEMBER."""
    for chunk in chunks:
        if len(whole) <= LARGEST_MEMBER:
            whole += chunk
        yield chunk
