"""What a failure may tell Dagster: its kind. Dagster stores messages, causes and contexts for ever."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from policy.errors import LakewardError
from transforms.errors import DISK_FULL, StepFailed, error_kind

P = ParamSpec("P")
R = TypeVar("R")


def plainly(work: Callable[P, R]) -> Callable[P, R]:
    """The same function, letting out only errors whose whole chain is safe to store.

    A LakewardError keeps its text and loses what it was raised from; anything else becomes a
    StepFailed that names its kind. They are raised outside of the `except`, because Python would
    attach the original as `__context__` there, and in a context manager's exit too.
    """

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever it is, its text may quote a row
            failure = told(error)
        raise failure

    return run


def told(error: Exception) -> LakewardError:
    """The error in words that may be stored and shown, with the places in code that it came through."""
    if not isinstance(error, LakewardError):
        kind = error_kind(error)
        mend = (
            "free space on the lake's disk, then run it again"
            if kind == DISK_FULL
            else "run it again, which repeats only what is not done; if it fails again, report this kind"
        )
        failure = StepFailed(
            f"it failed with {kind}, whose own text is withheld: it may quote data. To mend it: {mend}"
        )
        return failure.with_traceback(error.__traceback__)  # files and lines; no values
    error.__cause__ = error.__context__ = None
    return error
