"""One batch of deliveries into bronze and quarantine, so that running it again changes nothing.

The order is: write down the batch, count what landed, commit quarantine, commit bronze, count
what is there, settle. Bronze comes last, so a batch that bronze knows is whole. Both commits
carry the batch number as Delta's `txnVersion`; Delta ignores a number it has seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
    bronze, quarantine = (stored_rows(ctx, table, seq) for table in (places.bronze, places.quarantine))
    counts = {}
    for row in deliveries.of_batch(ctx.engine, seq):
        batch_id = deliveries.batch_id(row.id, row.content_token)
        came, kept, held = row.rows_landed or 0, bronze[batch_id], quarantine[batch_id]
        if came != kept + held:
            raise LakeStateError(
                f"delivery {row.id} of {places.bronze.name}: {came} rows landed, {kept} are in "
                f"bronze and {held} in quarantine. To mend it: keep the landing file, and report this"
            )
        counts[row.id] = (came, kept, held)
    deliveries.settle(ctx.engine, seq, counts, ctx.bundle.digest)


def stored_rows(ctx: LakeContext, table: Table, seq: int) -> Counter[str]:
    """Rows by batch id in the files that the batch's commit left in a table. Empty where it made none.

    Counted without Spark, which wrote them, and which takes milliseconds a file. Raises LakeStateError
    where a file cannot be read.
    """
    counts: Counter[str] = Counter()
    for file in ctx.lake.files_since(table, WRITER, seq):
        try:
            # A few thousand rows at a time, as numbers of a dictionary: a file can have millions.
            for part in pq.ParquetFile(file, read_dictionary=["batch_id"]).iter_batches(columns=["batch_id"]):
                for one in part.column("batch_id").value_counts():
                    counts[one["values"].as_py()] += one["counts"].as_py()
        except (pa.ArrowException, OSError):
            raise LakeStateError(
                f"table {table.name}: {file.name} was committed and cannot be read. To mend it: see to the "
                "disk, and restore lake and control folder from the same backup"
            ) from None
    return counts
