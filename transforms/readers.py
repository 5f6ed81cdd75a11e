"""Landing files as one frame, whatever their format: `COLUMNS` and `__record`.

`payload` is the record as one JSON text; `position` orders the records of a file; `broken` marks
a record that could not be taken apart; `undeclared` names what a JSON record has beyond its
contract (null where the file's shape tells); `__record` holds its texts in the contract's nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from policy.contracts import Contract
from transforms.formats import Shape
from transforms.frames import frame_of
from transforms.records import RECORD, flat_record, parsed

COLUMNS = ("tenant_id", "batch_id", "position", "payload", "broken", "undeclared")
CORRUPT = "__lakeward_corrupt"
BYTE_ORDER_MARK = "\ufeff"
MAX_PAYLOAD = 20_000_000  # Jackson takes no longer text; it would leave an empty record, and say nothing
LOW_BITS = (1 << 33) - 1  # monotonically_increasing_id counts rows of a partition in its lower 33 bits


@dataclass(frozen=True)
class StagedFile:
    """One delivery under a neutral name, so that no plan, log or error shows what the tenant called it."""

    link: Path
    tenant: str
    batch_id: str
    shape: Shape


def read_staged(spark: SparkSession, files: Sequence[StagedFile], contract: Contract) -> DataFrame:
    """All files, which are of one contract, as one frame; files of one shape are read in one go."""
    by_shape: dict[Shape, list[StagedFile]] = {}
    for file in files:
        by_shape.setdefault(file.shape, []).append(file)
    frames = [
        _READERS[shape.format](spark, shape, [str(file.link) for file in group], contract)
        for shape, group in by_shape.items()
    ]
    rows = [(file.link.name, file.tenant, file.batch_id) for file in files]
    names = F.broadcast(frame_of(spark, rows, "link string, tenant_id string, batch_id string"))
    return reduce(DataFrame.unionByName, frames).join(names, "link").select(*COLUMNS, RECORD)


def _csv(spark: SparkSession, shape: Shape, paths: list[str], contract: Contract) -> DataFrame:
    # Columns are read by place: Spark finds more names alike than the header check does, and has its own.
    places = [f"c{number}" for number in range(len(shape.columns))]
    options = {
        "header": "true", "sep": shape.delimiter, "quote": '"', "escape": '"', "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": CORRUPT, "maxCharsPerColumn": "-1", "enforceSchema": "true",
    }  # fmt: skip
    if shape.line_end:
        options |= {"multiLine": "true", "lineSep": shape.line_end}
    schema = ", ".join(f"{place} string" for place in (*places, CORRUPT))
    frame = spark.read.schema(schema).options(**options).csv(paths)
    whole = _object(places, shape.columns)
    broken = F.col(CORRUPT).isNotNull()
    # A record that does not fit its header is kept as the text that arrived.
    raw = F.to_json(F.struct(F.col(CORRUPT).alias("unreadable")))
    payload = F.when(broken, raw).otherwise(whole)
    texts = {name: F.when(~broken, F.col(place)) for place, name in zip(places, shape.columns, strict=True)}
    # Told by the texts where they can tell: whoever only counts records need not write each as JSON.
    may_be_long = _longest_json([*places, CORRUPT], shape.columns) > MAX_PAYLOAD
    return frame.select(
        _link(), _position(), payload.alias("payload"),
        (broken | (may_be_long & _too_long(payload))).alias("broken"),
        _told_by_shape(), flat_record(texts, contract).alias(RECORD),
    )  # fmt: skip


def _json(spark: SparkSession, shape: Shape, paths: list[str], contract: Contract) -> DataFrame:
    frame = spark.read.text(paths, wholetext=shape.layout != "lines")
    frame = frame.withColumn("value", F.regexp_replace("value", f"^{BYTE_ORDER_MARK}", ""))
    if shape.layout == "array":
        parts = F.when(_one_json(F.col("value")), F.from_json("value", "array<string>"))
        kept = F.when(parts.isNull(), F.array("value")).otherwise(parts)
        frame = frame.select(_link(), F.posexplode(kept).alias("position", "payload"))
        frame = frame.withColumn("position", F.col("position").cast("long"))
    else:
        frame = frame.where(F.trim("value") != "").select(
            _link(), _position(), F.col("value").alias("payload")
        )
    frame = frame.withColumn("payload", F.coalesce("payload", F.lit("null")))
    names = F.json_object_keys("payload")
    # Of a name that stands twice Spark would take one value, and the other would be of no effect, unsaid.
    twice = F.size(names) > F.size(F.array_distinct(names))
    broken = names.isNull() | twice | ~_one_json(F.col("payload"))
    declared = F.array(*[F.lit(name) for name in sorted(contract.fields)])
    more = F.when(~broken, F.array_except(names, declared))
    return frame.withColumns(
        {
            "broken": broken | _too_long(F.col("payload")),
            "undeclared": more,
            RECORD: parsed(F.col("payload"), contract),
        }
    )


def _one_json(text: Column) -> Column:
    """Whether the text is one JSON value: Spark's own JSON functions pass over what follows the first."""
    return F.coalesce(F.json_array_length(F.concat(F.lit("["), text, F.lit("]"))) == 1, F.lit(False))


def _parquet(spark: SparkSession, shape: Shape, paths: list[str], contract: Contract) -> DataFrame:
    read = spark.read.parquet(*paths)
    # A file can have a column of this name too, and must not say of itself whose it is.
    of_file = read.metadataColumn("_metadata")
    places = [f"c{number}" for number in range(len(shape.columns))]
    frame = read.select("*", of_file).toDF(*places, "_metadata")
    payload = _object(places, shape.columns)
    return frame.select(
        _link(), F.col("_metadata.row_index").alias("position"), payload.alias("payload"),
        _too_long(payload).alias("broken"), _told_by_shape(), parsed(payload, contract).alias(RECORD),
    )  # fmt: skip


def _too_long(payload: Column) -> Column:
    return F.octet_length(payload) > MAX_PAYLOAD


def _longest_json(places: Sequence[str], names: Sequence[str]) -> Column:
    """How many bytes an object of these texts can take at most: a control character becomes six of ASCII."""
    texts = [F.coalesce(F.octet_length(place), F.lit(0)).cast("long") for place in places]
    frame = sum(6 * len(name.encode()) + 6 for name in (*names, "unreadable"))
    return reduce(Column.__add__, texts) * 6 + frame


def _told_by_shape() -> Column:
    return F.lit(None).cast("array<string>").alias("undeclared")


def _object(places: Sequence[str], names: Sequence[str]) -> Column:
    pairs = zip(places, names, strict=True)
    return F.to_json(F.struct(*[F.col(place).alias(name) for place, name in pairs]))


def _link() -> Column:
    return F.substring_index(F.col("_metadata.file_path"), "/", -1).alias("link")


def _position() -> Column:
    """Block of the file (in MiB) and row within it: rises along the file, also where Spark splits it."""
    block = F.shiftleft(F.shiftright(F.col("_metadata.file_block_start"), 20), 33)
    return (block + F.monotonically_increasing_id().bitwiseAND(LOW_BITS)).alias("position")


_READERS: Mapping[str, Callable[[SparkSession, Shape, list[str], Contract], DataFrame]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
