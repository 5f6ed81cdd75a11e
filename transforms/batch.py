"""One batch of deliveries into bronze and quarantine, so that running it again changes nothing.

The order is: write down the batch, count what landed, commit quarantine, commit bronze, count
what is there, settle. Bronze comes last, so a batch that bronze knows is whole. Both commits
carry the batch number as Delta's `txnVersion`; Delta ignores a number it has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlalchemy import Row

from policy.contracts import Contract
from transforms import deliveries
from transforms.bronze import bronze_rows, checked, quarantine_rows
from transforms.context import LakeContext
from transforms.errors import LakeStateError
from transforms.lake import Table
from transforms.suppressions import with_suppressed

WRITER = "lakeward-ingest"


@dataclass(frozen=True)
class Places:
    """The two tables that a dataset's records can come to in a region."""

    bronze: Table
    quarantine: Table

    @classmethod
    def of(cls, region: str, dataset: str) -> Places:
        """The bronze and the quarantine table of a dataset."""
        return cls(Table(region, "bronze", dataset), Table(region, "quarantine", dataset))


@dataclass(frozen=True)
class Landed:
    """What one delivery brought: rows, rows that break the contract, undeclared names of JSON records."""

    rows: int
    bad: int
    undeclared: tuple[str, ...]


def commit_batch(
    ctx: LakeContext,
    places: Places,
    contract: Contract,
    batch: Row[Any],
    records: DataFrame,
    tenants: Sequence[str],
) -> dict[str, Landed]:
    """Bring `records` into the tables under the batch's number. Returns what landed, by batch id."""
    frame = with_suppressed(ctx, checked(records, contract), contract, tenants)
    landed = count_landed(frame)
    deliveries.record_landed(ctx.engine, batch.seq, {batch_id: one.rows for batch_id, one in landed.items()})
    keys, moment = ctx.keys(tenants), deliveries.created_at(batch)
    good = frame
    if any(counts.bad for counts in landed.values()):
        good = frame.where(F.size("reasons") == 0)
        bad = quarantine_rows(frame.where(F.size("reasons") > 0), contract, keys, moment, ctx.bundle.digest)
        ctx.lake.append(bad, places.quarantine, WRITER, batch.seq, ctx.note)
    rows = bronze_rows(good, contract, ctx.bundle.taxonomy, keys, moment, ctx.bundle.digest)
    ctx.lake.append(rows, places.bronze, WRITER, batch.seq, ctx.note)
    return landed


def count_landed(frame: DataFrame) -> dict[str, Landed]:
    """Rows by delivery, counted on what the reader gives, before anything is written."""
    counted = frame.groupBy("batch_id").agg(
        F.count(F.lit(1)).alias("landed"),
        F.count_if(F.size("reasons") > 0).alias("bad"),
        F.flatten(F.collect_set("undeclared")).alias("extra"),
    )
    return {
        row.batch_id: Landed(row.landed, row.bad, tuple(sorted(set(row.extra)))) for row in counted.collect()
    }


def settle_batch(ctx: LakeContext, places: Places, seq: int) -> None:
    """Count what the tables hold of each delivery, compare with what landed, and close the batch.

    What landed was written down before the commit, so a batch that a dead run left is compared too.
    Raises LakeStateError, and leaves the batch open, where rows landed are not rows in bronze plus
    rows in quarantine.
    """
    rows = deliveries.of_batch(ctx.engine, seq)
    tenants = sorted({row.tenant_id for row in rows})
    ids = {deliveries.batch_id(row.id, row.content_token): row.id for row in rows}
    stored = count_rows(ctx, places, tenants, list(ids))
    counts = {}
    came_by_id = {row.id: row.rows_landed or 0 for row in rows}
    for batch_id, delivery_id in ids.items():
        came, (kept, held) = came_by_id[delivery_id], stored.get(batch_id, (0, 0))
        if came != kept + held:
            raise LakeStateError(
                f"delivery {delivery_id} of {places.bronze.name}: {came} rows landed, {kept} are in "
                f"bronze and {held} in quarantine. To mend it: keep the landing file, and report this"
            )
        counts[delivery_id] = (came, kept, held)
    deliveries.settle(ctx.engine, seq, counts, ctx.bundle.digest)


def count_rows(
    ctx: LakeContext, places: Places, tenants: Sequence[str], batch_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Rows in bronze and rows in quarantine by batch id, counted in one job."""
    wanted = F.col("batch_id").isin(*batch_ids)
    sides = [
        ctx.lake.read(table, tenants).where(wanted).select("batch_id", F.lit(side).alias("held"))
        for side, table in ((0, places.bronze), (1, places.quarantine))
        if ctx.lake.exists(table)
    ]
    if not sides or not batch_ids:
        return {}
    held = F.sum("held")
    rows = reduce(DataFrame.unionByName, sides).groupBy("batch_id")
    counted = rows.agg((F.count(F.lit(1)) - held).alias("kept"), held.alias("held")).collect()
    return {row.batch_id: (row.kept, row.held) for row in counted}
