"""The two passes over rows that the checks of silver take: over its columns, and over its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from policy.contracts import Contract, LoadMode
from transforms.plan import ColumnPlan
from transforms.promises import hiding_shape, looks, readable, silver_promises
from transforms.samples import distinct_values, in_sample, is_whole

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


def read_columns(silver: DataFrame, plans: Mapping[str, Plan], rows: Mapping[str, int]) -> dict[str, Columns]:
    """Looks through silver for tenants of one contract. `rows`: how many each has, more or less.

    One pass for all; where there are more rows than a sample, one over all and one over samples of what can
    be read, because Spark interprets whatever stands beside a `collect_set`.
    """
    types = dict(silver.dtypes)
    promises = {tenant: silver_promises(plan, types) for tenant, plan in plans.items()}
    # Within a contract, equal words are equal conditions: each is counted once for all tenants.
    conditions = {one.about: one.broken for own in promises.values() for one in own}
    shown = _shown(plans, types)
    counts = [F.count_if(broken).alias(f"p{n}") for n, broken in enumerate(conditions.values())]
    samples = {f"v{n}": _sample(one, whose).alias(f"v{n}") for n, (one, whose) in enumerate(shown)}
    place = {about: f"p{n}" for n, about in enumerate(conditions)}
    if is_whole(rows):
        found = _by_tenant(silver, [*counts, *samples.values()])
    else:
        found = _by_tenant(silver, counts)
        for n, (one, whose) in enumerate(shown):
            # Where every value has the shape that hides it, there is nothing to read.
            if hiding_shape(one) and not any(found[id_][place[looks(one)]] for id_ in whose if id_ in found):
                del samples[f"v{n}"]
        sampled = _by_tenant(silver.where(in_sample(rows)), [*samples.values()])
        nothing: dict[str, Any] = {f"v{n}": [] for n in range(len(shown))}
        found = {id_: nothing | sampled.get(id_, {}) | counted for id_, counted in found.items()}
    columns = {}
    for tenant, own in promises.items():
        row = found.get(tenant)
        broken = {one.about: row[place[one.about]] if row else 0 for one in own}
        seen = [(one.column.name, n) for n, (one, whose) in enumerate(shown) if tenant in whose]
        columns[tenant] = Columns(broken, {name: list(row[f"v{n}"]) if row else [] for name, n in seen})
    return columns


def compare_records(bronze: DataFrame, silver: DataFrame, contract: Contract) -> dict[str, Records]:
    """One pass over the record ids of both layers, tenant by tenant, with one shuffle.

    The ids are told apart by 64 bits of a hash, which are a quarter of what they are; where that shows
    anything wrong, the ids themselves have the last word.
    """
    found = _compared(bronze, silver, contract, F.xxhash64("record_id"))
    if all(one == Records(one.rows, one.rows) for one in found.values()):
        return found
    return _compared(bronze, silver, contract, F.col("record_id"))


def _compared(bronze: DataFrame, silver: DataFrame, contract: Contract, record: Column) -> dict[str, Records]:
    record = record.alias("record")
    ids = bronze.select("tenant_id", record, F.lit(1).alias("present"), F.lit(0).alias("rows"))
    if contract.load_mode is LoadMode.SNAPSHOT:
        newest = bronze.groupBy("tenant_id").agg(F.max("batch_id").alias("newest"))
        present = (F.col("batch_id") == F.col("newest")).cast("int").alias("present")
        joined = bronze.join(F.broadcast(newest), "tenant_id")
        ids = joined.select("tenant_id", record, present, F.lit(0).alias("rows"))
    shown = silver.select(
        "tenant_id", record, F.lit(None).cast("int").alias("present"), F.lit(1).alias("rows")
    )
    records = (
        ids.unionByName(shown)
        .groupBy("tenant_id", "record")
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
