"""One treatment, one file: each turns a column's raw text into its silver value.

Every function takes a `Cell` and gives a Spark column; the frame has the key columns of
`transforms.tokens` and struct `__record`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame

from policy.treatments import TreatmentKind
from transforms.treatments.cell import Cell
from transforms.treatments.drop import drop
from transforms.treatments.generalise import generalise
from transforms.treatments.keep import keep
from transforms.treatments.mask import mask
from transforms.treatments.redact import redact
from transforms.treatments.seal import seal
from transforms.treatments.token import token

TREATMENTS: Mapping[TreatmentKind, Callable[[Cell], Column]] = {
    TreatmentKind.KEEP: keep,
    TreatmentKind.GENERALISE: generalise,
    TreatmentKind.MASK: mask,
    TreatmentKind.TOKEN: token,
    TreatmentKind.SEAL: seal,
    TreatmentKind.REDACT: redact,
    TreatmentKind.DROP: drop,
}


def treat(rows: DataFrame, cells: Sequence[Cell], beside: Sequence[Column | str] = ()) -> DataFrame:
    """`rows` with the columns `beside` and each cell's silver value, in its silver type and name."""
    return rows.select(*beside, *map(_treated, cells))


def _treated(cell: Cell) -> Column:
    value = TREATMENTS[cell.plan.treatment.kind](cell)
    return value.cast(cell.plan.silver_type).alias(cell.plan.column.name)
