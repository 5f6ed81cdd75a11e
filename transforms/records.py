"""A record's JSON payload taken apart by its contract: raw texts, typed values, reasons to refuse it."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F

from policy.contracts import Column, Contract, LogicalType

SPARK_TYPES = {
    LogicalType.STRING: "string",
    LogicalType.INTEGER: "bigint",
    LogicalType.NUMBER: "double",
    LogicalType.BOOLEAN: "boolean",
    LogicalType.DATE: "date",
    LogicalType.TIMESTAMP: "timestamp",
    LogicalType.ARRAY: "string",
}
_FIRST, _LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
"""The calendar of SQL and of Python. Spark goes on where an offset leads beyond it, and few can read that."""
WRITTEN_AS = {LogicalType.NUMBER: "number", LogicalType.DATE: "day", LogicalType.TIMESTAMP: "day"}
"""What a text must look like before Spark casts it: Spark also takes `2020` for a day, `5d` and `NaN`
for numbers, and a time alone for that time of the day on which the job runs."""
RECORD = "__record"


def parsed(payload: SparkColumn, contract: Contract) -> SparkColumn:
    """The payload as a struct of texts in the contract's nesting; nulls where it is no JSON object."""
    shape = _struct(_tree(contract))
    texts = F.from_json(payload, shape)
    if any(len(column.path) > 1 for column in contract.columns):
        return texts
    flat = F.call_function("lakeward.flat_texts", payload, F.lit(None).cast(shape))
    return F.coalesce(flat, texts)


def flat_record(texts: Mapping[str, SparkColumn], contract: Contract) -> SparkColumn:
    """The struct that `parsed` gives, of a record whose columns have texts already and hold no others."""

    def struct(tree: Mapping[str, object], known: Mapping[str, SparkColumn]) -> SparkColumn:
        nothing = F.lit(None).cast("string")
        fields = [
            struct(below, {}) if isinstance(below, dict) else known.get(name, nothing)
            for name, below in tree.items()
        ]
        return F.struct(*[field.alias(name) for field, name in zip(fields, tree, strict=True)])

    return struct(_tree(contract), texts)


def raw(column: Column) -> SparkColumn:
    """The value of a contract column as the text that arrived, null for empty; reads struct `__record`."""
    value = F.col(RECORD)
    for segment in column.path:
        value = value.getField(segment)
    return F.when(F.trim(value) != "", value)


def typed(column: Column) -> SparkColumn:
    """The value in its declared type; null where it does not fit."""
    text, kind = raw(column), WRITTEN_AS.get(column.logical_type)
    fitting = (
        text if kind is None else F.when(F.call_function("lakeward.looks_like", F.lit(kind), text), text)
    )
    value = fitting.try_cast(SPARK_TYPES[column.logical_type])
    if column.logical_type is LogicalType.TIMESTAMP:
        value = F.when(value.between(*[F.lit(end).cast("timestamp") for end in (_FIRST, _LAST)]), value)
    return value


def reasons(contract: Contract) -> SparkColumn:
    """Why a record breaks its contract: an array of codes such as `type:amount`, empty for a good one.

    Needs `__record`, `broken` and `tenant_id`. Codes name columns, never values.
    """
    checks: list[SparkColumn] = []
    for column in contract.columns:
        checks.extend(_column_checks(column, column.required or column.name in contract.primary_key))
    if contract.tenant_column is not None:
        named = raw(contract.column(contract.tenant_column))
        checks.append(F.when(named != F.col("tenant_id"), F.lit("other_tenant")))
    # Not `filter` or `array_compact`: Spark interprets those, and with them every check below.
    found = F.array_remove(F.array(*[F.coalesce(code, F.lit("")) for code in checks]), "")
    return F.when(F.col("broken"), F.array(F.lit("unreadable"))).otherwise(found)


def _column_checks(column: Column, required: bool) -> list[SparkColumn]:
    bounds = column.constraints
    text, value = raw(column), typed(column)
    checks: list[tuple[str, SparkColumn]] = []
    if required:
        checks.append(("missing", text.isNull()))
    if column.logical_type not in (LogicalType.STRING, LogicalType.ARRAY):
        checks.append(("type", text.isNotNull() & value.isNull()))
    if bounds.pattern is not None:
        checks.append(("pattern", ~text.rlike(_java(bounds.pattern))))
    if bounds.min_length is not None:
        checks.append(("length", F.length(text) < bounds.min_length))
    if bounds.max_length is not None:
        checks.append(("length", F.length(text) > bounds.max_length))
    if bounds.minimum is not None:
        checks.append(("range", text.try_cast("double") < bounds.minimum))
    if bounds.maximum is not None:
        checks.append(("range", text.try_cast("double") > bounds.maximum))
    if bounds.allowed:
        checks.append(("enum", ~text.isin(*bounds.allowed)))
    return [F.when(condition, F.lit(f"{code}:{column.name}")) for code, condition in checks]


def _java(pattern: str) -> str:
    """The pattern for Java, whose `$` also matches before a line end at the end of a text."""
    closed = pattern.endswith("$") and not pattern.endswith("\\$")
    return f"{pattern[:-1]}\\z" if closed else pattern


def _tree(contract: Contract) -> dict[str, object]:
    tree: dict[str, object] = {}
    for column in contract.columns:
        node = tree
        for segment in column.path[:-1]:
            node = node.setdefault(segment, {})  # type: ignore[assignment]
        node[column.path[-1]] = None
    return tree


def _struct(tree: dict[str, object]) -> str:
    fields = []
    for name, below in tree.items():
        kind = _struct(below) if isinstance(below, dict) else "string"
        fields.append(f"`{name}`: {kind}")
    return f"struct<{', '.join(fields)}>"
