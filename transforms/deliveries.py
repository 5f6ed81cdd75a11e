"""What arrived, what became of it, and in which order: the ingest part of the control database.

A delivery is one file content of one tenant and dataset, known by a keyed token of its bytes,
so that the same content has its effect once whatever its name. A batch is a set of deliveries
that one commit brings into a table; its number is the commit's `txnVersion`, so a batch that is
run again after a kill has no second effect.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
    update,
)

from tenancy.control import now

metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("region", String(20), nullable=False),
    Column("dataset", String(60), nullable=False),
    Column("kind", String(10), nullable=False),  # ingest | retry
    Column("state", String(10), nullable=False),  # open | done | abandoned
    Column("policy_digest", String(80), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)

batch_tenants = Table(
    "batch_tenants",
    metadata,
    Column("seq", ForeignKey("batches.seq"), primary_key=True),
    Column("tenant_id", String(40), primary_key=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("tenant_id", String(40), nullable=False),
    Column("region", String(20), nullable=False),
    Column("dataset", String(60), nullable=False),
    Column("content_token", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # waiting | ingested | refused | withdrawn
    Column("reason", String(200)),
    Column("bytes", Integer, nullable=False),
    Column("rows_landed", Integer),
    Column("rows_bronze", Integer),
    Column("rows_quarantined", Integer),
    Column("batch_seq", ForeignKey("batches.seq")),
    Column("policy_digest", String(80), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("arrived_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("disposal", String(16)),  # what was done to the landing file
    UniqueConstraint("tenant_id", "dataset", "content_token"),
    sqlite_autoincrement=True,
)


left_files = Table(
    "left_files",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("dataset", String(60), primary_key=True),
    Column("reason", String(200), primary_key=True),  # a word of transforms.refusals
    Column("files", Integer, nullable=False),
)


def batch_id(delivery_id: int, content_token: str) -> str:
    """What rows carry as `batch_id`: sorts in the order of arrival."""
    return f"{delivery_id:012d}-{content_token[:8]}"


def register(  # noqa: PLR0913, PLR0917 - the columns of one row
    engine: Engine,
    tenant: str,
    region: str,
    dataset: str,
    content_token: str,
    size: int,
    digest: str,
    run_id: str,
) -> Row[Any]:
    """The delivery of this content, `waiting` where it is new or was refused under other policies."""
    same = (
        (deliveries.c.tenant_id == tenant)
        & (deliveries.c.dataset == dataset)
        & (deliveries.c.content_token == content_token)
    )
    with engine.begin() as connection:
        found = connection.execute(select(deliveries).where(same)).one_or_none()
        if found is None:
            row = {
                "tenant_id": tenant,
                "region": region,
                "dataset": dataset,
                "content_token": content_token,
                "bytes": size,
            }
            values = row | {
                "state": "waiting",
                "policy_digest": digest,
                "run_id": run_id,
                "arrived_at": now(),
            }
            connection.execute(deliveries.insert(), values)
        elif found.state == "refused" and found.policy_digest != digest:
            connection.execute(update(deliveries).where(same).values(state="waiting", reason=None))
        return connection.execute(select(deliveries).where(same)).one()


def open_batch(  # noqa: PLR0913, PLR0917 - the columns of one row
    engine: Engine, region: str, dataset: str, kind: str, delivery_ids: Sequence[int], tenants: Sequence[str],
    digest: str, run_id: str,
) -> int:  # fmt: skip
    """Write down which deliveries the next commit will bring in, before it does. Returns its number."""
    values = {"region": region, "dataset": dataset, "kind": kind, "state": "open", "policy_digest": digest}
    with engine.begin() as connection:
        done = connection.execute(batches.insert(), values | {"run_id": run_id, "created_at": now()})
        seq = int(done.inserted_primary_key[0])  # type: ignore[index]
        connection.execute(
            batch_tenants.insert(), [{"seq": seq, "tenant_id": id_} for id_ in sorted(set(tenants))]
        )
        connection.execute(update(deliveries).where(deliveries.c.id.in_(delivery_ids)).values(batch_seq=seq))
    return seq


def open_batches(engine: Engine, region: str, dataset: str) -> Sequence[Row[Any]]:
    """The batches that a dead run left open, in commit order."""
    query = select(batches).where(
        batches.c.region == region, batches.c.dataset == dataset, batches.c.state == "open"
    ).order_by(batches.c.seq)  # fmt: skip
    with engine.connect() as connection:
        return connection.execute(query).all()


def record_landed(engine: Engine, seq: int, rows: Mapping[str, int]) -> None:
    """Write down how many rows each delivery of a batch (by batch id) brought, before they are committed."""
    with engine.begin() as connection:
        for one in connection.execute(select(deliveries).where(deliveries.c.batch_seq == seq)).all():
            landed = rows.get(batch_id(one.id, one.content_token), 0)
            connection.execute(update(deliveries).where(deliveries.c.id == one.id).values(rows_landed=landed))


def abandon(engine: Engine, seq: int) -> None:
    """Close a batch that never committed; its deliveries wait for another one."""
    with engine.begin() as connection:
        connection.execute(update(batches).where(batches.c.seq == seq).values(state="abandoned"))
        open_ = deliveries.c.state.in_(("waiting", "withdrawn"))
        connection.execute(
            update(deliveries)
            .where(open_, deliveries.c.batch_seq == seq)
            .values(state="waiting", batch_seq=None)
        )


def withdraw(engine: Engine, seq: int, delivery_ids: Collection[int]) -> None:
    """Record that these deliveries must leave their batch, because their files changed under it.

    Written down before their rows are removed, so that a kill in between is noticed.
    """
    if not delivery_ids:
        return
    mine = deliveries.c.id.in_(delivery_ids) & (deliveries.c.batch_seq == seq)
    with engine.begin() as connection:
        open_ = mine & (deliveries.c.state == "waiting")
        connection.execute(update(deliveries).where(open_).values(state="withdrawn"))


def release(engine: Engine, delivery_ids: Collection[int]) -> None:
    """Let withdrawn deliveries, whose rows are gone, wait for another batch."""
    values = {"state": "waiting", "batch_seq": None, "rows_landed": None}
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id.in_(delivery_ids)).values(**values))


def settle(engine: Engine, seq: int, counts: dict[int, tuple[int, int, int]], digest: str) -> None:
    """Close a committed batch. `counts`: delivery id to rows (landed, in bronze, in quarantine)."""
    with engine.begin() as connection:
        connection.execute(update(batches).where(batches.c.seq == seq).values(state="done"))
        for delivery_id, (landed, bronze, quarantined) in counts.items():
            values = {"rows_landed": landed, "rows_bronze": bronze, "rows_quarantined": quarantined}
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery_id)
                .values(**values, state="ingested", reason=None, policy_digest=digest, settled_at=now())
            )


def refuse(engine: Engine, delivery_id: int, reason: str, digest: str) -> None:
    """Record that a file is refused whole, under these policies, for this reason."""
    with engine.begin() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery_id)
            .values(
                state="refused", reason=reason[:200], policy_digest=digest, settled_at=now(), batch_seq=None
            )
        )


def record_left(engine: Engine, dataset: str, left: Mapping[str, Mapping[str, int]]) -> None:
    """Record which files of these tenants (id to files by reason) the last look left where they are."""
    now_left = {(id_, dataset, why, files) for id_, found in left.items() for why, files in found.items()}
    mine = left_files.c.tenant_id.in_(left) & (left_files.c.dataset == dataset)
    with engine.begin() as connection:
        if now_left != {tuple(row) for row in connection.execute(select(left_files).where(mine))}:
            connection.execute(left_files.delete().where(mine))
            names = left_files.c.keys()
            rows = [dict(zip(names, row, strict=True)) for row in sorted(now_left)]
            if rows:
                connection.execute(left_files.insert(), rows)


def all_left(engine: Engine) -> Sequence[Row[Any]]:
    """The files that the last looks left, by tenant, dataset and reason."""
    order = (left_files.c.tenant_id, left_files.c.dataset, left_files.c.reason)
    with engine.connect() as connection:
        return connection.execute(select(left_files).order_by(*order)).all()


def record_disposal(engine: Engine, delivery_id: int, disposal: str) -> None:
    """Record what was done to the landing file of an ingested delivery."""
    with engine.begin() as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(disposal=disposal))


def of_batch(engine: Engine, seq: int) -> Sequence[Row[Any]]:
    """The deliveries of a batch, in order of arrival."""
    with engine.connect() as connection:
        query = select(deliveries).where(deliveries.c.batch_seq == seq).order_by(deliveries.c.id)
        return connection.execute(query).all()


def all_deliveries(engine: Engine, dataset: str | None = None) -> Sequence[Row[Any]]:
    """Every delivery, of one dataset or of all, in order of arrival."""
    query = select(deliveries).order_by(deliveries.c.id)
    with engine.connect() as connection:
        return connection.execute(
            query if dataset is None else query.where(deliveries.c.dataset == dataset)
        ).all()


def last_batch(engine: Engine, region: str, dataset: str) -> int:
    """The number of the newest committed batch of a dataset in a region; 0 where there is none."""
    query = select(func.max(batches.c.seq)).where(
        batches.c.region == region, batches.c.dataset == dataset, batches.c.state == "done"
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar() or 0


def high_waters(engine: Engine, dataset: str) -> dict[str, int]:
    """Tenant to the newest committed batch that touched its rows of a dataset; tenants that have one."""
    newest = func.max(batches.c.seq)
    query = select(batch_tenants.c.tenant_id, newest).join(batches, batch_tenants.c.seq == batches.c.seq)
    query = query.where(batches.c.dataset == dataset, batches.c.state == "done")
    with engine.connect() as connection:
        found = connection.execute(query.group_by(batch_tenants.c.tenant_id))
        return {tenant: int(seq) for tenant, seq in found}


def row_sums(engine: Engine, region: str, dataset: str) -> dict[str, tuple[int, int]]:
    """Each tenant's rows of all ingested deliveries: landed, and of these in bronze, erased ones included."""
    sums = [
        func.coalesce(func.sum(column), 0) for column in (deliveries.c.rows_landed, deliveries.c.rows_bronze)
    ]
    here = (deliveries.c.region == region) & (deliveries.c.dataset == dataset)
    query = select(deliveries.c.tenant_id, *sums).where(here, deliveries.c.state == "ingested")
    with engine.connect() as connection:
        found = connection.execute(query.group_by(deliveries.c.tenant_id))
        return {tenant: (int(landed), int(bronze)) for tenant, landed, bronze in found}


def created_at(batch: Row[Any]) -> datetime:
    """When the batch was opened: what its rows carry as `ingested_at`, the same on every try."""
    moment: datetime = batch.created_at
    return moment.replace(tzinfo=UTC)  # SQLite keeps no zone; what we write is UTC
