"""An SQLite database searched cell by cell, and page by page where a table keeps tokens on purpose."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import numpy as np

from retention.verify_findings import Findings, shown
from retention.verify_matcher import Context, Matcher
from retention.verify_pages import Pages, images
from retention.verify_result import Why

ROWS = 1000
TIMEOUT = 60.0  # seconds that a writer may hold the database


class _Text(bytes):
    """A cell that SQLite calls a text, beside those that it calls a blob."""

    __slots__ = ()


def open_read_only(source: Path | bytes) -> sqlite3.Connection:
    """A connection that reads only; a database in memory for bytes. Raises sqlite3.Error."""
    if isinstance(source, bytes):
        connection = sqlite3.connect(":memory:")
        connection.deserialize(source)
    else:
        # Without a log nobody has it open; a plain reader would then make log files of its own.
        quiet = not any(source.with_name(f"{source.name}-{log}").exists() for log in ("wal", "journal"))
        address = f"file:{quote(str(source))}?{'immutable=1' if quiet else 'mode=ro'}"
        connection = sqlite3.connect(address, uri=True, timeout=TIMEOUT)
    connection.text_factory = _Text
    return connection


def search_cells(source: Path | bytes, matcher: Matcher, findings: Findings, label: str = "") -> None:
    """Search every cell of every table, its write-ahead log included."""
    try:
        with closing(open_read_only(source)) as connection:
            names = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            for number, (name, sql) in enumerate(names):
                findings.add(f"{label}schema", matcher.search(sql or b"", Context.TEXT))
                _table(connection, bytes(name).decode(), number, matcher, findings, label)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # Its text may quote data; its kind does not.
        kind = type(error).__name__
        findings.gap(Why.UNREADABLE, f"{label}a database cannot be read by its rows ({kind})")


def _table(
    connection: sqlite3.Connection,
    table: str,
    number: int,
    matcher: Matcher,
    findings: Findings,
    label: str,
) -> None:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - an identifier cannot be bound
    columns = [shown(one[0], place, "column") for place, one in enumerate(cursor.description)]
    spot = f"{label}{shown(table, number, 'table')}"
    while rows := cursor.fetchmany(ROWS):
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            findings.values += len(cells)
            _search(cells, f"{spot}, {column}", table, matcher, findings)


def _search(cells: Collection[object], spot: str, table: str, matcher: Matcher, findings: Findings) -> None:
    texts = [cell for cell in cells if isinstance(cell, _Text)]
    findings.add(spot, matcher.texts(texts), table)
    findings.add(spot, matcher.whole_cells(texts), table)
    blobs = [cell for cell in cells if isinstance(cell, bytes) and not isinstance(cell, _Text)]
    places = np.cumsum([0, *map(len, blobs)], dtype=np.int64)
    findings.add(spot, matcher.cells(b"".join(blobs), places, Context.BINARY), table)
    numbers = [matcher.numbers[cell] for cell in cells if isinstance(cell, int) and cell in matcher.numbers]
    findings.add(spot, Counter((needle, "number") for needle in numbers), table)


def search_pages(
    path: Path, database: Path, tables: Collection[str], matcher: Matcher, findings: Findings
) -> None:
    """Search the raw pages of a database or its log, telling pages of `tables` from all others.

    A page counts for one of the tables only if the same needle lies in it today: what stands in free pages,
    in other tables' pages or in older images of a page is told without a table. Raises sqlite3.Error.
    """
    with closing(open_read_only(database)) as connection:
        connection.text_factory = str
        pages = Pages(connection, tables)
    for number, image in images(path, pages.size):
        found = matcher.search(image, Context.BINARY)
        if not found:
            continue
        owner = pages.owner.get(number)
        present = matcher.search(pages.page(number), Context.BINARY) if owner else Counter()
        for (needle, form), count in found.items():
            table = owner if (needle, form) in present else None
            findings.add("raw bytes", Counter({(needle, form): count}), table)


def databases(path: Path) -> Iterator[Path]:
    """The database that a file is or belongs to: itself, or without `-wal`."""
    yield path
    if path.name.endswith("-wal"):
        yield path.with_name(path.name.removesuffix("-wal"))
