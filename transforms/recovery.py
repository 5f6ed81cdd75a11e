"""What a dead run left in a dataset's tables is finished or undone, before anything new begins there.

A batch that bronze knows is whole: it is settled. One that bronze does not know is undone, and its
deliveries wait for another. Every function here needs the dataset's lease and can die at any point
and be called again.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence

from pyspark.sql import functions as F
from sqlalchemy import update

from transforms import deliveries
from transforms.batch import WRITER, Places, settle_batch
from transforms.context import LakeContext
from transforms.deliveries import deliveries as delivery_table
from transforms.erased import erased_of_batches, settle_changes
from transforms.errors import LakeStateError
from transforms.staging import changed_since, left_behind
from transforms.violations import record_violation

PLACE = ("tenant_id", "batch_id", "position")


def recover(ctx: LakeContext, region: str, dataset: str) -> None:
    """Close every batch that a dead run left open, of any tenant.

    A file that has changed since the dead run named its content leaves its batch: nobody can tell which
    bytes were read. Raises LakeStateError where bronze and the control database are of different times.
    """
    places = Places.of(region, dataset)
    settle_changes(ctx.engine, ctx.lake, region, dataset)
    for seq, folder in left_behind(ctx.landing, region, dataset):
        deliveries.withdraw(ctx.engine, seq, changed_since(folder))
        shutil.rmtree(folder)  # the lease says that nobody reads these links
    committed = ctx.lake.committed(places.bronze, WRITER)
    known = deliveries.last_batch(ctx.engine, region, dataset)
    for batch in deliveries.open_batches(ctx.engine, region, dataset):
        if batch.seq > committed:
            undo_batch(ctx, places, batch.seq)
            continue
        if batch.kind == "retry":
            release_accepted(ctx, places, list(ctx.bundle.tenants))
        close_batch(ctx, places, batch.seq)
        known = max(known, batch.seq)
    if committed != known:
        raise LakeStateError(
            f"table {places.bronze.name} stands at batch {committed}, the control database at "
            f"{known}: one of them is older than the other. To mend it: restore both from the same backup"
        )


def undo_batch(ctx: LakeContext, places: Places, seq: int) -> None:
    """Take back a batch that bronze does not know: what it brought into quarantine, then its number."""
    rows = deliveries.of_batch(ctx.engine, seq)
    ids = [deliveries.batch_id(row.id, row.content_token) for row in rows]
    if ctx.lake.committed(places.quarantine, WRITER) >= seq:
        ctx.lake.delete_batches(places.quarantine, sorted({row.tenant_id for row in rows}), ids)
    deliveries.abandon(ctx.engine, seq)


def close_batch(ctx: LakeContext, places: Places, seq: int) -> dict[str, Counter[str]]:
    """Settle a committed batch without what was withdrawn. Returns quarantined rows by batch id and reason.

    Rows that name another tenant are recorded as a violation first: once the batch is settled,
    nobody looks at it again.
    """
    _drop_withdrawn(ctx, places, seq)
    rows = deliveries.of_batch(ctx.engine, seq)
    owners = {deliveries.batch_id(row.id, row.content_token): row.tenant_id for row in rows}
    reasons = _reasons(ctx, places, owners)
    foreign: Counter[str] = Counter()
    for batch_id, found in reasons.items():
        foreign[owners[batch_id]] += found["other_tenant"]
    for tenant, amount in sorted((+foreign).items()):
        place = f"{places.bronze.region}/{tenant}/{places.bronze.dataset}"
        record_violation(ctx.engine, "row_names_other_tenant", place, amount, ctx.run_id)
    settle_batch(ctx, places, seq)
    return reasons


def _drop_withdrawn(ctx: LakeContext, places: Places, seq: int) -> None:
    gone = [row for row in deliveries.of_batch(ctx.engine, seq) if row.state == "withdrawn"]
    if gone:
        ids = [deliveries.batch_id(row.id, row.content_token) for row in gone]
        for table in (places.bronze, places.quarantine):
            ctx.lake.delete_batches(table, sorted({row.tenant_id for row in gone}), ids)
        deliveries.release(ctx.engine, [row.id for row in gone])


def _reasons(ctx: LakeContext, places: Places, owners: dict[str, str]) -> dict[str, Counter[str]]:
    if not owners or not ctx.lake.exists(places.quarantine):
        return {}
    rows = ctx.lake.read(places.quarantine, sorted(set(owners.values())))
    exploded = rows.where(F.col("batch_id").isin(*owners)).select(
        "batch_id", F.explode("reasons").alias("reason")
    )
    found: dict[str, Counter[str]] = {}
    for row in exploded.groupBy("batch_id", "reason").count().collect():
        found.setdefault(row.batch_id, Counter())[row.reason] += row["count"]
    return found


def release_accepted(ctx: LakeContext, places: Places, tenants: Sequence[str]) -> None:
    """Take out of quarantine what bronze holds, and bring the deliveries' counts up to date.

    The counts come first: they are told from rows that are still in both tables, and who comes
    after a kill finds the same ones there.
    """
    if not (ctx.lake.exists(places.quarantine) and ctx.lake.exists(places.bronze)):
        return
    held = ctx.lake.read(places.quarantine, tenants).select(*PLACE)
    both = held.join(ctx.lake.read(places.bronze, tenants), list(PLACE), "left_semi")
    moving = {row.batch_id: row["count"] for row in both.groupBy("batch_id").count().collect()}
    if not moving:
        return
    stored = count_rows(ctx, places, tenants, list(moving))
    gone, gone_held = (erased_of_batches(ctx.engine, one) for one in (places.bronze, places.quarantine))
    with ctx.engine.begin() as connection:
        for batch_id, moved in moving.items():
            kept, held_yet = stored[batch_id]
            values = {
                "rows_bronze": kept + gone.get(batch_id, 0),
                "rows_quarantined": held_yet - moved + gone_held.get(batch_id, 0),
            }
            same = delivery_table.c.id == int(batch_id.split("-")[0])
            connection.execute(update(delivery_table).where(same).values(**values))
    ctx.lake.delete_places(places.quarantine, both)


def count_rows(
    ctx: LakeContext, places: Places, tenants: Sequence[str], batch_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Rows in bronze and rows in quarantine, which are there, by batch id, counted in one job."""
    wanted = F.col("batch_id").isin(*batch_ids)
    kept, held = (
        ctx.lake.read(table, tenants).where(wanted).select("batch_id", F.lit(side).alias("held"))
        for side, table in ((0, places.bronze), (1, places.quarantine))
    )
    rows, total = kept.unionByName(held).groupBy("batch_id"), F.sum("held")
    counted = rows.agg((F.count(F.lit(1)) - total).alias("kept"), total.alias("held")).collect()
    return {row.batch_id: (row.kept, row.held) for row in counted}
