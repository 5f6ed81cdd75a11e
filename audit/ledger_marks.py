"""Up to when a table of facts was read. That saves work only: a fact enters once by its own source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from audit.clock import moment
from audit.ledger_entry import instant
from audit.ledger_tables import marks


def read_mark(engine: Engine, name: str) -> datetime | None:
    """The moment that was kept under this name; None where there is none."""
    with engine.connect() as connection:
        kept = connection.execute(select(marks.c.at).where(marks.c.name == name)).scalar()
    return moment(kept) if kept is not None else None


def keep_mark(connection: Connection, name: str, at: datetime) -> None:
    """Keep a moment under this name, in the caller's transaction."""
    connection.execute(delete(marks).where(marks.c.name == name))
    connection.execute(insert(marks), {"name": name, "at": instant(at)})
