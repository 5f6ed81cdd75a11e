"""`mask`: all but the first or last characters become `*`."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from transforms.treatments.cell import Cell

WIDTH = 8  # stars, whatever was there: the length of a value can tell whose it is


def mask(cell: Cell) -> Column:
    """`********1111`. A value no longer than twice what may be shown is hidden whole."""
    first, last = cell.plan.treatment.show_first, cell.plan.treatment.show_last
    text = cell.canonical
    head = F.substring(text, 1, first) if first else F.lit("")
    tail = F.substring(text, -last, last) if last else F.lit("")
    shown = F.concat(head, F.lit("*" * WIDTH), tail)
    return F.when(
        text.isNotNull(), F.when(F.length(text) > 2 * (first + last), shown).otherwise(F.lit("*" * WIDTH))
    )
