"""Executing the plan in one tenant's part of a dataset: rows go, rows lose values, archives follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract
from retention.due import hold_table, judged
from retention.effects import ROWS, Effect, note_effects
from retention.expired_ids import Ids, ids_of
from retention.holds import Hold
from retention.kept_up import archived, has_part, remove_archives, silver_kept_up
from retention.plan import PlanLine, Standing, numbered_rules, rows_of
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.emptied import EMPTIED, PLACE, emptied_rows
from transforms.erased import begin_change, end_change, erased_of_batches
from transforms.lake import Table
from transforms.present import latest_rows
from transforms.protect import forget_protection

ARCHIVE_EXPIRED = "archive-expired"


class ExpiringPart:
    """One tenant's part of a dataset's tables, under the dataset's lease.

    Args:
        ctx: The lake.
        contract: The tenant's contract of the dataset.
        tenant: Whose part.
        lines: The tenant's lines of the plan, as of `at` under `holds`.
        holds: The holds, read after the lease was taken.
        at: The moment that counts as now.
    """

    def __init__(
        self, ctx: LakeContext, contract: Contract, tenant: str, lines: Sequence[PlanLine],
        holds: Iterable[Hold], at: datetime,
    ) -> None:  # fmt: skip
        self.ctx, self.contract, self.tenant, self.at = ctx, contract, tenant, at
        self.region = ctx.bundle.tenants[tenant].region
        self.places = Places.of(self.region, contract.dataset)
        self.silver = Table(self.region, "silver", contract.dataset)
        self.standings: list[Standing] = list(dict.fromkeys(one.standing for one in lines))
        self._lines = {(one.layer, one.standing): one for one in lines}
        self._rules = numbered_rules(ctx, self.standings)
        self._holds = hold_table(ctx.spark, holds, contract.dataset, at)
        self._erasing = [n for n, one in enumerate(self.standings) if one.erases_rows]
        self._emptying = [n for n, one in enumerate(self.standings) if one.takes(ctx.bundle)]
        self._changed: set[Table] = set()

    def expire(self) -> None:
        """Do what is due. Bronze goes last: what is due is told from it, also to who comes after a kill."""
        if self._due("quarantine", self._erasing + self._emptying):
            self._erase_quarantine()
        erases, empties = (self._due("bronze", which) for which in (self._erasing, self._emptying))
        if erases or empties:
            with self._silver_stays_right(remake=empties):
                if erases:
                    self._erase_bronze()
                if empties:
                    self._empty_bronze()

    def remove_archives(self) -> tuple[int, int]:
        """Remove the archived landing files of deliveries that lost rows or values; how many, and bytes.

        A file that brought a row which a hold keeps stays for as long as that.
        """
        there = archived(self.ctx, self.tenant, self.contract.dataset)
        if not there:
            return 0, 0
        tables = [one for one in (self.places.bronze, self.places.quarantine) if self.ctx.lake.exists(one)]
        touched = {batch for one in tables for batch in erased_of_batches(self.ctx.engine, one)}
        bronze = self.ctx.lake.read(self.places.bronze, [self.tenant])
        if EMPTIED in bronze.columns:
            touched |= _batches(bronze.where(F.size(EMPTIED) > 0))
        due = {_delivery(batch) for batch in touched} & there
        if due and self._holds is not None:
            kept = [_batches(self._judged(one).where(F.size("matters") > 0)) for one in tables]
            due -= {_delivery(batch) for own in kept for batch in own}
        return remove_archives(self.ctx, self.tenant, self.contract.dataset, due, ARCHIVE_EXPIRED)

    def _due(self, layer: str, rules: Sequence[int]) -> bool:
        return any(line.due for line in self._of(layer, rules))

    def _of(self, layer: str, rules: Sequence[int]) -> list[PlanLine]:
        found = (self._lines.get((layer, self.standings[number])) for number in rules)
        return [line for line in found if line is not None]

    def _judged(self, table: Table) -> DataFrame:
        rows = rows_of(self.ctx, table, [self.tenant])
        return judged(rows, self._rules, self._holds, self.at)

    def _going(self, table: Table, rules: Sequence[int]) -> DataFrame:
        """The rows on which these rules act now, once for each of them."""
        free = F.col("due") & (F.size("matters") == 0)
        return self._judged(table).where(free & F.col("rule").isin(*rules))

    def _silver_stays_right(self, *, remake: bool) -> AbstractContextManager[None]:
        """Where silver may show what goes from records that stay, it is made anew afterwards."""
        torn = remake or not self._records().where("torn").isEmpty()
        if torn:
            forget_protection(self.ctx.engine, self.tenant, self.contract.dataset)
            return nullcontext()
        return silver_kept_up(self.ctx, self.contract, self.tenant, self._changed)

    def _records(self) -> DataFrame:
        """The present records of which rows are erased: `gone` with all of them, or `torn`."""
        bronze = latest_rows(self.ctx.lake.read(self.places.bronze, [self.tenant]), self.contract)
        rows = bronze.select("record_id", *PLACE)
        if not self._erasing:
            return rows.limit(0).select("record_id", F.lit(False).alias("gone"), F.lit(False).alias("torn"))
        going = self._going(self.places.bronze, self._erasing).select(*PLACE).distinct()
        told = rows.join(going.withColumn("goes", F.lit(True)), list(PLACE), "left")
        goes = F.coalesce("goes", F.lit(False))
        records = told.groupBy("record_id").agg(F.bool_and(goes).alias("gone"), F.bool_or(goes).alias("any"))
        return records.withColumn("torn", F.col("any") & ~F.col("gone"))

    def _erase_quarantine(self) -> None:
        """A broken record cannot be taken apart: whatever rule takes a part of it takes the whole."""
        rules = self._erasing + self._emptying
        going = self._going(self.places.quarantine, rules)
        self._delete(self.places.quarantine, going.select(*PLACE).distinct(), PLACE, rules, ids_of(going))

    def _erase_bronze(self) -> None:
        if self._due("silver", self._erasing) and has_part(self.ctx, self.silver, self.tenant):
            gone = self._records().where("gone").select("record_id")
            self._delete(self.silver, gone, ("record_id",), self._erasing, Ids())  # bronze's are of them
        going = self._going(self.places.bronze, self._erasing)
        self._delete(self.places.bronze, going.select(*PLACE), PLACE, self._erasing, ids_of(going))

    def _empty_bronze(self) -> None:
        """Rows that stay lose values. Of those that were due for it some may be erased by now."""
        bronze = self.places.bronze
        going = self._going(bronze, self._emptying)
        counts = {row.rule: row["count"] for row in going.groupBy("rule").count().collect()}
        if not counts:
            return
        take = F.array_distinct(F.flatten(F.collect_set("take"))).alias("take")
        taken = going.groupBy(*PLACE).agg(take)
        rows = self.ctx.lake.read(bronze, [self.tenant])
        changed = emptied_rows(rows, taken, self.contract, self.ctx.keys([self.tenant]))
        seq = self._begin(bronze, {}, list(counts), ids_of(going), counts)
        self.ctx.lake.update_matching(bronze, self.tenant, changed, PLACE, seq)
        self._end(bronze, seq)

    def _delete(
        self, table: Table, keys: DataFrame, on: Sequence[str], rules: Sequence[int], ids: Ids
    ) -> None:
        counted = keys.groupBy("batch_id").count().collect() if "batch_id" in on else []
        seq = self._begin(table, {row.batch_id: row["count"] for row in counted}, rules, ids)
        self.ctx.lake.delete_matching(table, self.tenant, keys, on, seq)
        self._end(table, seq)

    def _begin(
        self, table: Table, batches: Mapping[str, int], rules: Sequence[int], ids: Ids,
        counts: Mapping[int, int] | None = None,
    ) -> int:  # fmt: skip
        seq = begin_change(self.ctx.engine, table, self.tenant, batches)
        effects = []
        for number in rules:
            for line in self._of(table.layer, [number]):
                rows = line.due if counts is None else counts[number]
                effects.append(effect_of(line, rows))
        note_effects(self.ctx.engine, seq, [one for one in effects if one.rows], ids, self.ctx.run_id)
        return seq

    def _end(self, table: Table, seq: int) -> None:
        self._changed.add(table)
        end_change(self.ctx.engine, seq)


def effect_of(line: PlanLine, rows: int) -> Effect:
    """The effect of a plan's line on so many rows."""
    standing = line.standing
    what = ", ".join(standing.classes) or ROWS
    return Effect(
        standing.tenant, line.region, line.layer, standing.dataset, str(standing.rule), what, rows,
        line.files, line.bytes_rewritten, line.bytes_removed, line.held, ", ".join(line.matters),
    )  # fmt: skip


def _batches(rows: DataFrame) -> set[str]:
    return {row.batch_id for row in rows.select("batch_id").distinct().collect()}


def _delivery(batch_id: str) -> int:
    return int(batch_id.split("-", maxsplit=1)[0])
