"""`redact`: personal spans of free text become `<class:token>`; the only treatment that goes through Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from classifications.detector import Detector
from classifications.redact import redact as redact_text
from policy import Normaliser, Taxonomy, shipped_taxonomy
from tenancy.normalise import normalise
from tenancy.tokens import token
from transforms.treatments.cell import Cell


def redact(cell: Cell) -> Column:
    """The text with each detected span replaced; its tokens equal those of structured columns."""
    # Made here and not at import: Python workers import this module, and they have no session.
    redact_batch = F.pandas_udf(_redact_batch, StringType())  # type: ignore[call-overload]
    return redact_batch(cell.raw, F.col("key_token"), F.col("key_code"))  # type: ignore[no-any-return]


def tokeniser(token_key: bytes, calling_code: str, taxonomy: Taxonomy) -> Callable[[str, str], str]:
    """`(data class, span text) -> token`: what the Presidio operator puts into its placeholders."""

    def tokenise(data_class: str, text: str) -> str:
        how = taxonomy[data_class].normaliser if data_class in taxonomy else Normaliser.TEXT
        return token(token_key, data_class, normalise(how, text, calling_code))

    return tokenise


@cache
def _detector() -> Detector:
    return Detector.default()  # once a Python worker: loading the language model takes seconds


def _redact_batch(texts: pd.Series, token_keys: pd.Series, calling_codes: pd.Series) -> pd.Series:
    present = texts.notna()
    if not present.any():
        return texts
    # Equal texts are looked at once.
    distinct = texts[present].unique().tolist()
    found = dict(zip(distinct, _detector().detect(distinct), strict=True))
    taxonomy = shipped_taxonomy()
    redacted = [
        redact_text(text, found[text], tokeniser(bytes(key), code, taxonomy)) if here else None
        for text, key, code, here in zip(texts, token_keys, calling_codes, present, strict=True)
    ]
    return pd.Series(redacted, dtype=object)
