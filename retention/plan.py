"""What is due, as a dry run: rows, files and bytes by tenant, table and rule, and what holds keep.

Reads only; `retention/expire.py` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.bundle import PolicyBundle
from policy.retention import RetentionAction, RetentionRule
from retention.due import hold_table, judged, rule_table
from retention.holds import Hold, all_holds
from retention.resolve import classes_of, resolve
from retention.verify_result import ID_BYTES
from transforms.context import LakeContext
from transforms.emptied import EMPTIED, anonymous_columns
from transforms.lake import Table

LAYERS = ("bronze", "quarantine", "silver")
_LOOKED_AT = ("layer", "rule", "file", "size", "due_at", "due", "done", "undated", "matters")
LAST_MOMENT = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1_000_000
"""A row may say that it occurs in the year 9999, and live for ten years; Python's calendar ends there."""


@dataclass(frozen=True)
class Standing:
    """A rule that holds for a tenant's dataset. `classes`: those whose values it is about; none: the rows."""

    tenant: str
    dataset: str
    rule: RetentionRule
    classes: tuple[str, ...] = ()

    @property
    def erases_rows(self) -> bool:
        """Whether the rows go that it is about."""
        return self.rule.action is RetentionAction.ERASE and self.rule.data_class is None

    @property
    def reviews(self) -> bool:
        """Whether it only asks a steward to look."""
        return self.rule.action is RetentionAction.REVIEW

    def takes(self, bundle: PolicyBundle) -> tuple[str, ...]:
        """The columns whose values it takes from rows that stay; none where the rows go, or nothing does."""
        contract = bundle.contract_for(self.tenant, self.dataset)
        if contract is None or self.erases_rows or self.reviews:
            return ()
        if self.rule.action is RetentionAction.ANONYMISE:
            return anonymous_columns(contract, bundle.taxonomy)
        return tuple(one.name for one in contract.columns if one.data_class in self.classes)


@dataclass(frozen=True)
class PlanLine:
    """What one rule means for one tenant's part of a table.

    Rows are counted: all, those that would go now (`due`), those that are due and kept by holds (`held`,
    with the `matters`), and those that count from ingest as they have no `occurred_at` (`undated`). `files`
    hold a row that would go; of their bytes, `bytes_removed` go with whole files, and `bytes_rewritten` are
    those of the others (an upper bound: what goes is not written again). `oldest` is when the longest due
    row that would go came due, `next` when the next row will; None where there is none.
    """

    region: str
    layer: str
    standing: Standing
    rows: int
    due: int
    held: int
    undated: int
    matters: tuple[str, ...]
    files: int
    bytes_rewritten: int
    bytes_removed: int
    oldest: datetime | None
    next: datetime | None

    def overdue_days(self, at: datetime) -> int:
        """For how many whole days a row that would go has been due; 0 where none is."""
        return (at - self.oldest).days if self.oldest is not None else 0


@dataclass(frozen=True)
class RetentionPlan:
    """The dry run at one moment. `endless` are tenant and dataset of which no rule ever erases the rows."""

    at: datetime
    lines: tuple[PlanLine, ...]
    endless: tuple[tuple[str, str], ...]


def plan_retention(ctx: LakeContext, tenants: Sequence[str], at: datetime) -> RetentionPlan:
    """What the rules would take of these tenants' tables at `at` (with its zone), under the holds of now."""
    standings = standing_rules(ctx.bundle, tenants)
    holds = all_holds(ctx.engine)
    lines: list[PlanLine] = []
    for region, members in ctx.by_region(tenants).items():
        for dataset in ctx.bundle.datasets:
            own = [one for one in standings if one.dataset == dataset and one.tenant in members]
            lines.extend(dataset_lines(ctx, region, dataset, own, holds, at))
    ends = {(one.tenant, one.dataset) for one in standings if one.erases_rows}
    endless = [place for place in delivered(ctx.bundle, tenants) if place not in ends]
    return RetentionPlan(at, tuple(sorted(lines, key=_order)), tuple(endless))


def standing_rules(bundle: PolicyBundle, tenants: Sequence[str]) -> list[Standing]:
    """Every rule that holds for one of the tenants' datasets, once, with the classes that it is about."""
    found: dict[tuple[str, str, RetentionRule], list[str]] = {}
    for tenant, dataset in delivered(bundle, tenants):
        contract = bundle.contract_for(tenant, dataset)
        for name in (None, *(classes_of(contract) if contract is not None else ())):
            for ruling in resolve(bundle, tenant, dataset, name):
                classes = found.setdefault((tenant, dataset, ruling.rule), [])
                classes.extend([name] if name is not None else [])
    return [Standing(*place, tuple(classes)) for place, classes in found.items()]


def delivered(bundle: PolicyBundle, tenants: Sequence[str]) -> list[tuple[str, str]]:
    """Each of these tenants with each dataset that it has a contract for."""
    known = sorted(set(tenants) & set(bundle.tenants))
    return [(t, d) for t in known for d in bundle.datasets if bundle.contract_for(t, d) is not None]


def _order(line: PlanLine) -> tuple[object, ...]:
    return (line.standing.tenant, line.standing.dataset, LAYERS.index(line.layer), str(line.standing.rule))


