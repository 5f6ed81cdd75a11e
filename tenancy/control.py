"""The control database: transactional SQL that holds tokens, counts and states, never personal values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event


def open_control(path: Path) -> Engine:
    """The SQLite engine of a lake's control database, made with mode 0600 where it is missing.

    WAL and `synchronous=FULL` so that a commit survives a power cut; `secure_delete` so that a
    deleted row does not stay readable in the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return datetime.now(UTC)
