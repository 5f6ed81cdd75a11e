"""Where each column of a DataFrame comes from, as Spark's own analysed plan has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import DataFrame


def origins(frame: DataFrame) -> dict[str, tuple[set[str], set[str]]]:
    """By column: the columns of the leaves that its value is made of, and the fields of structs on the way.

    A field is told with its path, `customer.email`. What only chooses rows (a join, a filter) does not count.
    """
    plan = frame._jdf.queryExecution().analyzed()
    made: dict[int, Any] = {}
    for node in _nodes(plan):
        for alias in _defined(node):
            made[alias.exprId().id()] = alias.child()
    return {one.name(): _origin(one, made) for one in _each(plan.output())}


def _origin(expression: Any, made: dict[int, Any]) -> tuple[set[str], set[str]]:
    kind = expression.getClass().getSimpleName()
    if kind == "AttributeReference":
        source = made.get(expression.exprId().id())
        return ({expression.name()}, set()) if source is None else _origin(source, made)
    columns: set[str] = set()
    fields = {path} if kind == "GetStructField" and (path := _path(expression)) else set()
    for child in _each(expression.children()):
        more, within = _origin(child, made)
        columns |= more
        fields |= within
    return columns, {one for one in fields if not any(other.startswith(f"{one}.") for other in fields)}


def _path(expression: Any) -> str:
    names = []
    while expression.getClass().getSimpleName() == "GetStructField":
        names.append(expression.extractFieldName())
        expression = expression.child()
    return ".".join(reversed(names))


def _defined(node: Any) -> Iterator[Any]:
    kind = node.getClass().getSimpleName()
    listed = {"Project": "projectList", "Aggregate": "aggregateExpressions", "Window": "windowExpressions"}
    if kind in listed:
        for one in _each(getattr(node, listed[kind])()):
            if one.getClass().getSimpleName() == "Alias":
                yield one


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for child in _each(plan.children()):
        yield from _nodes(child)


def _each(sequence: Any) -> Iterator[Any]:
    for index in range(sequence.size()):
        yield sequence.apply(index)
