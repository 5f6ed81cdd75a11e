"""Where each column of a DataFrame comes from, as Spark's own analysed plan has it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame

Expression = list[dict[str, Any]]
"""The nodes of an expression in pre-order, as Spark writes them."""


@dataclass(frozen=True)
class Origin:
    """The columns of the leaves that a value is made of, and the fields of structs on the way, by path."""

    columns: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


def origins(frame: DataFrame) -> dict[str, Origin]:
    """Where each column comes from. What only chooses rows (a join, a filter) does not count."""
    plan = _Plan(frame._jdf.queryExecution().analyzed())
    return {name: plan.origin(number, name) for name, number in plan.output.items()}


class _Plan:
    def __init__(self, plan: Any) -> None:
        self._nodes = json.loads(plan.toJSON())
        named = [plan.output().apply(at) for at in range(plan.output().size())]
        self.output = {one.name(): one.exprId().id() for one in named}
        self._known: dict[int, Origin] = {}

    @cached_property
    def _made(self) -> dict[int, Expression]:
        """What each column that the plan makes is made of, by the column's number."""
        lists = [
            expression
            for node in self._nodes
            for name in ("projectList", "aggregateExpressions", "windowExpressions")
            for expression in node.get(name, ())
        ]
        return {one[0]["exprId"]["id"]: one[1:] for one in lists if _kind(one[0]) == "Alias"}

    def origin(self, number: int, name: str) -> Origin:
        """Of the column with this number, which the plan makes or a leaf has under this name."""
        if number not in self._known:
            made = self._made.get(number)
            self._known[number] = Origin({name}) if made is None else self._of(made)
        return self._known[number]

    def _of(self, expression: Expression) -> Origin:
        found, path = Origin(), []
        for node in expression:
            if _kind(node) == "GetStructField":
                path.append(node["name"])
                continue
            if path:
                found.fields.add(".".join(reversed(path)))
            path = []
            if _kind(node) == "AttributeReference":
                own = self.origin(node["exprId"]["id"], node["name"])
                found.columns.update(own.columns)
                found.fields.update(own.fields)
        return found


def _kind(node: dict[str, Any]) -> str:
    return str(node["class"]).rsplit(".", 1)[-1]
