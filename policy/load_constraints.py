"""Bounds on a column's values: ODCS `logicalTypeOptions` and `enum`."""

from __future__ import annotations

import math
import re

from policy.contracts import Constraints, LogicalType
from policy.load_node import Node, quoted

_TEXT = ("pattern", "minLength", "maxLength")
_NUMBER = ("minimum", "maximum")
_CHECKED = {LogicalType.STRING: _TEXT, LogicalType.INTEGER: _NUMBER, LogicalType.NUMBER: _NUMBER}
_TOLD_ONLY = {
    LogicalType.STRING: ("format",),
    LogicalType.INTEGER: ("format",),
    LogicalType.NUMBER: ("format",),
}
"""Options that inform a reader and bind nobody, by the standard itself."""

MAX_LENGTH = 1 << 30


def load_constraints(prop: Node, logical_type: LogicalType) -> Constraints:
    """The bounds of one property. An option that Lakeward would not check is a fault, not a silence."""
    options = prop.child("logicalTypeOptions")
    got: dict[str, Node] = {}
    if isinstance(options.value, dict):
        for key in options.value:
            if key in _CHECKED.get(logical_type, ()):
                if options.child(key).value is not None:
                    got[key] = options.child(key)
            elif key not in _TOLD_ONLY.get(logical_type, ()):
                known = _CHECKED.get(logical_type, ())
                mend = f"use {', '.join(known)}, or remove it" if known else "remove it"
                options.child(key).fault(
                    f"the option {quoted(key)} is not checked on a {logical_type} column", mend
                )
    shortest = got["minLength"].integer(0, MAX_LENGTH) if "minLength" in got else None
    longest = got["maxLength"].integer(0, MAX_LENGTH) if "maxLength" in got else None
    least = _number(got["minimum"]) if "minimum" in got else None
    most = _number(got["maximum"]) if "maximum" in got else None
    if shortest is not None and longest is not None and shortest > longest:
        options.fault("minLength is above maxLength", "exchange the two")
    if least is not None and most is not None and least > most:
        options.fault("minimum is above maximum", "exchange the two")
    pattern = _pattern(got["pattern"]) if "pattern" in got else None
    return Constraints(pattern, shortest, longest, least, most, _allowed(prop, logical_type))


def _number(node: Node) -> float | None:
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    node.fault("a finite number is expected here", "write a number without quotes")
    return None


def _pattern(node: Node) -> str | None:
    text = node.text()
    if text is None:
        return None
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        node.fault(f"the pattern {quoted(text)} does not compile: {error}", "correct the regular expression")
        return None
    if "(?P" in text:
        # Spark runs patterns in Java, which has no such groups
        node.fault(
            f"the pattern {quoted(text)} has a (?P group, that only Python knows", "use a plain group (?:…)"
        )
        return None
    return text


def _allowed(prop: Node, logical_type: LogicalType) -> tuple[str, ...]:
    node = prop.child("enum")
    if node.value is None or not isinstance(node.value, list):
        return ()
    if logical_type not in (LogicalType.STRING, LogicalType.INTEGER):
        node.fault(
            f"an enum on a {logical_type} column is not checked", "remove it, or make the column a string"
        )
        return ()
    values: list[str] = []
    for entry in node.items():
        value = entry.child("value")
        if logical_type is LogicalType.INTEGER:
            right = isinstance(value.value, int) and not isinstance(value.value, bool)
        else:
            right = isinstance(value.value, str)
        if not right:
            mend = (
                "write it in quotes" if logical_type is LogicalType.STRING else "write it as a whole number"
            )
            value.fault(f"the value {quoted(value.value)} is no {logical_type}", mend)
        elif str(value.value) in values:
            value.fault(f"the value {quoted(value.value)} stands here twice", "keep one of the two")
        else:
            values.append(str(value.value))
    if not node.value:
        node.fault("the enum is empty", "list its values, or remove it")
    return tuple(values)
