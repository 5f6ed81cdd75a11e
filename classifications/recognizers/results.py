"""What a recognizer of ours reports, in Presidio's form."""

from __future__ import annotations

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult


def result_of(
    recognizer: EntityRecognizer, entity: str, span: tuple[int, int], score: float
) -> RecognizerResult:
    """A result of this recognizer: an entity at a span (start, end) with its score."""
    name = type(recognizer).__name__
    return RecognizerResult(
        entity_type=entity,
        start=span[0],
        end=span[1],
        score=score,
        analysis_explanation=AnalysisExplanation(recognizer=name, original_score=score),
        recognition_metadata={
            RecognizerResult.RECOGNIZER_NAME_KEY: name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
        },
    )
