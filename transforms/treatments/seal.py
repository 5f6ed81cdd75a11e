"""`seal`: a reversible cell that opens with the tenant's data key, in its own place only."""

from __future__ import annotations

from pyspark.sql import Column

from transforms.seal import seal_cell
from transforms.treatments.cell import Cell


def seal(cell: Cell) -> Column:
    """`key_id:base64` of the sealed canonical text (see `transforms.seal.seal_cell`)."""
    return seal_cell(cell.canonical, cell.dataset, cell.plan.column.name)
