"""Landing files as one frame: `tenant_id, batch_id, position, payload, broken`, whatever their format.

`payload` is the record as one JSON text; `position` orders the records of a file; `broken` marks
a record that could not be taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from transforms.formats import Shape

CORRUPT = "__lakeward_corrupt"
LOW_BITS = (1 << 33) - 1  # monotonically_increasing_id counts rows of a partition in its lower 33 bits


@dataclass(frozen=True)
class StagedFile:
    """One delivery under a neutral name, so that no plan, log or error shows what the tenant called it."""

    link: Path
    tenant: str
    batch_id: str
    shape: Shape


def read_staged(spark: SparkSession, files: Sequence[StagedFile]) -> DataFrame:
    """All files as one frame; files of one shape are read in one go."""
    by_shape: dict[Shape, list[StagedFile]] = {}
    for file in files:
        by_shape.setdefault(file.shape, []).append(file)
    frames = [_READERS[shape.format](spark, shape, [str(file.link) for file in group]) for shape, group in by_shape.items()]
    rows = [(file.link.name, file.tenant, file.batch_id) for file in files]
    names = F.broadcast(spark.createDataFrame(rows, "link string, tenant_id string, batch_id string"))
    together = reduce(DataFrame.unionByName, frames)
    return together.join(names, "link").select("tenant_id", "batch_id", "position", "payload", "broken")


def _csv(spark: SparkSession, shape: Shape, paths: list[str]) -> DataFrame:
    fields = [f"`{name.replace('`', '``')}` string" for name in (*shape.columns, CORRUPT)]
    options = {
        "header": "true", "sep": shape.delimiter, "quote": '"', "escape": '"', "multiLine": "true",
        "mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT, "maxCharsPerColumn": "-1", "enforceSchema": "true",
    }  # fmt: skip
    frame = spark.read.schema(", ".join(fields)).options(**options).csv(paths)
    whole = F.to_json(F.struct(*[frame[f"`{name.replace('`', '``')}`"] for name in shape.columns]))
    broken = F.col(CORRUPT).isNotNull()
    # A record that does not fit its header is kept as the text that arrived.
    raw = F.to_json(F.struct(F.col(CORRUPT).alias("unreadable")))
    return frame.select(_link(), _position(), F.when(broken, raw).otherwise(whole).alias("payload"), broken.alias("broken"))


def _json(spark: SparkSession, shape: Shape, paths: list[str]) -> DataFrame:
    frame = spark.read.option("wholetext", str(shape.layout != "lines").lower()).text(paths)
    if shape.layout == "array":
        parts = F.from_json("value", "array<string>")
        kept = F.when(parts.isNull(), F.array("value")).otherwise(parts)
        frame = frame.select(_link(), F.posexplode(kept).alias("position", "payload"))
        frame = frame.withColumn("position", F.col("position").cast("long"))
    else:
        frame = frame.where(F.trim("value") != "").select(_link(), _position(), F.col("value").alias("payload"))
    return frame.withColumn("broken", F.json_object_keys("payload").isNull())


def _parquet(spark: SparkSession, shape: Shape, paths: list[str]) -> DataFrame:
    frame = spark.read.option("mergeSchema", "true").parquet(*paths)
    payload = F.to_json(F.struct(*[F.col(f"`{name}`") for name in frame.columns]))
    return frame.select(
        _link(), F.col("_metadata.row_index").alias("position"), payload.alias("payload"), F.lit(False).alias("broken")
    )


def _link() -> Column:
    return F.element_at(F.split(F.col("_metadata.file_path"), "/"), -1).alias("link")


def _position() -> Column:
    """Block of the file (in MiB) and row within it: rises along the file, also where Spark splits it."""
    block = F.shiftleft(F.shiftright(F.col("_metadata.file_block_start"), 20), 33)
    return (block + F.monotonically_increasing_id().bitwiseAND(LOW_BITS)).alias("position")


_READERS: Mapping[str, Callable[[SparkSession, Shape, list[str]], DataFrame]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
