"""What a failure may tell Dagster: its kind. Dagster stores messages, causes and contexts for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from policy.errors import LakewardError
from transforms.errors import StepFailed, error_kind


@contextmanager
def plain_errors() -> Iterator[None]:
    """Let out only errors whose whole chain is safe to store.

    A LakewardError keeps its text and loses what it was raised from; anything else becomes a
    StepFailed that names its kind. Both are raised outside of the `except`, because Python would
    otherwise attach the original as `__context__`.
    """
    failure: LakewardError
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may quote a row
        failure = told(error)
    else:
        return
    raise failure


def told(error: Exception) -> LakewardError:
    """The error in words that may be stored and shown."""
    if not isinstance(error, LakewardError):
        return StepFailed(
            f"it failed with {error_kind(error)}, whose own text is withheld: it may quote data. To mend it: "
            "run it again, which repeats only what is not done; if it fails again, report this kind"
        )
    error.__cause__ = error.__context__ = None
    return error
