"""The passes over rows that the checks of silver take.

One over silver and one over bronze's ids tell whether anything is wrong, one over samples what can be read.
Only where something is wrong, two more count what it is, tenant by tenant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract, LoadMode
from transforms.plan import ColumnPlan
from transforms.promises import Promise, hiding_shape, looks, readable, silver_promises
from transforms.samples import distinct_values, in_sample

VALUES = 300
"""Distinct values of a column that the detector gets to read, of the tenant's sample of rows."""
Plan = tuple[ColumnPlan, ...]


@dataclass(frozen=True)
class Columns:
    """What a tenant's columns hold: rows that break each promise, and values of each readable column."""

    broken: Mapping[str, int]
    values: Mapping[str, list[str]]


@dataclass(frozen=True)
class Records:
    """A tenant's records: present ones in bronze, rows of silver, what silver has twice, and alone."""

    present: int = 0
    rows: int = 0
    doubled: int = 0
    orphans: int = 0


def is_sound(
    bronze: DataFrame,
    silver: DataFrame,
    contract: Contract,
    plans: Mapping[str, Plan],
    rows: Mapping[str, int],
) -> bool:
    """Whether silver has every present record of bronze once and no other, and no row breaks a promise.

    For tenants of one contract; `rows`: how many each should have in silver. False says only that it takes
    the passes that count to tell.

    A record stands for 64 bits of a hash of its tenant and id. One that is in silver twice is always found.
    Silver and bronze have the same records if their hashes have the same count, sum and xor, 128 bits: that
    a fault leaves these as they are is a chance of one in 2^64 for one record in another's place, and below n
    in 2^64 (n rows, so one in ten million million for a million) for one that is lost behind another's hash.
    """
    # A row that breaks a promise counts as two: no record may have two.
    own = F.when(_breaks_any(_promised(plans, silver)), 2).otherwise(1)
    # The tenant is within the hash, because rows are grouped by one number in half the time.
    record = F.xxhash64("tenant_id", "record_id").alias("record")
    records = silver.select(record, own.alias("rows")).groupBy("record").agg(F.sum("rows").alias("rows"))
    wrong, *shown = records.agg(F.count_if(F.col("rows") != 1), *_sums()).collect()[0]
    if wrong or shown[0] != sum(rows.values()):
        return False
    present = _bronze_ids(bronze, contract).where("present = 1").select(record)
    # Where no record came twice, rows need not be brought together to know each of them once.
    return any(shown == list(ids.agg(*_sums()).collect()[0]) for ids in (present, present.distinct()))


def read_columns(
    silver: DataFrame, plans: Mapping[str, Plan], rows: Mapping[str, int], *, sound: bool
) -> dict[str, Columns]:
    """Looks through silver for tenants of one contract. `rows`: how many each has, more or less.

    Where silver is `sound`, nothing is counted: no row breaks a promise.
    """
    promised = _promised(plans, silver)
    counted = {} if sound else _count_broken(silver, promised)
    broken = {
        tenant: {one.about: counted.get(tenant, {}).get(one.about, 0) for one in promises}
        for promises, tenants in promised
        for tenant in tenants
    }
    texts = _shown(plans, dict(silver.dtypes))
    values: dict[str, dict[str, list[str]]] = {
        tenant: {one.column.name: [] for one, whose in texts if tenant in whose} for tenant in plans
    }
    # Where every value has the shape that hides it, there is nothing to read.
    read = [
        (one, whose)
        for one, whose in texts
        if hiding_shape(one) is None or any(broken[tenant][looks(one)] for tenant in whose)
    ]
    samples = [_sample(one, whose).alias(f"v{n}") for n, (one, whose) in enumerate(read)]
    # A pass of its own, because Spark interprets whatever stands beside a `collect_set`.
    found = _by_tenant(silver.where(in_sample(rows)), samples)
    for n, (one, whose) in enumerate(read):
        for tenant in found.keys() & set(whose):
            values[tenant][one.column.name] = list(found[tenant][f"v{n}"])
    return {tenant: Columns(broken[tenant], values[tenant]) for tenant in plans}


