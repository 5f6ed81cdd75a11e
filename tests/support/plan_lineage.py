"""Where each column of a DataFrame comes from, as Spark's own analysed plan has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame

Path = tuple[str, ...]
"""The fields of nested structs on the way to a value, the outer one first."""


@dataclass(frozen=True)
class Origin:
    """The columns of the leaves that a value is made of, and the fields of structs on the way, by path.

    A struct that the plan makes itself is looked through: its field comes from what was put there.
    """

    columns: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Expression:
    node: dict[str, Any]
    children: list[_Expression]

    @property
    def kind(self) -> str:
        return str(self.node["class"]).rsplit(".", 1)[-1]


def origins(frame: DataFrame) -> dict[str, Origin]:
    """Where each column comes from. What only chooses rows (a join, a filter) does not count."""
    plan = _Plan(frame._jdf.queryExecution().analyzed())
    return {name: plan.origin(number, name) for name, number in plan.output.items()}


class _Plan:
    def __init__(self, plan: Any) -> None:
        self._nodes = json.loads(plan.toJSON())
        named = [plan.output().apply(at) for at in range(plan.output().size())]
        self.output = {one.name(): one.exprId().id() for one in named}
        self._known: dict[tuple[int, Path], Origin] = {}

    @cached_property
    def _made(self) -> dict[int, _Expression]:
        """What each column that the plan makes is made of, by the column's number."""
        lists = [
            _tree(iter(expression))
            for node in self._nodes
            for name in ("projectList", "aggregateExpressions", "windowExpressions")
            for expression in node.get(name, ())
        ]
        return {one.node["exprId"]["id"]: one.children[0] for one in lists if one.kind == "Alias"}

    def origin(self, number: int, name: str, path: Path = ()) -> Origin:
        """Of a part of the column with this number, which the plan makes or a leaf has under this name."""
        if (number, path) not in self._known:
            made = self._made.get(number)
            self._known[number, path] = _at(Origin({name}), path) if made is None else self._of(made, path)
        return self._known[number, path]

    def _of(self, one: _Expression, path: Path) -> Origin:
        if one.kind == "AttributeReference":
            return self.origin(one.node["exprId"]["id"], one.node["name"], path)
        if one.kind == "GetStructField":
            return self._of(one.children[0], (one.node["name"], *path))
        if one.kind == "CreateNamedStruct" and path:
            names = [name.node["value"] for name in one.children[::2]]
            return self._of(one.children[1::2][names.index(path[0])], path[1:])
        found = Origin()
        for child in one.children:
            part = self._of(child, ())
            found.columns.update(part.columns)
            found.fields.update(part.fields)
        return _at(found, path)


def _at(whole: Origin, path: Path) -> Origin:
    """A field of something that the plan does not take apart itself."""
    return Origin(whole.columns, whole.fields | {".".join(path)}) if path else whole


def _tree(nodes: Iterator[dict[str, Any]]) -> _Expression:
    """An expression from its nodes in pre-order, as Spark writes them."""
    node = next(nodes)
    return _Expression(node, [_tree(nodes) for _ in range(node["num-children"])])
