"""Tells of each durable effect of a run, before and after it: a commit to SQL or a table, a changed file.

The effects are caught where they leave Python (SQLAlchemy, Delta, `os`), not in Lakeward's own functions, so
that a step that gains an effect gains its kill as well. Each is named by the function that made it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from delta.tables import DeltaMergeBuilder, DeltaOptimizeBuilder, DeltaTable
from pyspark.sql import DataFrameWriter
from sqlalchemy.engine.default import DefaultDialect

Tell = Callable[[str], None]
BEFORE, AFTER = "<", ">"
OURS = frozenset({
    "dagster_project", "retention", "audit", "transforms", "classifications", "tenancy", "policy",
})  # fmt: skip
FILE_EFFECTS = ("replace", "rename", "unlink", "symlink", "link", "rmdir", "pwrite")
DOORS = frozenset({
    "_write", "append", "replace_tenants", "delete_batches", "delete_places", "_change", "_erase",
    "delete_matching", "update_matching", "change", "<lambda>",
})  # fmt: skip


def tell_effects(tell: Tell) -> None:
    """From now on, for the rest of the process, call `tell` with `< name` and `> name` around each effect."""

    def wrap(owner: Any, name: str, kind: Callable[..., str | None]) -> None:
        real = getattr(owner, name)

        @wraps(real)
        def told(*args: Any, **kwargs: Any) -> Any:
            what = kind(*args)
            if what is None:
                return real(*args, **kwargs)
            tell(f"{BEFORE} {what}")
            done = real(*args, **kwargs)
            tell(f"{AFTER} {what}")
            return done

        setattr(owner, name, told)

    wrap(DefaultDialect, "do_commit", _sql)
    wrap(DataFrameWriter, "save", lambda _writer, path: _named(f"{Path(path).parts[-2]}"))
    wrap(DeltaTable, "delete", lambda *_: _named("rows deleted"))
    wrap(DeltaMergeBuilder, "execute", lambda *_: _named("rows released"))
    wrap(DeltaOptimizeBuilder, "executeCompaction", lambda *_: _named("compacted"))
    for name in FILE_EFFECTS:
        wrap(os, name, lambda *_, name=name: _named(name, files=True))


def _sql(_dialect: Any, connection: Any) -> str | None:
    # A transaction that only read has nothing to commit.
    return _named("sql") if connection.driver_connection.in_transaction else None


def _named(what: str, *, files: bool = False) -> str | None:
    """`what` and the innermost function of ours that asked for it; None where a library did it for itself."""
    frame = sys._getframe(2)
    depth = 0
    while frame is not None:
        package, _, module = frame.f_globals.get("__name__", "").partition(".")
        depth += 1
        if package in OURS and frame.f_code.co_name not in DOORS:
            return f"{module.rpartition('.')[2]}.{frame.f_code.co_name.lstrip('_')} {what}"
        frame = frame.f_back
    return None if files else what
