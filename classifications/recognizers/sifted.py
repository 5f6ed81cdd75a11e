"""Recognizers of Presidio's whose results are looked at again, with the text around them."""

from __future__ import annotations

from presidio_analyzer import PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts


class SiftedRecognizer(PatternRecognizer):
    """Stands before one of Presidio's recognizers in a class's bases; what `stands` says no to is dropped."""

    def stands(self, text: str, start: int, end: int) -> bool:
        """Whether what was found at this place is what it looks like."""
        raise NotImplementedError

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """Presidio's results that stand."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        return [one for one in found if self.stands(text, one.start, one.end)]
