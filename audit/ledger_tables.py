"""The tables of the ledger in the control database. Rows are added, and never changed or taken away.

The one exception is the text of an entry that was moved to a sealed segment; its hash stays.
"""

from __future__ import annotations

import os

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy.schema import CreateIndex, CreateTable

_metadata = MetaData()
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

state = Table(
    "ledger_state",
    _metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("log", String(64), nullable=False),
    Column("size", _NUMBER, nullable=False),
)
"""One row, with id 1. Whoever appends changes it first, and so has the ledger alone until its commit."""

entries = Table(
    "ledger_entries",
    _metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("fact", String(64), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("tenant", String(40)),
    Column("at", String(32), nullable=False),
    Column("entry", Text),
)
"""One row an entry. `entry` is its canonical JSON, null once it lies in a segment.

`fact` is the digest of kind and source; kind, tenant and time are there twice, to be looked up by.
"""

nodes = Table(
    "ledger_nodes",
    _metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", _NUMBER, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
"""The root of each complete subtree: at level 0 the leaf hashes, at level n those of 2**n leaves."""

heads = Table(
    "ledger_heads",
    _metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("size", _NUMBER, nullable=False),
    Column("head", Text, nullable=False),
)
"""One row a signed head, as its canonical JSON."""

segments = Table(
    "ledger_segments",
    _metadata,
    Column("first", _NUMBER, primary_key=True, autoincrement=False),
    Column("last", _NUMBER, nullable=False),
    Column("file", String(100), nullable=False),
    Column("folder", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("sealed_at", String(32), nullable=False),
)
"""One row a file of entries that left the database: which ones, where it was written, its digest."""

kept = Table(
    "ledger_heads_kept",
    _metadata,
    Column("place", String(200), primary_key=True),
    Column("head_id", _NUMBER, nullable=False),
    Column("error", String(100)),
    Column("failing_since", String(32)),
)
"""One row a second place: up to which head it has all of them, and what stops it since when."""

marks = Table(
    "ledger_marks",
    _metadata,
    Column("name", String(40), primary_key=True),
    Column("at", String(32), nullable=False),
)
"""Up to when facts of the control tables were entered."""

_INDEXES = (
    Index("ledger_entries_tenant", entries.c.tenant, entries.c.seq),
    Index("ledger_entries_kind", entries.c.kind, entries.c.seq),
    Index("ledger_heads_size", heads.c.size),
)


def create_tables(engine: Engine) -> None:
    """Make what is missing; safe when several processes start together."""
    if inspect(engine).has_table(state.name):
        with engine.connect() as connection:
            if connection.execute(select(state.c.id)).first() is not None:
                return  # that row comes last, so all else is there
    with engine.begin() as connection:
        for table in (state, entries, nodes, heads, segments, kept, marks):
            connection.execute(CreateTable(table, if_not_exists=True))
        for index in _INDEXES:
            connection.execute(CreateIndex(index, if_not_exists=True))
        # Another process may begin it in the same moment; the first one's name stays. A ledger that lost
        # its row is not begun anew.
        begun = select(state.c.id).exists() | select(entries.c.seq).exists()
        row = select(literal(1), literal(os.urandom(32).hex()), literal(0)).where(~begun)
        connection.execute(insert(state).from_select(["id", "log", "size"], row))
