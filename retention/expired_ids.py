"""By what expired rows are known until a receipt says that they are gone: ids of cells and records.

Written down before the change with its effects, because afterwards nothing else knows them. They
hold no personal value and go with the receipt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, String, Table, select

from retention.verify_result import ID_BYTES
from transforms.erased import erasure_changes

PART_BYTES = ID_BYTES << 16
"""Bytes of ids that one row of the table has at most."""
CELL, RECORD = "cell", "record"
metadata = MetaData()

expired_ids = Table(
    "expired_ids",
    metadata,
    # The change's number; no foreign key, because that table belongs to another part of the database.
    Column("seq", Integer, primary_key=True),
    Column("kind", String(10), primary_key=True),  # cell | record
    Column("part", Integer, primary_key=True),
    Column("ids", LargeBinary, nullable=False),  # 16 bytes each
)


@dataclass(frozen=True)
class Ids:
    """Ids of 16 bytes each: of rows, as their sealed cells begin, and of the records that they are of."""

    cells: bytes = b""
    records: bytes = b""


def ids_of(rows: DataFrame) -> dict[str, Ids]:
    """The ids of rows by tenant. The rows have `cell` (how their sealed cell begins) and `record_id`."""
    told = rows.select("tenant_id", "cell", F.unhex("record_id").alias("record")).distinct().toArrow()
    return {tenant: Ids(_packed(own["cell"]), _packed(own["record"])) for tenant, own in _by_tenant(told)}


def living_of(records: Mapping[str, bytes], bronze: DataFrame) -> dict[str, bytes]:
    """Those of each tenant's records of which bronze has a row."""
    asked = pa.concat_tables([_listed(tenant, packed) for tenant, packed in records.items()])
    there = bronze.select("tenant_id", F.unhex("record_id").alias("record")).distinct()
    living = there.join(bronze.sparkSession.createDataFrame(asked), ["tenant_id", "record"], "left_semi")
    return {tenant: _packed(own["record"]) for tenant, own in _by_tenant(living.toArrow())}


def note_ids(connection: Connection, seq: int, ids: Ids) -> None:
    """Keep the ids of the rows that a change will take, in the caller's transaction."""
    rows = [
        {"seq": seq, "kind": kind, "part": number, "ids": packed[start : start + PART_BYTES]}
        for kind, packed in ((CELL, ids.cells), (RECORD, ids.records))
        for number, start in enumerate(range(0, len(packed), PART_BYTES))
    ]
    if rows:
        connection.execute(expired_ids.insert(), rows)


def noted_ids(engine: Engine, seqs: Collection[int]) -> Ids:
    """The ids of these changes."""
    table = expired_ids
    query = select(table.c.kind, table.c.ids).where(table.c.seq.in_(seqs))
    found: dict[str, list[bytes]] = {CELL: [], RECORD: []}
    with engine.connect() as connection:
        for kind, ids in connection.execute(query.order_by(table.c.seq, table.c.part)):
            found[kind].append(ids)
    return Ids(b"".join(found[CELL]), b"".join(found[RECORD]))


def forget_ids(connection: Connection, seqs: Collection[int]) -> None:
    """Remove the ids of these changes, in the caller's transaction."""
    connection.execute(expired_ids.delete().where(expired_ids.c.seq.in_(seqs)))


def forget_abandoned(engine: Engine) -> None:
    """Remove the ids of changes that never took place: their run died before the commit."""
    table, changes = expired_ids, erasure_changes
    never = select(changes.c.seq).where(changes.c.state == "abandoned")
    query = select(table.c.seq).where(table.c.seq.in_(never)).distinct()
    with engine.begin() as connection:
        if seqs := connection.execute(query).scalars().all():
            forget_ids(connection, seqs)


def _by_tenant(rows: Any) -> Iterator[tuple[str, Any]]:
    for tenant in rows["tenant_id"].unique().to_pylist():
        yield tenant, rows.filter(pc.equal(rows["tenant_id"], tenant))


def _listed(tenant: str, packed: bytes) -> Any:
    number = len(packed) // ID_BYTES
    column = pa.Array.from_buffers(pa.binary(ID_BYTES), number, [None, pa.py_buffer(packed)])
    return pa.table({"tenant_id": pa.repeat(tenant, number), "record": column.cast(pa.binary())})


def _packed(column: Any) -> bytes:
    """The cells of a binary column one after the other. What has not 16 bytes is no id, and left out."""
    whole = column.filter(pc.equal(pc.binary_length(column), ID_BYTES)).cast(pa.binary(ID_BYTES))
    parts = [(memoryview(one.buffers()[1]), one.offset, len(one)) for one in whole.chunks if len(one)]
    return b"".join(bytes(data[at * ID_BYTES : (at + size) * ID_BYTES]) for data, at, size in parts)
