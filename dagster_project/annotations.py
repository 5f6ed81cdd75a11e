"""Bridges `from __future__ import annotations` and Dagster, which compares annotations with classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, get_origin, get_type_hints

import dagster as dg

F = TypeVar("F", bound=Callable[..., object])


def resolved(function: F) -> F:
    """The same function, its annotations turned from texts into what they name."""
    hints = get_type_hints(function)
    if get_origin(hints.get("return")) is dg.MaterializeResult:
        hints["return"] = dg.MaterializeResult  # with checks, Dagster knows the bare class only
    function.__annotations__ = hints
    return function
