"""Rows that stay and lose values: the payload without them, sealed anew, with a mark of what was taken.

The mark is bronze's and silver's column `emptied`: names of contract columns, and `*` for all that the
contract did not declare. It is written in the commit that takes the values, so it is never apart from them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence

import pandas as pd
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import StringType

from policy.contracts import Contract
from policy.taxonomy import Taxonomy
from tenancy.tokens import TOKEN_LENGTH
from transforms.frames import frame_of
from transforms.seal import opened_row, seal_row
from transforms.tokens import with_keys

EMPTIED = "emptied"
UNDECLARED = "*"
PLACE = ("tenant_id", "batch_id", "position")
SALT_BYTES = 32
Path = tuple[str, ...]


def anonymous_columns(contract: Contract, taxonomy: Taxonomy) -> tuple[str, ...]:
    """What goes from a row that is made anonymous: what is personal, what is prose, what is undeclared."""
    personal = [
        one.name
        for one in contract.columns
        if one.free_text or (one.data_class is not None and taxonomy[one.data_class].personal)
    ]
    return (UNDECLARED, *personal)


def already_emptied(rows: DataFrame) -> SparkColumn:
    """The mark of each row; empty where there is none, or the table never had one."""
    nothing = F.array().cast("array<string>")
    return F.coalesce(F.col(EMPTIED), nothing) if EMPTIED in rows.columns else nothing


def emptied_rows(bronze: DataFrame, taken: DataFrame, contract: Contract, keys: DataFrame) -> DataFrame:
    """New cells for the rows of bronze that lose values, by `PLACE`.

    All are of tenants with this contract. `taken` has `PLACE` and `take` (names of columns). The subject's
    token goes with its column. Where a column of the primary key goes from all rows of a record, its id is
    replaced, by one that nobody can compute: the old one is a token of the key. A row that does not open
    stops the job.
    """
    marked = bronze.withColumn("before", already_emptied(bronze)).drop(EMPTIED)
    marked = marked.join(taken, list(PLACE), "left").withColumn(
        EMPTIED,
        F.when(F.col("take").isNull(), F.col("before")).otherwise(
            F.array_sort(F.array_union("before", "take"))
        ),
    )
    changed = F.col("take").isNotNull()
    if contract.primary_key:
        record = Window.partitionBy("tenant_id", "record_id")
        keyless = F.arrays_overlap(EMPTIED, F.array(*[F.lit(name) for name in contract.primary_key]))
        marked = marked.withColumn("renamed", F.min(keyless).over(record) & F.max(changed).over(record))
        changed |= F.col("renamed")
    else:
        marked = marked.withColumn("renamed", F.lit(False))
    return _sealed_anew(marked.where(changed), contract, keys)


def _sealed_anew(rows: DataFrame, contract: Contract, keys: DataFrame) -> DataFrame:
    dataset = contract.dataset
    keyed = with_keys(rows.drop("key_id"), keys)
    opened = keyed.withColumn("payload", opened_row("bronze", dataset))
    opened = opened.withColumn("payload", empty_payloads(contract))
    # As rows of a frame, like keys: no plan shows it, and nobody has it afterwards.
    salt = frame_of(rows.sparkSession, [(os.urandom(SALT_BYTES),)], "salt binary")
    new_id = F.substring(F.sha2(F.concat("salt", F.col("record_id").cast("binary")), 256), 1, TOKEN_LENGTH)
    opened = opened.crossJoin(F.broadcast(salt)).withColumn(
        "record_id", F.when(F.col("renamed"), new_id).otherwise(F.col("record_id"))
    )
    if contract.subject_column is not None:
        gone = F.array_contains(EMPTIED, contract.subject_column)
        opened = opened.withColumn("subject_token", F.when(~gone, F.col("subject_token")))
    sealed = opened.withColumn("sealed", seal_row(F.col("payload"), "bronze", dataset))
    return sealed.select(*PLACE, "record_id", "subject_token", "key_id", "sealed", EMPTIED)


def empty_payloads(contract: Contract) -> SparkColumn:
    """The column `payload` of opened records without what `emptied` names."""
    paths = {column.name: column.path for column in contract.columns}

    def empty(payloads: pd.Series, marks: pd.Series) -> pd.Series:
        pairs = zip(payloads, marks, strict=True)
        told = [empty_payload(payload, list(mark), paths) for payload, mark in pairs]
        return pd.Series(told, index=payloads.index, dtype=object)

    udf = pandas_udf(empty, StringType())  # type: ignore[call-overload]
    return udf(F.col("payload"), F.col(EMPTIED))  # type: ignore[no-any-return]


def empty_payload(payload: str, gone: Sequence[str], paths: Mapping[str, Path]) -> str:
    """One record's JSON text without the columns `gone`; numbers keep their digits."""
    guard = os.urandom(8).hex()
    record = json.loads(payload, parse_float=lambda text: guard + text, parse_int=lambda text: guard + text)
    taken = {paths[name] for name in gone if name in paths}
    left = _declared(record, set(paths.values())) if UNDECLARED in gone else record
    for path in taken:
        _remove(left, path)
    written = json.dumps(left, ensure_ascii=False, separators=(",", ":"))
    return re.sub(f'"{guard}([^"]*)"', r"\1", written)


def _declared(record: object, paths: set[Path]) -> dict[str, object]:
    """The record with the values at these paths alone."""
    kept: dict[str, object] = {}
    if not isinstance(record, dict):
        return kept
    for name, value in record.items():
        if (name,) in paths:
            kept[name] = value
        elif below := {path[1:] for path in paths if len(path) > 1 and path[0] == name}:
            kept[name] = _declared(value, below)
    return kept


def _remove(record: object, path: Path) -> None:
    node = record
    for segment in path[:-1]:
        node = node.get(segment) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node.pop(path[-1], None)
