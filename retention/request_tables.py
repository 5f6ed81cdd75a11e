"""The tables of erasure requests in the control database: tokens, states, numbers; never a value."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

erasure_requests = Table(
    "erasure_requests",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("asked", String(64), nullable=False),  # a digest of the tokens that were asked for
    Column("source", String(10), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("outcome", String(20)),
    Column("detail", Text),  # what stopped it, or counts by table: names and numbers only
    Column("receipt", String(80)),
)

request_tokens = Table(
    "request_tokens",
    metadata,
    Column("request_id", ForeignKey("erasure_requests.request_id"), primary_key=True),
    Column("domain", String(120), primary_key=True),
    Column("token", String(32), primary_key=True),
    Column("role", String(10), primary_key=True),  # a word of `Role`
)

request_moves = Table(
    "request_moves",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("erasure_requests.request_id"), nullable=False, index=True),
    Column("came_from", String(10)),  # null: it was received
    Column("state", String(10), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)


_undone = erasure_requests.c.state != "done"
Index(
    "erasure_requests_asked",
    erasure_requests.c.tenant_id,
    erasure_requests.c.asked,
    unique=True,
    sqlite_where=_undone,
    postgresql_where=_undone,
)

request_finds = Table(
    "request_finds",
    metadata,
    Column("request_id", ForeignKey("erasure_requests.request_id"), primary_key=True),
    Column("place", String(80), primary_key=True),  # `bronze.orders`; `named.tickets`: records of others
    Column("rows", Integer, nullable=False),
)
