"""The control database: transactional SQL that holds tokens, counts and states, never personal values."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

from tenancy.errors import ControlStateError

BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def open_control(path: Path) -> Engine:
    """The SQLite engine of a lake's control database, made with mode 0600 where it is missing.

    WAL and `synchronous=FULL` so that a commit survives a power cut; `secure_delete` so that a
    deleted row does not stay readable in the file. Raises ControlStateError, now or at any later use,
    where the file is damaged or its disk takes nothing more.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists() and (log := path.with_name(f"{path.name}-wal")).exists():
        raise ControlStateError(
            f"the control database {path} is gone, and its log {log.name} is there. To mend it: restore the "
            "database from backup, and move the files named -wal and -shm away"
        )
    path.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise _told(error, path) or error from None

    @event.listens_for(engine, "handle_error")
    def _tell(context: ExceptionContext) -> None:
        told = _told(context.original_exception, path)
        if told is not None:
            raise told from None

    return engine


def check_control(engine: Engine) -> None:
    """Have SQLite look at every page. Raises ControlStateError where one is damaged; reads the whole file."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise _damaged(Path(str(engine.url.database)))


def _told(error: BaseException | None, path: Path) -> ControlStateError | None:
    """The error with its mend, where it tells of the disk or the file; None for any other."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest its detail
    if code in BROKEN:
        return _damaged(path)
    if code in FULL:
        return ControlStateError(
            f"the control database {path} cannot be written: its disk is full or fails. "
            "To mend it: free space there, then run this again; nothing is lost"
        )
    return None


def _damaged(path: Path) -> ControlStateError:
    return ControlStateError(
        f"the control database {path} is damaged. To mend it: restore lake and control folder from the same "
        "backup, and move the files named -wal and -shm away (docs/power-loss.md, part 3)"
    )


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return datetime.now(UTC)
