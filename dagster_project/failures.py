"""What a failure may tell Dagster: its kind. Dagster stores messages, causes and contexts for ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from dagster_project.mends import mend_of_kind
from policy.errors import LakewardError
from transforms.errors import StepFailed, error_kind

P = ParamSpec("P")
R = TypeVar("R")


def plainly(work: Callable[P, R]) -> Callable[P, R]:
    """The same function, letting out only errors whose whole chain is safe to store.

    A LakewardError keeps its text and loses what it was raised from; anything else becomes a
    StepFailed that names its kind. They are raised outside of the `except`, because Python would
    attach the original as `__context__` there, and in a context manager's exit too. A library that
    asks the process to exit is taken for a failure of the step; an interrupt passes.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, its text may quote a row
            failure = told(error)
        raise failure

    return run


def told(error: Exception | SystemExit) -> LakewardError:
    """The error in words that may be stored and shown, with the places in code that it came through."""
    if not isinstance(error, LakewardError):
        kind = error_kind(error)
        failure = StepFailed(
            f"it failed with {kind}, whose own text is withheld: it may quote data. "
            f"To mend it: {mend_of_kind(kind)}"
        )
        return failure.with_traceback(error.__traceback__)  # files and lines; no values
    error.__cause__ = error.__context__ = None
    return error
