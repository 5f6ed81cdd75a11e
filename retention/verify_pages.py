"""Which table each page of an SQLite database belongs to, read from the pages themselves.

Source of the format: sqlite.org/fileformat2.html, sections 1.6 (b-trees) and 4 (write-ahead log).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"
WAL_MAGICS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_INTERIOR = (2, 5)
_LEAF_TABLE, _INTERIOR_TABLE = 13, 5
_WAL_HEAD, _FRAME_HEAD = 32, 24


class Pages:
    """The pages of a database as its readers see them, log included, and the table of each."""

    def __init__(self, connection: sqlite3.Connection, tables: Iterable[str]) -> None:
        self.image = connection.serialize()
        self.size = page_size(self.image)
        self._usable = self.size - self.image[20]
        wanted = set(tables)
        self.owner: dict[int, str] = {}
        rows = connection.execute("SELECT tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0")
        for table, root in rows.fetchall():
            if table in wanted:
                self._take(root, table)

    def page(self, number: int) -> bytes:
        """The content of a page, numbered from 1."""
        return self.image[(number - 1) * self.size : number * self.size]

    def _take(self, root: int, table: str) -> None:
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in self.owner or not 0 < number <= len(self.image) // self.size:
                continue
            self.owner[number] = table
            page = self.page(number)
            waiting.extend(self._children(page))
            self.owner.update((overflow, table) for overflow in self._overflows(page))

    def _children(self, page: bytes) -> Iterator[int]:
        if page[0] in _INTERIOR:
            yield _number(page, 8)
            for cell in _cells(page):
                yield _number(page, cell)

    def _overflows(self, page: bytes) -> Iterator[int]:
        """Every page of the chains that hold what did not fit into this page's cells."""
        if page[0] == _INTERIOR_TABLE:
            return
        for cell in _cells(page):
            at = cell + (4 if page[0] in _INTERIOR else 0)
            payload, at = _varint(page, at)
            if page[0] == _LEAF_TABLE:
                _, at = _varint(page, at)
            local = self._local(payload, table=page[0] == _LEAF_TABLE)
            if local < payload:
                yield from self._chain(_number(page, at + local))

    def _local(self, payload: int, *, table: bool) -> int:
        """How many bytes of a cell's payload lie in the page itself (section 1.6 of the format)."""
        most = self._usable - 35 if table else (self._usable - 12) * 64 // 255 - 23
        if payload <= most:
            return payload
        least = (self._usable - 12) * 32 // 255 - 23
        spare = least + (payload - least) % (self._usable - 4)
        return spare if spare <= most else least

    def _chain(self, number: int) -> Iterator[int]:
        seen: set[int] = set()
        while 0 < number <= len(self.image) // self.size and number not in seen:
            seen.add(number)
            yield number
            number = _number(self.page(number), 0)


def page_size(head: bytes) -> int:
    """The page size in bytes that a database's head tells."""
    size = int.from_bytes(head[16:18], "big")
    return 65_536 if size == 1 else size


def images(path: Path, size: int) -> Iterator[tuple[int, bytes]]:
    """The page images of a database file or of its write-ahead log, with their page numbers."""
    with path.open("rb") as file:
        if file.read(4) not in WAL_MAGICS:
            file.seek(0)
            number = 1
            while page := file.read(size):
                yield number, page
                number += 1
            return
        file.seek(_WAL_HEAD)
        while len(head := file.read(_FRAME_HEAD)) == _FRAME_HEAD:
            yield int.from_bytes(head[:4], "big"), file.read(size)


def _cells(page: bytes) -> Iterator[int]:
    count = int.from_bytes(page[3:5], "big")
    start = 12 if page[0] in _INTERIOR else 8
    for number in range(count):
        yield int.from_bytes(page[start + 2 * number : start + 2 * number + 2], "big")


def _number(page: bytes, at: int) -> int:
    return int.from_bytes(page[at : at + 4], "big")


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for used in range(8):
        value = value << 7 | page[at + used] & 0x7F
        if page[at + used] < 0x80:
            return value, at + used + 1
    return value << 8 | page[at + 8], at + 9
