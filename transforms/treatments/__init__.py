"""One treatment, one file: each turns a column's raw text into its silver value.

Every function takes a `Cell` and gives a Spark column; the frame has the key columns of
`transforms.tokens` and struct `__record`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame

from policy.treatments import TreatmentKind
from transforms.tokens import TOKEN_KEYS, with_normal_forms
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
    tokens = {cell.normal_form: cell for cell in cells if cell.plan.treatment.kind is TreatmentKind.TOKEN}
    others = [_treated(cell) for cell in cells if cell.normal_form not in tokens]
    # The opened record ends here: what follows carries flat columns only.
    texts = [cell.canonical.alias(name) for name, cell in tokens.items()]
    flat = rows.select(*beside, *others, *TOKEN_KEYS, *texts)
    ready = with_normal_forms(flat, {name: cell.normaliser for name, cell in tokens.items()})
    values = [_treated(cell) if cell.normal_form in tokens else cell.plan.column.name for cell in cells]
    return ready.select(*flat.columns[: len(beside)], *values)


def _treated(cell: Cell) -> Column:
    value = TREATMENTS[cell.plan.treatment.kind](cell)
    return value.cast(cell.plan.silver_type).alias(cell.plan.column.name)
