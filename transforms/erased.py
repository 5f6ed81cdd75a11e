"""What erasures took out of the tables, by delivery, so that rows landed can still be accounted for.

A change is written down before its commit, under the number that the commit carries; who comes after a
kill asks the table whether it took place.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    func,
    select,
    update,
)

from tenancy.control import now
from transforms import lake
from transforms.lake import ERASER, Lake

metadata = MetaData()

erasure_changes = Table(
    "erasure_changes",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("region", String(20), nullable=False),
    Column("layer", String(20), nullable=False),
    Column("dataset", String(60), nullable=False),
    Column("tenant_id", String(40), nullable=False),
    Column("state", String(10), nullable=False),  # open | done | abandoned
    Column("begun_at", DateTime(timezone=True), nullable=False),
    sqlite_autoincrement=True,
)

erased_rows = Table(
    "erased_rows",
    metadata,
    Column("seq", ForeignKey("erasure_changes.seq"), primary_key=True),
    Column("batch_id", String(40), primary_key=True),
    Column("rows", Integer, nullable=False),
)


def begin_change(engine: Engine, table: lake.Table, rows: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Write down a change to the rows of some tenants before it is made; returns each tenant's number of it.

    `rows`: by tenant, how many rows of each batch it removes; none for a change that removes no row of bronze
    or quarantine. The commit carries the highest number: all of them took place, or none.
    """
    place = {"region": table.region, "layer": table.layer, "dataset": table.dataset}
    numbers = {}
    with engine.begin() as connection:
        for tenant, batches in rows.items():
            values = place | {"tenant_id": tenant, "state": "open", "begun_at": now()}
            seq = int(connection.execute(erasure_changes.insert(), values).inserted_primary_key[0])  # type: ignore[index]
            numbers[tenant] = seq
            if batches:
                listed = [{"seq": seq, "batch_id": one, "rows": n} for one, n in sorted(batches.items())]
                connection.execute(erased_rows.insert(), listed)
    return numbers


def end_change(engine: Engine, numbers: Mapping[str, int]) -> None:
    """Say that a change took place, after its commit. `numbers` are what `begin_change` gave."""
    which = erasure_changes.c.seq.in_(list(numbers.values()))
    with engine.begin() as connection:
        connection.execute(update(erasure_changes).where(which).values(state="done"))


def settle_changes(engine: Engine, door: Lake, region: str, dataset: str) -> None:
    """Close every change of a dataset's tables that is open: done where the table took it.

    Needs the dataset's lease. Called by whoever comes after a kill or an error, before another change begins:
    the number of that one would say that an earlier one took place.
    """
    changes = erasure_changes
    here = (changes.c.region == region) & (changes.c.dataset == dataset) & (changes.c.state == "open")
    with engine.connect() as connection:
        left = connection.execute(select(changes.c.seq, changes.c.layer).where(here)).all()
    for seq, layer in left:
        done = door.committed(lake.Table(region, layer, dataset), ERASER) >= seq
        with engine.begin() as connection:
            state = "done" if done else "abandoned"
            connection.execute(update(changes).where(changes.c.seq == seq).values(state=state))


def erased_sums(engine: Engine, dataset: str | None = None) -> dict[tuple[str, str, str], int]:
    """Rows that erasures removed, by tenant, dataset and layer."""
    changes = erasure_changes
    keys = (changes.c.tenant_id, changes.c.dataset, changes.c.layer)
    query = select(*keys, func.sum(erased_rows.c.rows)).join(erased_rows, erased_rows.c.seq == changes.c.seq)
    query = query.where(changes.c.state == "done").group_by(*keys)
    if dataset is not None:
        query = query.where(changes.c.dataset == dataset)
    with engine.connect() as connection:
        return {(t, name, layer): int(rows) for t, name, layer, rows in connection.execute(query)}


def erased_of_batches(engine: Engine, table: lake.Table) -> dict[str, int]:
    """Rows that erasures removed from a table, by batch id."""
    changes = erasure_changes
    here = (changes.c.region == table.region) & (changes.c.dataset == table.dataset)
    query = (
        select(erased_rows.c.batch_id, func.sum(erased_rows.c.rows))
        .join(changes, erased_rows.c.seq == changes.c.seq)
        .where(here, changes.c.layer == table.layer, changes.c.state == "done")
    )
    with engine.connect() as connection:
        found = connection.execute(query.group_by(erased_rows.c.batch_id))
        return {batch_id: int(rows) for batch_id, rows in found}
