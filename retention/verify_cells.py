"""The sealed cells of a table's rows: opened and searched where there is a key, else counted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from retention.verify_arrow import is_text
from retention.verify_findings import Findings, shown
from retention.verify_matcher import Context, Matcher
from retention.verify_opener import Opener, SealBroken
from retention.verify_result import Why

SEALED = "sealed"
SEALED_TEXT = r"^[a-z0-9_]+\.data\.[0-9]+:[A-Za-z0-9+/=]+$"
"""A silver cell under the treatment `seal` (docs/architecture.md, Seal)."""
DATA_KEY = ".data."
NO_KEY = "cells sealed under a tenant's key: their tokens were searched, their content was not"

Sealed = tuple[str, str, bytes]
"""Record id, key id, and the cell as `nonce | ciphertext | tag`."""


class SealedCells:
    """Looks at the batches of one Parquet file, `path` in its place: `<table>/tenant_id=<tenant>/<file>`."""

    def __init__(self, matcher: Matcher, opener: Opener | None, path: str) -> None:
        self._matcher = matcher
        self._opener = opener
        parts = path.split("/")
        number = next((at for at, part in enumerate(parts) if part.startswith("tenant_id=")), None)
        self._table = "/".join(part for part in parts[:number] if part != "_change_data")
        self._tenant = parts[number].removeprefix("tenant_id=") if number is not None else None

    def look(self, batch: Any, findings: Findings, where: str) -> None:
        """Open and search the batch's sealed cells."""
        names = batch.schema.names
        if "record_id" not in names:
            return
        for number, name in enumerate(names):
            if name == SEALED and self._opener is None:
                column = batch.column(number)
                findings.gap(Why.SEALED, NO_KEY, len(column) - column.null_count, accounted=True)
                continue
            cells = list(_row_cells(batch) if name == SEALED else _text_cells(batch, number))
            if cells:
                self._search(name, cells, findings, f"{where}, {shown(name, number, 'column')}, opened")

    def _search(self, column: str, cells: list[Sealed], findings: Findings, where: str) -> None:
        opened, closed = [], 0
        for record_id, key_id, cell in cells:
            row = {
                "tenant_id": self._tenant or "",
                "record_id": record_id,
                "key_id": key_id,
                "column": column,
            }
            try:
                plain = self._opener.open_cell(self._table, row, cell) if self._opener else None
            except SealBroken:
                findings.gap(Why.UNREADABLE, "a sealed cell does not open under its key")
                continue
            if plain is None:
                closed += 1
            else:
                opened.append(plain)
        if closed:
            findings.gap(Why.SEALED, NO_KEY, closed, accounted=True)
        findings.values += len(opened)
        findings.add(where, self._matcher.texts(opened, Context.JSON))
        findings.add(where, self._matcher.whole_cells(opened))


def _row_cells(batch: Any) -> Iterator[Sealed]:
    if "key_id" not in batch.schema.names:
        return
    for record_id, key_id, cell in zip(
        *(batch.column(name).to_pylist() for name in ("record_id", "key_id", SEALED)), strict=True
    ):
        if cell is not None:
            yield str(record_id), str(key_id), bytes(cell)


def _text_cells(batch: Any, number: int) -> Iterator[Sealed]:
    column = batch.column(number)
    if not is_text(column.type) or not pc.any(pc.match_substring(column, DATA_KEY)).as_py():
        return
    sealed = pc.fill_null(pc.match_substring_regex(column, SEALED_TEXT), fill_value=False)
    if not pc.any(sealed).as_py():
        return
    chosen = pa.record_batch([batch.column("record_id"), column], names=["record_id", "cell"]).filter(sealed)
    for record_id, text in zip(chosen["record_id"].to_pylist(), chosen["cell"].to_pylist(), strict=True):
        key_id, cell = text.split(":", 1)
        try:
            yield str(record_id), key_id, base64.b64decode(cell, validate=True)
        except binascii.Error:
            continue  # it only looks like a sealed cell: it was searched as the text that it is
