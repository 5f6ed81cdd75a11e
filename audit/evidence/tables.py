"""Tables for a spreadsheet: CSV that no cell of can become a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from audit.ledger import Entry

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula, in half and full width."""

HEAD = ("seq", "at", "region", "source")


def cell(value: Any) -> Any:
    """The value as it may stand in a spreadsheet: what would be a formula becomes a text by an apostrophe.

    Numbers stay numbers; lists and objects become JSON; None becomes empty.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


class Tables:
    """One CSV a kind of entry under `folder`, written row by row. A context manager."""

    def __init__(self, folder: Path, columns: Mapping[str, Sequence[str]]) -> None:
        """`columns`: for each kind the fields of its body that get a column; the rest stands in `more`."""
        self._folder = folder
        self._columns = columns
        self._open = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Nothing is written before the first row."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every table."""
        self._open.close()

    def add(self, entry: Entry) -> None:
        """One row in the table of the entry's kind."""
        fields = self._columns.get(entry.kind, ())
        if entry.kind not in self._writers:
            path = self._folder / f"{entry.kind}.csv"
            # Spreadsheets know UTF-8 by its mark.
            file = self._open.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            self._writers[entry.kind] = csv.writer(file)
            self._writers[entry.kind].writerow((*HEAD, *fields, "more"))
        body = dict(entry.body)
        told = [body.pop(name, None) for name in fields]
        row = (entry.seq, entry.at, entry.region, entry.source, *told, body or None)
        self._writers[entry.kind].writerow([cell(one) for one in row])


def write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """One CSV file with a head."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([cell(one) for one in row] for row in rows)
