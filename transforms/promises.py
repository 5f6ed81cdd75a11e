"""What a contract and a plan promise of silver, as conditions on rows that break it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from policy.contracts import LogicalType
from policy.treatments import TreatmentKind
from transforms.emptied import EMPTIED
from transforms.plan import ColumnPlan

SEALED_SHAPE = "^[a-z0-9_]+\\.data\\.[0-9]+:[A-Za-z0-9+/=]+$"
MASK_SHAPE = "[*]{8}"
_SHAPES = {
    TreatmentKind.TOKEN: "^[0-9a-f]{32}$",
    TreatmentKind.SEAL: SEALED_SHAPE,
    TreatmentKind.MASK: MASK_SHAPE,
}
_FILLED = (TreatmentKind.KEEP, TreatmentKind.SEAL, TreatmentKind.REDACT)


@dataclass(frozen=True)
class Promise:
    """One promise: what it is about, in words, and the condition that a row which breaks it fulfils."""

    about: str
    broken: Column


def silver_promises(plan: Sequence[ColumnPlan], types: Mapping[str, str]) -> list[Promise]:
    """The promises of a silver table to the tenants that share `plan`.

    `types` are the table's columns and their types. A column that is not there, or has another
    type, breaks its promise in every row.
    """
    promises = [Promise(f"{name} filled", F.col(name).isNull()) for name in ("record_id", "policy_digest")]
    for one in plan:
        promises.extend(_column_promises(one, types))
    return promises


def hiding_shape(plan: ColumnPlan) -> str | None:
    """The pattern of a value that nobody can read anything from; None where the treatment leaves some."""
    return _SHAPES.get(plan.treatment.kind) if plan.treatment.kind is not TreatmentKind.MASK else None


def looks(plan: ColumnPlan) -> str:
    """What the promise is about that the column has its treatment's shape."""
    return f"{plan.column.name} looks like a {plan.treatment.kind}"


def readable(plan: ColumnPlan) -> Column:
    """The column's value; null where it has its treatment's hiding shape."""
    value = F.col(plan.column.name)
    return value if hiding_shape(plan) is None else F.when(_unlike(plan.treatment.kind, value), value)


def _column_promises(plan: ColumnPlan, types: Mapping[str, str]) -> list[Promise]:
    name, kind, bounds = plan.column.name, plan.treatment.kind, plan.column.constraints
    if types.get(name) != plan.silver_type:
        return [Promise(f"{name} there as {plan.silver_type}", F.lit(True))]
    value = F.col(name)
    found = [Promise(f"{name} there as {plan.silver_type}", F.lit(False))]
    if plan.column.required and kind in _FILLED:
        found.append(Promise(f"{name} filled", value.isNull() & ~_emptied(name, types)))
    if kind in _SHAPES:
        found.append(Promise(looks(plan), _unlike(kind, value)))
    if kind is TreatmentKind.DROP:
        found.append(Promise(f"{name} dropped", value.isNotNull()))
    if kind is TreatmentKind.KEEP and bounds.allowed and plan.column.logical_type is LogicalType.STRING:
        found.append(Promise(f"{name} is one of its values", ~value.isin(*bounds.allowed)))
    return found


def _unlike(kind: TreatmentKind, value: Column) -> Column:
    """Whether a value has not the shape of its treatment; null for null."""
    if kind is not TreatmentKind.TOKEN:
        return ~value.rlike(_SHAPES[kind])
    # Tokens are most of what there is to look at, and a pattern takes several times as long.
    return F.when(value.isNotNull(), ~F.call_function("lakeward.looks_like", F.lit("token"), value))


def _emptied(name: str, types: Mapping[str, str]) -> Column:
    """Whether retention took the column's value from the row."""
    if EMPTIED not in types:
        return F.lit(False)
    return F.coalesce(F.array_contains(EMPTIED, name), F.lit(False))
