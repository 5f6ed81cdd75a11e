"""Patterns that are tried only where a word of theirs is in the text: most texts are spared them."""

from __future__ import annotations

from presidio_analyzer import PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts


class HintedRecognizer(PatternRecognizer):
    """A pattern recognizer with HINTS, lower-case pieces of text without which none of its patterns can match."""

    HINTS: tuple[str, ...] = ()

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """As Presidio's, or nothing where no hint is."""
        lower = text.lower()
        if not any(hint in lower for hint in self.HINTS):
            return []
        return list(super().analyze(text, entities, nlp_artifacts, regex_flags))
