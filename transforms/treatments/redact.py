"""`redact`: personal spans of free text become `<class:token>`; the one treatment that needs Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import pandas as pd
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import StringType

from classifications.detector import Detector
from classifications.detector_config import DetectorConfig
from classifications.redact import redact as redact_text
from tenancy.normalise import normalise
from tenancy.tokens import token
from transforms.treatments.cell import Cell
from transforms.treatments.remembered import Remembered


def redact(cell: Cell) -> Column:
    """The text with each detected span replaced; its tokens equal those of structured columns."""
    return redacted(cell.raw, F.col("key_token"), F.col("key_code"), cell.rules.detector)


def redacted(text: Column, token_key: Column, calling_code: Column, detector: Detector) -> Column:
    """`text` with each detected span replaced by its class and its token under the key of the row."""

    def redact_batch(texts: pd.Series, token_keys: pd.Series, calling_codes: pd.Series) -> pd.Series:
        return _redact_batch(texts, token_keys, calling_codes, detector)

    # Made here and not at import: Python workers import this module, and they have no session.
    udf = pandas_udf(redact_batch, StringType())  # type: ignore[call-overload]
    return udf(text, token_key, calling_code)  # type: ignore[no-any-return]


def tokeniser(token_key: bytes, calling_code: str, detector: Detector) -> Callable[[str, str], str]:
    """`(data class, span text) -> token`: what the Presidio operator puts into its placeholders.

    Each class is normalised as it ships; one of a policy's recognizer, as the policy says.
    """

    def tokenise(data_class: str, text: str) -> str:
        how = detector.taxonomy.normaliser_of(data_class)
        return token(token_key, data_class, normalise(how, text, calling_code))

    return tokenise


LATER_PASSES = 2


@lru_cache(1)
def _remembered(_config: DetectorConfig) -> Remembered:
    """What this process made by the detector that it had last; one job has one."""
    return Remembered()


def _redact_batch(
    texts: pd.Series, token_keys: pd.Series, calling_codes: pd.Series, detector: Detector
) -> pd.Series:
    rows = pd.DataFrame({"text": texts, "key": token_keys, "code": calling_codes}).dropna(subset=["text"])
    redacted = pd.Series([None] * len(texts), index=texts.index, dtype=object)
    for _, group in rows.groupby(["key", "code"]):
        key, code = group["key"].iloc[0], group["code"].iloc[0]
        distinct = group["text"].unique().tolist()  # equal texts are looked at once
        tokenise = tokeniser(bytes(key), str(code), detector)
        redact_new = partial(redact_all, tokenise=tokenise, detector=detector)
        done = _remembered(detector.config).redacted(distinct, bytes(key), str(code), redact_new)
        redacted.loc[group.index] = group["text"].map(dict(zip(distinct, done, strict=True)))
    return redacted


def redact_all(texts: list[str], tokenise: Callable[[str, str], str], detector: Detector) -> list[str]:
    """Each text redacted, and looked at again where something was found.

    What stood beside a personal value can look different once the value is gone: the rest of a
    number that was cut, for one. Later passes take only classes that prove themselves.
    """
    current = [
        redact_text(text, spans, tokenise) for text, spans in zip(texts, detector.detect(texts), strict=True)
    ]
    changed = [index for index, text in enumerate(texts) if current[index] != text]
    for _ in range(LATER_PASSES):
        found = zip(changed, detector.detect_proven([current[index] for index in changed]), strict=True)
        strong = {index: spans for index, spans in found if spans}
        for index, spans in strong.items():
            current[index] = redact_text(current[index], spans, tokenise)
        changed = list(strong)
    return current
