"""What sampled columns hold, found in this process or by Spark's Python workers, with the same result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame

from classifications.columns import ColumnProfile, profile_columns
from classifications.detector import Detector

Profiles = dict[str, list[ColumnProfile]]


@dataclass(frozen=True)
class Profiler:
    """Makes profiles of a table's `columns`.

    `samples` are rows of `tenant_id` and an array of values for each column, in their order.
    """

    columns: Sequence[str]
    table: str
    detector: Detector

    def of(self, values: Iterable[Sequence[str]]) -> list[ColumnProfile]:
        """The profiles of one tenant's columns, whose values come in the columns' order."""
        named: Mapping[str, Sequence[str]] = dict(zip(self.columns, values, strict=True))
        return profile_columns(named, self.table, self.detector)

    def here(self, samples: DataFrame) -> Profiles:
        """Each tenant's profiles, made in this process."""
        return {str(tenant): self.of(values) for tenant, *values in samples.collect()}

    def in_workers(self, samples: DataFrame, tenants: int) -> Profiles:
        """Each tenant's profiles, made on all cores; no value leaves the worker that reads it."""
        # As many partitions as tenants: a core that is done takes the next one.
        spread = samples.repartition(tenants, "tenant_id")
        told = spread.mapInPandas(partial(_profiled, self), "tenant_id string, profiles string").collect()
        return {row.tenant_id: [ColumnProfile(**one) for one in json.loads(row.profiles)] for row in told}


def _profiled(profiler: Profiler, batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for batch in batches:
        rows: list[dict[str, Any]] = [
            {
                "tenant_id": tenant,
                "profiles": json.dumps([asdict(one) for one in profiler.of(map(list, values))]),
            }
            for tenant, *values in batch.itertuples(index=False)
        ]
        yield pd.DataFrame(rows, columns=["tenant_id", "profiles"])
