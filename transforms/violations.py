"""Boundary violations: what tried to cross from one tenant, region or folder into another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.exc import IntegrityError

from tenancy.control import now

metadata = MetaData()

violations = Table(
    "violations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("place", String(200), nullable=False),
    Column("amount", Integer, nullable=False),  # files or rows
    Column("run_id", String(64), nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("kind", "place", "amount"),
)


def record_violation(engine: Engine, kind: str, place: str, amount: int, run_id: str) -> None:
    """Record a violation once: the same files lying there at the next run add nothing.

    `place` is built from ids that match our own patterns; a foreign name is never stored.
    """
    same = (violations.c.kind == kind) & (violations.c.place == place) & (violations.c.amount == amount)
    row = {"kind": kind, "place": place, "amount": amount, "run_id": run_id, "found_at": now()}
    try:
        with engine.begin() as connection:
            if connection.execute(select(violations.c.id).where(same)).first() is None:
                connection.execute(violations.insert(), row)
    except IntegrityError:
        return  # another run recorded it in the same moment


def all_violations(engine: Engine) -> Sequence[Row[Any]]:
    """Every recorded violation, oldest first."""
    with engine.connect() as connection:
        return connection.execute(select(violations).order_by(violations.c.id)).all()
