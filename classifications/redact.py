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
                f"the span {span.start}..{span.end} of class {span.data_class} overlaps another or lies outside "
                f"the text of {len(text)} characters. To mend it: redact a text with the spans detected in it"
            )
    results = [
        RecognizerResult(entity_type=span.data_class, start=span.start, end=span.end, score=span.score)
        for span in ordered
    ]
    operator = OperatorConfig(TokenOperator.NAME, {TokenOperator.TOKENISE: tokenise})
    redacted = _engine().anonymize(
        text,
        # The engine is typed for its own copy of this class; the two are the same.
        results,
        operators={"DEFAULT": operator},
        merge_entities_with_spaces=False,
    )
    return str(redacted.text)


@cache
def _engine() -> AnonymizerEngine:
    silence_presidio()
    engine = AnonymizerEngine()
    engine.add_anonymizer(TokenOperator)
    return engine