def compare_records(bronze: DataFrame, silver: DataFrame, contract: Contract) -> dict[str, Records]:
    """One pass over the record ids of both layers, tenant by tenant, with one shuffle."""
    ids = _bronze_ids(bronze, contract).withColumn("rows", F.lit(0))
    shown = silver.select(
        "tenant_id", "record_id", F.lit(None).cast("int").alias("present"), F.lit(1).alias("rows")
    )
    records = (
        ids.unionByName(shown)
        .groupBy("tenant_id", "record_id")
        .agg(F.max("present").alias("present"), F.sum("rows").alias("rows"))
    )
    counted = records.groupBy("tenant_id").agg(
        F.count_if(F.col("present") == 1).alias("present"),
        F.sum("rows").alias("rows"),
        F.count_if(F.col("rows") > 1).alias("doubled"),
        F.count_if(F.col("present").isNull()).alias("orphans"),  # no row of bronze, in whatever batch
    )
    return {
        row.tenant_id: Records(row.present, row.rows, row.doubled, row.orphans) for row in counted.collect()
    }


def _bronze_ids(bronze: DataFrame, contract: Contract) -> DataFrame:
    """Tenant and record of each row of bronze; `present` is 1, or 0 where a later snapshot came."""
    if contract.load_mode is not LoadMode.SNAPSHOT:
        return bronze.select("tenant_id", "record_id", F.lit(1).alias("present"))
    newest = bronze.groupBy("tenant_id").agg(F.max("batch_id").alias("newest"))
    present = (F.col("batch_id") == F.col("newest")).cast("int").alias("present")
    return bronze.join(F.broadcast(newest), "tenant_id").select("tenant_id", "record_id", present)


def _sums() -> list[Column]:
    """Aggregates over `record`, a number of 64 bits, that no order of rows changes: count, xor and sum."""
    lower = F.col("record").bitwiseAND(F.lit(0xFFFFFFFF))
    # The sum is taken in halves, so that it holds two thousand million rows.
    halves = F.sum(F.shiftrightunsigned("record", 32)), F.sum(lower)
    return [F.count("record"), F.bit_xor("record"), *halves]


def _promised(plans: Mapping[str, Plan], silver: DataFrame) -> list[tuple[list[Promise], list[str]]]:
    """Promises with the tenants that they are made to: one list for all who have columns treated alike."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for tenant, plan in plans.items():
        alike.setdefault(tuple((one.column, one.treatment.kind) for one in plan), []).append(tenant)
    types = dict(silver.dtypes)
    return [(silver_promises(plans[tenants[0]], types), tenants) for tenants in alike.values()]


def _breaks_any(promised: Sequence[tuple[list[Promise], list[str]]]) -> Column:
    """Whether a row breaks a promise that was made to its tenant; null counts as no."""
    return reduce(
        or_,
        (
            F.col("tenant_id").isin(*tenants) & reduce(or_, (one.broken for one in promises))
            for promises, tenants in promised
        ),
    )


def _count_broken(
    silver: DataFrame, promised: Sequence[tuple[list[Promise], list[str]]]
) -> dict[str, dict[str, int]]:
    """Tenant to promise to rows that break it."""
    # Within a contract, equal words are equal conditions: each is counted once for all tenants.
    conditions = {one.about: one.broken for promises, _ in promised for one in promises}
    counts = [F.count_if(broken).alias(f"p{n}") for n, broken in enumerate(conditions.values())]
    found = _by_tenant(silver, counts)
    return {id_: {about: row[f"p{n}"] for n, about in enumerate(conditions)} for id_, row in found.items()}


def _shown(plans: Mapping[str, Plan], types: Mapping[str, str]) -> list[tuple[ColumnPlan, list[str]]]:
    """The text columns of silver with the tenants that have them treated alike."""
    found: dict[tuple[str, str | None], tuple[ColumnPlan, list[str]]] = {}
    for tenant, plan in plans.items():
        for one in plan:
            if one.silver_type == types.get(one.column.name) == "string":
                found.setdefault((one.column.name, hiding_shape(one)), (one, []))[1].append(tenant)
    return list(found.values())


def _sample(plan: ColumnPlan, tenants: list[str]) -> Column:
    return distinct_values(F.when(F.col("tenant_id").isin(*tenants), readable(plan)), VALUES)


def _by_tenant(frame: DataFrame, aggregates: Sequence[Column]) -> dict[str, dict[str, Any]]:
    if not aggregates:
        return {}
    return {row.tenant_id: row.asDict() for row in frame.groupBy("tenant_id").agg(*aggregates).collect()}
