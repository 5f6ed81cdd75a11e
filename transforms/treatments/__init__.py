"""One treatment, one file: each turns a column's raw text into its silver value.

Every function takes a `Cell` and gives a Spark column; the frame has the key columns of
`transforms.tokens` and struct `__record`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyspark.sql import Column

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


def treat(cell: Cell) -> Column:
    """The silver value of a cell, in the column's silver type and under its silver name."""
    return TREATMENTS[cell.plan.treatment.kind](cell).cast(cell.plan.silver_type).alias(cell.plan.column.name)
