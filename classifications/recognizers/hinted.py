"""Patterns that are tried only where a cheaper one is in the text: most texts are spared them."""

from __future__ import annotations

import regex
from presidio_analyzer import PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts


class HintedRecognizer(PatternRecognizer):
    """A pattern recognizer with a HINT, without a match of which none of its patterns can match."""

    HINT: regex.Pattern[str]

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """As Presidio's, or nothing where no hint is."""
        if self.HINT.search(text) is None:
            return []
        return list(super().analyze(text, entities, nlp_artifacts, regex_flags))
