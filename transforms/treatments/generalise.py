"""`generalise`: dates to year, month or decade, numbers to bins, texts to a prefix."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from policy.treatments import GeneraliseTo
from transforms.treatments.cell import Cell


def generalise(cell: Cell) -> Column:
    """The coarser value as text; null where the value does not fit the rule."""
    to, size = cell.plan.treatment.to, cell.plan.treatment.size or 1
    day = cell.raw.try_cast("date")
    if to is GeneraliseTo.YEAR:
        return F.year(day)
    if to is GeneraliseTo.MONTH:
        return F.date_format(day, "yyyy-MM")
    if to is GeneraliseTo.DECADE:
        return (F.floor(F.year(day) / 10) * 10).cast("int")
    if to is GeneraliseTo.BIN:
        return (F.floor(cell.raw.try_cast("double") / size) * size).cast("bigint")
    # A text that is no longer than the prefix would be kept whole: then nothing is kept.
    return F.when(F.length(cell.raw) > size, F.substring(cell.raw, 1, size))
