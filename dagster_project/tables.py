"""Metadata tables that a steward can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import dagster as dg
from dagster import MetadataValue

Cell = str | int | float | bool


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> dg.TableMetadataValue:
    """A table with these columns; without rows it still shows its columns."""
    return MetadataValue.table(
        records=[dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in columns]),
    )
