"""Checked records become sealed rows of bronze and quarantine."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from policy.contracts import Contract
from policy.taxonomy import Taxonomy
from transforms.records import RECORD, parsed, raw, reasons, typed
from transforms.seal import seal_row
from transforms.tokens import text_token, value_token, with_keys

BRONZE = (
    "tenant_id", "record_id", "subject_token", "occurred_at", "ingested_at", "batch_id", "position",
    "policy_digest", "key_id", "sealed",
)  # fmt: skip
QUARANTINE = (
    "tenant_id", "record_id", "ingested_at", "batch_id", "position", "reasons", "policy_digest",
    "key_id", "sealed",
)  # fmt: skip
PART = "\u001f"  # ASCII unit separator: stands between the parts of a key


def checked(records: DataFrame, contract: Contract, *, placed: bool = False) -> DataFrame:
    """`records` (see `transforms.readers`) with `reasons`, and with `__record` where it was not there yet.

    `placed` says that `position` is final already, as it is for records that come from quarantine.
    """
    if RECORD not in records.columns:
        records = records.withColumn(RECORD, parsed(F.col("payload"), contract))
    frame = records.withColumn("reasons", reasons(contract))
    if contract.primary_key or placed:
        return frame
    # Without a key a record is known by its place, so the place must not depend on how Spark splits.
    place = Window.partitionBy("batch_id").orderBy("position")
    return frame.withColumn("position", F.row_number().over(place).cast("long"))


def bronze_rows(
    good: DataFrame,
    contract: Contract,
    taxonomy: Taxonomy,
    keys: DataFrame,
    ingested_at: datetime,
    digest: str,
) -> DataFrame:
    """Rows of `bronze.<dataset>` from checked records without reasons."""
    frame = with_keys(good, keys).withColumns(
        {
            "subject_token": _subject(contract, taxonomy),
            "record_id": text_token(_record_key(contract)),
            "occurred_at": _occurred(contract),
            "ingested_at": F.lit(ingested_at).cast("timestamp"),
            "policy_digest": F.lit(digest),
        }
    )
    frame = frame.withColumn("sealed", seal_row(F.col("payload"), "bronze", contract.dataset))
    return frame.select(*BRONZE)


def quarantine_rows(
    bad: DataFrame, contract: Contract, keys: DataFrame, ingested_at: datetime, digest: str
) -> DataFrame:
    """Rows of `quarantine.<dataset>` from checked records with reasons."""
    place = F.concat_ws(
        PART, F.lit(f"place|{contract.dataset}|"), F.col("batch_id"), F.col("position").cast("string")
    )
    frame = with_keys(bad, keys).withColumns(
        {
            "record_id": text_token(place),
            "ingested_at": F.lit(ingested_at).cast("timestamp"),
            "policy_digest": F.lit(digest),
        }
    )
    frame = frame.withColumn("sealed", seal_row(F.col("payload"), "quarantine", contract.dataset))
    return frame.select(*QUARANTINE)


def _record_key(contract: Contract) -> SparkColumn:
    if contract.primary_key:
        parts = [typed(contract.column(name)).cast("string") for name in contract.primary_key]
    else:
        content = F.substring_index("batch_id", "-", -1)
        parts = [content, F.col("position").cast("string"), F.col("payload")]
    return F.concat_ws(PART, F.lit(f"record|{contract.dataset}|"), *parts)


def _subject(contract: Contract, taxonomy: Taxonomy) -> SparkColumn:
    if contract.subject_column is None:
        return F.lit(None).cast("string")
    column = contract.column(contract.subject_column)
    how = taxonomy[column.data_class].normaliser  # type: ignore[index]
    return value_token(column.token_domain, how, raw(column))


def _occurred(contract: Contract) -> SparkColumn:
    if contract.time_column is None:
        return F.lit(None).cast("timestamp")
    return typed(contract.column(contract.time_column)).cast("timestamp")
