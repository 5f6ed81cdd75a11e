"""`keep`: the value as it is, in its declared type."""

from __future__ import annotations

from pyspark.sql import Column

from transforms.treatments.cell import Cell


def keep(cell: Cell) -> Column:
    """The typed value, or its canonical text where silver holds text."""
    return cell.canonical if cell.plan.silver_type == "string" else cell.typed
