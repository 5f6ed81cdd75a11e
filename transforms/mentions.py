"""Persons who are named in somebody else's record: in prose as `<class:token>`, or in a column.

Such a record stays. What names the person is taken out of the sealed payload, where the value stands in the
clear once it is opened, and out of silver, where its token stands.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import StringType

from classifications.detector import Detector
from classifications.redact import redact
from policy import Normaliser
from policy.contracts import Column
from tenancy.normalise import normalise
from tenancy.tokens import token
from transforms.treatments.redact import tokeniser

NAMING = (
    "user.name",
    "user.contact.email",
    "user.contact.phone_number",
    "user.financial.bank_account",
    "user.financial.credit_card",
    "user.government_id.national_identification_number",
)
"""The classes by which prose can name one person, among those that detection finds. First names, places and
streets are shared by too many."""
ERASED = "erased"
"""Stands in a placeholder where the token was."""
CELL = "="
"""Stands before the mark of a column's token, so that it is no mark of prose."""
_MARK = "<([a-z_]+(?:[.][a-z_]+)*:[0-9a-f]{32})>"


@dataclass(frozen=True)
class Gone:
    """Who is taken out: `marks` of prose (`class:token`), `cells` of columns (domain, token)."""

    marks: frozenset[str]
    cells: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Cell:
    """A column that can name a person: where it stands in a record, and how its token is made."""

    path: tuple[str, ...]
    domain: str
    normaliser: Normaliser


@dataclass(frozen=True)
class Reader:
    """How a tenant's values become tokens and marks: its token key and calling code, and who reads prose."""

    key: bytes
    calling_code: str
    detector: Detector


def marked(
    rows: DataFrame, texts: Sequence[str], tokens: Mapping[str, str], marks: DataFrame, told: Sequence[str]
) -> DataFrame:
    """The rows, treated as silver's are, that show one of `marks` (`request_id`, `mark`).

    They show one in redacted `texts` as `<class:token>`, or in a column of `tokens` (name to token domain) as
    its token, whose mark is `CELL`, the domain, `:` and the token. Gives `request_id` and the columns `told`.
    """
    nothing = F.array().cast("array<string>")
    prose = [F.coalesce(F.regexp_extract_all(name, F.lit(_MARK), F.lit(1)), nothing) for name in texts]
    cells = [
        F.concat(F.lit(f"{CELL}{domain}:"), F.col(name))
        for name, domain in tokens.items()
        if name in rows.columns
    ]
    found = F.concat(nothing, F.array(*cells).cast("array<string>"), *prose)
    shown = rows.select(*told, F.explode(found).alias("mark"))
    return shown.join(F.broadcast(marks), "mark").select("request_id", *told).distinct()


def forget_in_payloads(
    texts: Sequence[Column], cells: Sequence[Cell], gone: Gone, detector: Detector
) -> SparkColumn:
    """The column `payload` of opened records without what names these persons; needs the key columns.

    A cell becomes null. In prose, as `detector` reads it, the span becomes `<class:erased>`.
    """
    paths = [column.path for column in texts]

    def forget(payloads: pd.Series, keys: pd.Series, codes: pd.Series) -> pd.Series:
        return pd.Series(
            [
                forget_in_payload(payload, paths, cells, gone, Reader(bytes(key), str(code), detector))
                for payload, key, code in zip(payloads, keys, codes, strict=True)
            ],
            index=payloads.index,
            dtype=object,
        )

    udf = pandas_udf(forget, StringType())  # type: ignore[call-overload]
    return udf(F.col("payload"), F.col("key_token"), F.col("key_code"))  # type: ignore[no-any-return]


def forget_in_payload(
    payload: str,
    texts: Sequence[tuple[str, ...]],
    cells: Sequence[Cell],
    gone: Gone,
    reader: Reader,
) -> str:
    """One record's JSON text without what names these persons; all else stays as it was written."""
    guard = os.urandom(8).hex()  # numbers keep their digits: they pass through as guarded texts
    record = json.loads(payload, parse_float=lambda text: guard + text, parse_int=lambda text: guard + text)
    changed = False
    for cell in cells:
        holder, name = _holder(record, cell.path)
        value = holder.get(name) if holder is not None else None
        if holder is None or value is None:
            continue
        normal = normalise(cell.normaliser, str(value).removeprefix(guard), reader.calling_code)
        if (cell.domain, token(reader.key, cell.domain, normal)) in gone.cells:
            holder[name], changed = None, True

    def without(text: str) -> str:
        plain = text.removeprefix(guard)
        told = forget_in_prose(plain, gone.marks, reader)
        return text if told == plain else told

    for path in texts:
        holder, name = _holder(record, path)
        if holder is not None and name in holder:
            value = _in_texts(holder[name], without)
            changed = changed or value != holder[name]
            holder[name] = value
    if not changed:
        return payload
    written = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return re.sub(f'"{guard}([^"]*)"', r"\1", written)


def _in_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with each text in it changed; names stay."""
    if isinstance(value, list):
        return [_in_texts(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _in_texts(one, change) for name, one in value.items()}
    return change(value) if isinstance(value, str) else value


def forget_in_prose(text: str, marks: frozenset[str], reader: Reader) -> str:
    """`text` with each detected span whose placeholder is among `marks` as `<class:erased>`."""
    tokenise = tokeniser(reader.key, reader.calling_code, reader.detector)
    (spans,) = reader.detector.detect([text])
    theirs = [
        span
        for span in spans
        if f"{span.data_class}:{tokenise(span.data_class, text[span.start : span.end])}" in marks
    ]
    return redact(text, theirs, lambda _class, _value: ERASED)


def _holder(record: Any, path: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """The object that holds the last part of a path; names meet as Spark reads them, exactly."""
    node = record
    for segment in path[:-1]:
        node = node.get(segment) if isinstance(node, dict) else None
    return (node if isinstance(node, dict) else None), path[-1]
