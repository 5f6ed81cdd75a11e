"""The two tables of the lineage outbox in the control database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

_metadata = MetaData()
# SQLite numbers rows by itself only in a column that is declared INTEGER.
_SEQ = BigInteger().with_variant(Integer(), "sqlite")

PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"

events = Table(
    "lineage_outbox",
    _metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=True),
    Column("event_id", String(64), nullable=False, unique=True),
    Column("tenant_id", String(40), nullable=False),
    Column("run_id", String(36), nullable=False),
    Column("event_type", String(16), nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    sqlite_autoincrement=True,
)
"""One row an event, never changed. `run_id` is the OpenLineage run; `payload` is canonical JSON."""

deliveries = Table(
    "lineage_deliveries",
    _metadata,
    Column("sink", String(200), primary_key=True),
    Column("seq", _SEQ, ForeignKey(events.c.seq), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("rejections", Integer, nullable=False),
    Column("next_attempt_at", String(32)),
    Column("last_error", String(100)),
    Column("updated_at", String(32), nullable=False),
)
"""One row a sink and event, from the first attempt on; an event without a row is pending.

A state per event rather than a high-water mark, because two writers can commit out of the order
of their numbers, and a mark would step over the later commit.
"""

_INDEXES = (
    Index("lineage_outbox_run", events.c.run_id),  # who asks whether a run came to its end
    Index("lineage_deliveries_state", deliveries.c.sink, deliveries.c.state),
    # The database looks for deliveries of an event before it lets that go.
    Index("lineage_deliveries_seq", deliveries.c.seq),
)


def create_tables(engine: Engine) -> None:
    """Make what is missing; safe when several processes start together."""
    with engine.begin() as connection:
        for table in (events, deliveries):
            connection.execute(CreateTable(table, if_not_exists=True))
        for index in _INDEXES:
            connection.execute(CreateIndex(index, if_not_exists=True))
