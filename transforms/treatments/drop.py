"""`drop`: nothing of the value is left; the column stays, empty, so that schemas do not change."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.treatments.cell import Cell


def drop(cell: Cell) -> Column:
    """Null."""
    del cell
    return F.lit(None)
