"""The tables of the classification ledger. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()

FINDINGS = Table(
    "findings",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("tenant_id", String(64), nullable=False),
    Column("dataset", String(128), nullable=False),
    Column("column_name", String(256), nullable=False),
    Column("data_class", String(256), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("evidence_digest", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detector_version", String(128), nullable=False),
    Column("policy_digest", String(128), nullable=False),
    Column("declared_class", String(256)),
    Column("status", String(16), nullable=False),
    Column("run_id", String(128), nullable=False),
    Column("found_at", String(40), nullable=False),
    # The row before this one for the same column and class, 0 for the first: what was seen, then was
    # not, then is again, is news each time; two runs that saw the same at once are news once.
    Column("follows", Integer, nullable=False),
    UniqueConstraint(
        "tenant_id",
        "dataset",
        "column_name",
        "data_class",
        "detector_version",
        "policy_digest",
        "evidence_digest",
        "follows",
        name="one_row_a_finding",
    ),
)

VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("tenant_id", String(64), nullable=False),
    Column("dataset", String(128), nullable=False),
    Column("column_name", String(256), nullable=False),
    Column("data_class", String(256), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("new_class", String(256)),
    Column("actor", String(256), nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", String(40), nullable=False),
    Index("verdicts_by_column", "tenant_id", "dataset", "column_name"),
)
