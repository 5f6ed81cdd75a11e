"""Free text with every personal value replaced by its class and token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from classifications.quiet import silence_presidio
from classifications.spans import Span
from classifications.token_operator import TokenOperator
from policy.errors import LakewardError

# The engine copies the whole text for each replacement: long texts go through in stretches.
_AT_ONCE = 200


def redact(text: str, spans: Sequence[Span], tokenise: Callable[[str, str], str]) -> str:
    """`text` with each span as `<data_class:token>`; everything outside the spans stays as it was.

    `spans` do not overlap (as `Detector.detect` gives them); `tokenise(data_class, value)` gives 32
    hex digits. Raises LakewardError when a span lies outside the text or two overlap: replacing
    half a value would leave the other half readable.
    """
    if not spans:
        return text
    ordered = sorted(spans)
    ends = [0, *(span.end for span in ordered[:-1])]
    for span, earliest in zip(ordered, ends, strict=True):
        if not earliest <= span.start < span.end <= len(text):
            raise LakewardError(
                f"the span {span.start}..{span.end} of class {span.data_class} overlaps another, or lies "
                f"outside the text of {len(text)} characters. "
                "To mend it: redact a text with the spans that were detected in it"
            )
    operator = OperatorConfig(TokenOperator.NAME, {TokenOperator.TOKENISE: tokenise})
    done, start = [], 0
    for first in range(0, len(ordered), _AT_ONCE):
        group = ordered[first : first + _AT_ONCE]
        done.append(_replace(text[start : group[-1].end], start, group, operator))
        start = group[-1].end
    return "".join([*done, text[start:]])


def _replace(part: str, offset: int, spans: Sequence[Span], operator: OperatorConfig) -> str:
    """One stretch of the text that begins at `offset`, with its spans replaced by the engine."""
    results = [
        RecognizerResult(
            entity_type=span.data_class, start=span.start - offset, end=span.end - offset, score=span.score
        )
        for span in spans
    ]
    # Neighbours are not merged: each value has a token of its own.
    redacted = _engine().anonymize(
        part, results, operators={"DEFAULT": operator}, merge_entities_with_spaces=False
    )
    return str(redacted.text)


@cache
def _engine() -> AnonymizerEngine:
    silence_presidio()
    engine = AnonymizerEngine()  # type: ignore[no-untyped-call]
    engine.add_anonymizer(TokenOperator)
    return engine
