"""Ending a run at its nth durable effect: a commit to the control database, to a table, a file that goes.

Nothing durable happens between two effects, so dying before each of them is dying at every instant that
the disk can tell from another. What a real kill can also leave, half-written files, needs a real kill.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest import mock

from delta.tables import DeltaMergeBuilder, DeltaOptimizeBuilder, DeltaTable
from pyspark.sql.readwriter import DataFrameWriter
from sqlalchemy import Engine, event

TABLE_COMMITS = (
    (DataFrameWriter, "save"),
    (DeltaTable, "delete"),
    (DeltaMergeBuilder, "execute"),
    (DeltaOptimizeBuilder, "executeCompaction"),
)
FILE_EFFECTS = ((Path, "unlink"), (Path, "replace"), (shutil, "rmtree"))


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code under test handles it."""


@contextmanager
def killed_at(nth: int) -> Iterator[None]:
    """Raise Killed in place of the nth durable effect, counted from 1, and of all after it."""
    seen = 0

    def before(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen >= nth:
            raise Killed

    with ExitStack() as stack:
        for owner, name in (*TABLE_COMMITS, *FILE_EFFECTS):
            stack.enter_context(mock.patch.object(owner, name, _led_by(before, getattr(owner, name))))
        event.listen(Engine, "commit", before)
        stack.callback(event.remove, Engine, "commit", before)
        yield


@contextmanager
def disk_fails_at(nth: int, text: str, *, after: bool) -> Iterator[None]:
    """The nth commit to a table ends in an OSError that says `text`, before or after it took place."""
    seen = 0

    def failing(write: Callable[..., None]) -> Callable[..., None]:
        @wraps(write)
        def run(*args: Any, **kwargs: Any) -> None:
            nonlocal seen
            seen += 1
            fails = seen == nth
            if fails and not after:
                raise OSError(text)
            write(*args, **kwargs)
            if fails:
                raise OSError(text)

        return run

    with ExitStack() as stack:
        for owner, name in TABLE_COMMITS:
            stack.enter_context(mock.patch.object(owner, name, failing(getattr(owner, name))))
        yield


def _led_by(before: Callable[..., None], work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        before()
        return work(*args, **kwargs)

    return run
