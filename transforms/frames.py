"""Small frames of values that the driver has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType


def frame_of(spark: SparkSession, rows: Iterable[Sequence[object]], schema: str) -> DataFrame:
    """The rows as a frame with the columns of `schema`, which is in Spark's DDL (`"id string, n int"`).

    They stand in the plan as a local relation. Spark's own way from a list to a frame leads every row through
    Python workers in each job that reads it, and starting those takes seconds of a session.
    """
    struct = cast(StructType, StructType.fromDDL(schema))
    types = to_arrow_schema(struct, timezone="UTC")
    table = pa.Table.from_pylist([dict(zip(types.names, row, strict=True)) for row in rows], types)
    return spark.createDataFrame(table, struct)
