"""Executing the plan in tenants' parts of a dataset: rows go, rows lose values, archives follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract
from retention.due import hold_table, judged
from retention.effects import ROWS, Effect, note_effects
from retention.expired_ids import Ids, ids_of
from retention.holds import Hold
from retention.kept_up import archived, remove_archives, silver_kept_up
from retention.plan import PlanLine, Standing, numbered_rules, rows_of
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.emptied import EMPTIED, PLACE, emptied_rows
from transforms.erased import begin_change, end_change, erased_of_batches
from transforms.lake import Table
from transforms.present import latest_rows

ARCHIVE_EXPIRED = "archive-expired"
EXPIRING = "retention"
RECORD = ("tenant_id", "record_id")


class ExpiringParts:
    """The parts of a dataset's tables that are of tenants of one region and contract, under its lease.

    Each statement is made once for all of them. An error leaves them where a kill would.

    Args:
        ctx: The lake.
        contract: The tenants' contract of the dataset.
        standings: The rules that hold for these tenants' dataset; at least one.
        lines: The plan's lines of these rules, as of `at` under `holds`.
        holds: The holds, read after the lease was taken.
        at: The moment that counts as now.
    """

    def __init__(
        self, ctx: LakeContext, contract: Contract, standings: Sequence[Standing], lines: Iterable[PlanLine],
        holds: Iterable[Hold], at: datetime,
    ) -> None:  # fmt: skip
        self.ctx, self.contract, self.standings, self.at = ctx, contract, standings, at
        self.tenants = sorted({one.tenant for one in standings})
        region = ctx.bundle.tenants[self.tenants[0]].region
        self.places = Places.of(region, contract.dataset)
        self.silver = Table(region, "silver", contract.dataset)
        self._lines = {(one.layer, one.standing): one for one in lines}
        self._rules = numbered_rules(ctx, standings)
        self._holds = hold_table(ctx.spark, holds, contract.dataset, at)
        self._erasing = [n for n, one in enumerate(standings) if one.erases_rows]
        self._emptying = [n for n, one in enumerate(standings) if one.takes(ctx.bundle)]
        self._changed: set[Table] = set()

    def expire(self) -> None:
        """Do what is due. Bronze goes last: what is due is told from it, also to who comes after a kill."""
        if broken := self._due("quarantine", self._erasing + self._emptying):
            self._erase_quarantine(broken)
        erases, empties = (self._due("bronze", which) for which in (self._erasing, self._emptying))
        if erases or empties:
            with self._silver_stays_right(erases, empties):
                if erases:
                    self._erase_bronze(erases)
                if empties:
                    self._empty_bronze(empties)

    def remove_archives(self) -> tuple[int, int]:
        """Remove the archived landing files of deliveries that lost rows or values; how many, and bytes.

        A file that brought a row which a hold keeps stays for as long as that.
        """
        there = {tenant: archived(self.ctx, tenant, self.contract.dataset) for tenant in self.tenants}
        if not any(there.values()):
            return 0, 0
        tables = [one for one in (self.places.bronze, self.places.quarantine) if self.ctx.lake.exists(one)]
        touched = {batch for one in tables for batch in erased_of_batches(self.ctx.engine, one)}
        bronze = self.ctx.lake.read(self.places.bronze, self.tenants)
        if EMPTIED in bronze.columns:
            touched |= _batches(bronze.where(F.size(EMPTIED) > 0))
        due = {_delivery(batch) for batch in touched} & set().union(*there.values())
        if due and self._holds is not None:
            kept = [_batches(self._judged(one, self.tenants).where(F.size("matters") > 0)) for one in tables]
            due -= {_delivery(batch) for own in kept for batch in own}
        gone = [
            remove_archives(self.ctx, tenant, self.contract.dataset, due & own, ARCHIVE_EXPIRED)
            for tenant, own in there.items()
        ]
        return sum(files for files, _ in gone), sum(size for _, size in gone)

    def _due(self, layer: str, rules: Iterable[int]) -> dict[int, int]:
        """Those of these rules that take rows of a layer, by number, and how many."""
        lines = {number: self._lines.get((layer, self.standings[number])) for number in rules}
        return {number: line.due for number, line in lines.items() if line is not None and line.due}

    def _tenants(self, rules: Iterable[int]) -> list[str]:
        return sorted({self.standings[number].tenant for number in rules})

    def _judged(self, table: Table, tenants: Sequence[str]) -> DataFrame:
        return judged(rows_of(self.ctx, table, tenants), self._rules, self._holds, self.at)

    def _going(self, table: Table, rules: Collection[int]) -> DataFrame:
        """The rows on which these rules act now, once for each of them."""
        free = F.col("due") & (F.size("matters") == 0)
        return self._judged(table, self._tenants(rules)).where(free & F.col("rule").isin(*rules))

    def _silver_stays_right(
        self, erases: Mapping[int, int], empties: Mapping[int, int]
    ) -> AbstractContextManager[None]:
        """Where silver may show what goes from records that stay, it is made anew afterwards."""
        torn = set(self._tenants(empties))
        if erases:
            told = self._records(erases).where("torn").select("tenant_id").distinct().collect()
            torn |= {row.tenant_id for row in told}
        tenants = self._tenants({**erases, **empties})
        return silver_kept_up(self.ctx, self.contract, tenants, self._changed, EXPIRING, torn)

    def _records(self, erases: Mapping[int, int]) -> DataFrame:
        """The present records of which rows are erased: `gone` with all of them, or `torn`."""
        bronze = self.ctx.lake.read(self.places.bronze, self._tenants(erases))
        rows = latest_rows(bronze, self.contract).select("record_id", *PLACE)
        going = self._going(self.places.bronze, erases).select(*PLACE).distinct()
        told = rows.join(going.withColumn("goes", F.lit(True)), list(PLACE), "left")
        goes = F.coalesce("goes", F.lit(False))
        records = told.groupBy(*RECORD).agg(F.bool_and(goes).alias("gone"), F.bool_or(goes).alias("any"))
        return records.withColumn("torn", F.col("any") & ~F.col("gone"))

    def _erase_quarantine(self, due: Mapping[int, int]) -> None:
        """A broken record cannot be taken apart: whatever rule takes a part of it takes the whole."""
        going = self._going(self.places.quarantine, due)
        self._delete(self.places.quarantine, going.select(*PLACE).distinct(), PLACE, due, ids_of(going))

    def _erase_bronze(self, due: Mapping[int, int]) -> None:
        if shown := self._due("silver", self._erasing):
            gone = self._records(due).where("gone")
            self._delete(self.silver, gone, RECORD, shown, {})  # the ids are bronze's
        going = self._going(self.places.bronze, due)
        self._delete(self.places.bronze, going.select(*PLACE), PLACE, due, ids_of(going))

    def _empty_bronze(self, due: Mapping[int, int]) -> None:
        """Rows that stay lose values. Of those that were due for it some may be erased by now."""
        bronze = self.places.bronze
        going = self._going(bronze, due)
        counts = {row.rule: row["count"] for row in going.groupBy("rule").count().collect()}
        if not counts:
            return
        tenants = self._tenants(counts)
        take = F.array_distinct(F.flatten(F.collect_set("take"))).alias("take")
        taken = going.groupBy(*PLACE).agg(take)
        rows = self.ctx.lake.read(bronze, tenants)
        changed = emptied_rows(rows, taken, self.contract, self.ctx.keys(tenants))
        numbers = self._begin(bronze, counts, {}, ids_of(going))
        self.ctx.lake.update_matching(bronze, changed, PLACE, numbers)
        self._end(bronze, numbers)

    def _delete(
        self, table: Table, keys: DataFrame, on: Sequence[str], rows: Mapping[int, int],
        ids: Mapping[str, Ids],
    ) -> None:  # fmt: skip
        counted = keys.groupBy("tenant_id", "batch_id").count().collect() if "batch_id" in on else []
        batches: dict[str, dict[str, int]] = {}
        for row in counted:
            batches.setdefault(row.tenant_id, {})[row.batch_id] = row["count"]
        numbers = self._begin(table, rows, batches, ids)
        self.ctx.lake.delete_matching(table, keys, on, numbers)
        self._end(table, numbers)

    def _begin(
        self, table: Table, rows: Mapping[int, int], batches: Mapping[str, Mapping[str, int]],
        ids: Mapping[str, Ids],
    ) -> dict[str, int]:  # fmt: skip
        """Write down the change: `rows` by the number of the rule that takes them, the rest by tenant."""
        whose = {tenant: batches.get(tenant, {}) for tenant in self._tenants(rows)}
        numbers = begin_change(self.ctx.engine, table, whose)
        effects = []
        for rule, taken in rows.items():
            standing = self.standings[rule]
            effects.append(effect_of(self._lines[table.layer, standing], taken, numbers[standing.tenant]))
        sought = {numbers[tenant]: own for tenant, own in ids.items()}
        note_effects(self.ctx.engine, effects, sought, self.ctx.run_id)
        return numbers

    def _end(self, table: Table, numbers: Mapping[str, int]) -> None:
        self._changed.add(table)
        end_change(self.ctx.engine, numbers)


def effect_of(line: PlanLine, rows: int, seq: int) -> Effect:
    """The effect of a plan's line on so many rows, by the change of this number."""
    standing = line.standing
    what = ", ".join(standing.classes) or ROWS
    return Effect(
        standing.tenant, line.region, line.layer, standing.dataset, str(standing.rule), what, rows,
        line.files, line.bytes_rewritten, line.bytes_removed, line.held, ", ".join(line.matters),
        seq=seq,
    )  # fmt: skip


def _batches(rows: DataFrame) -> set[str]:
    return {row.batch_id for row in rows.select("batch_id").distinct().collect()}


def _delivery(batch_id: str) -> int:
    return int(batch_id.split("-", maxsplit=1)[0])