def dataset_lines(
    ctx: LakeContext, region: str, dataset: str, standings: Sequence[Standing], holds: Iterable[Hold],
    at: datetime,
) -> list[PlanLine]:  # fmt: skip
    """The lines of one dataset's tables in a region, in one job; none where nothing came yet."""
    if not standings or not ctx.lake.exists(Table(region, "bronze", dataset)):
        return []
    numbered = dict(enumerate(standings))
    rules = numbered_rules(ctx, standings)
    kept = hold_table(ctx.spark, holds, dataset, at)
    tenants = sorted({one.tenant for one in standings})
    bronze, quarantine, silver = (Table(region, layer, dataset) for layer in LAYERS)
    frames = [judged(rows_of(ctx, bronze, tenants), rules, kept, at)]
    if ctx.lake.exists(silver):
        frames.append(_with_their_records(rows_of(ctx, silver, tenants), frames[0]))
    if ctx.lake.exists(quarantine):
        frames.append(judged(rows_of(ctx, quarantine, tenants), rules, kept, at))
    looked_at = [frame.select(*_LOOKED_AT) for frame in frames]
    return list(_lines(reduce(DataFrame.unionByName, looked_at), region, numbered))  # one job


def numbered_rules(ctx: LakeContext, standings: Sequence[Standing]) -> DataFrame:
    """The rule table of these standings, each under its place in the sequence."""
    rules = [(one.tenant, number, one.rule) for number, one in enumerate(standings)]
    return rule_table(ctx.spark, rules, {n: one.takes(ctx.bundle) for n, one in enumerate(standings)})


def rows_of(ctx: LakeContext, table: Table, tenants: Sequence[str]) -> DataFrame:
    """What retention looks at, with each row's file; what a layer does not have is null.

    `cell` is how the row's sealed cell begins: no other cell begins so, and it tells nothing.
    """
    frame = ctx.lake.read(table, tenants)
    nothing = {
        "subject_token": "string", "occurred_at": "timestamp", "ingested_at": "timestamp",
        "batch_id": "string", "position": "long", EMPTIED: "array<string>",
    }  # fmt: skip
    looked_at = [
        F.col(name) if name in frame.columns else F.lit(None).cast(kind).alias(name)
        for name, kind in nothing.items()
    ]
    cell = F.substring("sealed", 1, ID_BYTES) if "sealed" in frame.columns else F.lit(None).cast("binary")
    file = (F.col("_metadata.file_path").alias("file"), F.col("_metadata.file_size").alias("size"))
    return frame.select(
        F.lit(table.layer).alias("layer"), "tenant_id", "record_id", *looked_at, cell.alias("cell"), *file
    )


def _with_their_records(silver: DataFrame, bronze: DataFrame) -> DataFrame:
    """Silver rows judged as their records are: a record goes when the last of its versions in bronze does."""
    records = bronze.groupBy("tenant_id", "record_id", "rule").agg(
        F.max("due_at").alias("due_at"),
        (F.bool_and(F.col("due") | F.col("done")) & F.bool_or("due")).alias("due"),
        F.bool_and("done").alias("done"),
        F.bool_or("undated").alias("undated"),
        F.flatten(F.collect_set("matters")).alias("matters"),
    )
    shown = silver.select("layer", "tenant_id", "record_id", "file", "size")
    return shown.join(records, ["tenant_id", "record_id"])


def _lines(frame: DataFrame, region: str, numbered: dict[int, Standing]) -> Iterable[PlanLine]:
    free = F.size("matters") == 0
    moment = F.unix_micros(F.col("due_at"))
    by_file = frame.groupBy("layer", "rule", "file").agg(
        F.first("size").alias("size"),
        F.count(F.lit(1)).alias("rows"),
        F.count_if(F.col("due") & free).alias("due"),
        F.count_if(F.col("due") & ~free).alias("held"),
        F.count_if("undated").alias("undated"),
        F.array_distinct(F.flatten(F.collect_set(F.when(F.col("due"), F.col("matters"))))).alias("matters"),
        F.min(F.when(F.col("due") & free, moment)).alias("oldest"),
        F.min(F.when(~F.col("due") & ~F.col("done"), F.least(moment, F.lit(LAST_MOMENT)))).alias("next"),
    )
    touched = F.col("due") > 0
    whole = touched & (F.col("due") == F.col("rows"))
    lines = by_file.groupBy("layer", "rule").agg(
        *[F.sum(name).alias(name) for name in ("rows", "due", "held", "undated")],
        F.array_sort(F.array_distinct(F.flatten(F.collect_list("matters")))).alias("matters"),
        F.count_if(touched).alias("files"),
        F.sum(F.when(touched & ~whole, F.col("size")).otherwise(0)).alias("partly"),
        F.sum(F.when(whole, F.col("size")).otherwise(0)).alias("wholly"),
        F.min("oldest").alias("oldest"),
        F.min("next").alias("next"),
    )
    for row in lines.collect():
        standing = numbered[row.rule]
        files, rewritten, removed = _bytes(standing, row.layer, (row.files, row.partly, row.wholly))
        yield PlanLine(
            region, row.layer, standing, row.rows, row.due, row.held, row.undated, tuple(row.matters), files,
            rewritten, removed, _moment(row.oldest), _moment(row.next),
        )  # fmt: skip


def _bytes(standing: Standing, layer: str, measured: tuple[int, int, int]) -> tuple[int, int, int]:
    """Files touched, bytes rewritten and bytes removed, by what the action does to a row.

    A review touches nothing. Rows that stay are written again, except in quarantine: a broken record cannot
    be taken apart, so it goes whole.
    """
    files, partly, wholly = measured
    if standing.reviews:
        return 0, 0, 0
    if standing.erases_rows or layer == "quarantine":
        return files, partly, wholly
    return files, partly + wholly, 0


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)
