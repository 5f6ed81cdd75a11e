"""Samples of a tenant's rows that no order of rows or files changes, and that a worker's memory holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

ROWS = 20_000
"""About as many rows of one tenant's dataset are opened or looked into. Where there are fewer, it is all."""
TENANTS = 50
"""How many tenants share one Spark job, because the job's result is held in memory at once."""
_WHOLE = 1_000_000


def groups(tenants: Sequence[str], most: int = TENANTS) -> Iterator[list[str]]:
    """The tenants in order, `most` at a time."""
    for start in range(0, len(tenants), most):
        yield list(tenants[start : start + most])


def in_sample(rows: Mapping[str, int]) -> Column:
    """Whether a row is in its tenant's sample. `rows`: how many rows each tenant has, more or less.

    A row is chosen by a hash of its `record_id`: all versions of a record, or none.
    """
    if is_whole(rows):
        return F.lit(True)
    pairs = [F.lit(part) for tenant, count in rows.items() for part in (tenant, share(count))]
    return F.pmod(F.xxhash64("record_id"), F.lit(_WHOLE)) < F.create_map(*pairs)[F.col("tenant_id")]


def is_whole(rows: Mapping[str, int]) -> bool:
    """Whether every tenant has so few rows that its sample is all of them."""
    return all(share(count) == _WHOLE for count in rows.values())


def share(rows: int) -> int:
    """How many of a million hashes are in the sample of a tenant with so many rows."""
    return _WHOLE if rows <= ROWS else max(_WHOLE * ROWS // rows, 1)


def distinct_values(value: Column, most: int) -> Column:
    """An aggregate: the `most` distinct values with the smallest hash; use it on sampled rows only."""
    ranked = F.array_sort(F.collect_set(F.struct(F.xxhash64(value).alias("rank"), value.alias("value"))))
    known = F.filter(ranked, lambda one: one["value"].isNotNull())
    return F.transform(F.slice(known, 1, most), lambda one: one["value"])
