"""Personal values that are still readable after treatment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from classifications.detector import Detector
from classifications.entities import STRONG_CLASSES
from classifications.placeholders import PLACEHOLDER, TOKEN


def residual_spans(
    values: Sequence[str], detector: Detector, classes: frozenset[str] = STRONG_CLASSES
) -> Mapping[str, int]:
    """By data class: how many distinct treated values still hold a readable one. Empty when clean.

    Tokens, placeholders and sealed cells are no finding. By default only the classes that prove
    themselves count (e-mail, phone, card, bank account, IP address, national id): a check that
    blocks a run must not do so on the language model's guess at a name.
    """
    readable = sorted({value for value in values if not _is_treated(value)})
    counts: Counter[str] = Counter()
    detect = detector.detect_proven if classes <= STRONG_CLASSES else detector.detect
    for spans in detect(readable):
        counts.update({span.data_class for span in spans} & classes)
    return dict(sorted(counts.items()))


def _is_treated(value: str) -> bool:
    return TOKEN.match(value) is not None or PLACEHOLDER.fullmatch(value) is not None
