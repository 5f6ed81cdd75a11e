"""Heads brought to their second place: what was not taken yet, in order; what fails is made up for later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, insert, select

from audit import ledger_tables as tables
from audit.clock import Clock, moment, utc_now
from audit.errors import LedgerError, SinkError, SinkRejected
from audit.ledger_entry import instant
from audit.ledger_head import SignedHead, parse_head
from audit.ledger_places import HeadPlace
from audit.steps import CODE

OTHER_HISTORY = "other-history"
"""The place has a head that this ledger never signed: it is an older copy, or a fork."""
BUDGET = timedelta(seconds=10)
"""No further head is sent after that; the next call goes on."""


@dataclass(frozen=True)
class Kept:
    """How far a second place is. `waiting`: heads that it has not taken; `reason`: why, as a code, or empty.

    `failing_since`: since when nothing is taken.
    """

    place: str
    waiting: int = 0
    reason: str = ""
    failing_since: datetime | None = None


def kept_heads(engine: Engine, place: HeadPlace) -> Kept:
    """How far the place was when heads were last brought to it; asks only the database."""
    done, error, since = _last(engine, place.name)
    with engine.connect() as connection:
        waiting = select(func.count()).where(tables.heads.c.id > done)
        count = connection.execute(waiting).scalar_one()
    return Kept(place.name, count, error or "", moment(since) if since else None)


def keep_heads(engine: Engine, place: HeadPlace, clock: Clock = utc_now) -> Kept:
    """Bring to the place what it has not taken; how far it is then. Its failure is told, never raised."""
    done, _, since = _last(engine, place.name)
    table, error, end = tables.heads, None, clock() + BUDGET
    with engine.connect() as connection:
        query = select(table.c.id, table.c.head).where(table.c.id > done).order_by(table.c.id)
        waiting = connection.execute(query).all()
    try:
        if _is_of_another_history(engine, place.newest()):
            raise SinkRejected(OTHER_HISTORY)
        for head_id, text in waiting:
            if clock() >= end:
                break
            place.put(parse_head(text))
            done = head_id
    except SinkError as failure:
        error = failure.kind if CODE.fullmatch(failure.kind) else "unnamed"
    except LedgerError:
        error = "no-head"
    since = (since or instant(clock())) if error is not None else None
    _save(engine, place.name, done, error, since)
    return kept_heads(engine, place)


def _is_of_another_history(engine: Engine, newest: SignedHead | None) -> bool:
    if newest is None:
        return False
    with engine.connect() as connection:
        same = connection.execute(select(tables.heads.c.head).where(tables.heads.c.size == newest.size))
        return newest.root not in {parse_head(text).root for text in same.scalars()}


def _last(engine: Engine, place: str) -> tuple[int, str | None, str | None]:
    """Up to which head the place has all, what stops it, and since when."""
    table = tables.kept
    query = select(table.c.head_id, table.c.error, table.c.failing_since).where(table.c.place == place)
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return (0, None, None) if row is None else (row.head_id, row.error, row.failing_since)


def _save(engine: Engine, place: str, done: int, error: str | None, since: str | None) -> None:
    table = tables.kept
    with engine.begin() as connection:
        connection.execute(delete(table).where(table.c.place == place))
        row = {"place": place, "head_id": done, "error": error, "failing_since": since}
        connection.execute(insert(table), row)
