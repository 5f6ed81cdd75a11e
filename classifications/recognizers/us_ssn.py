"""American social security numbers, and not a part of a longer number or the number of a thing."""

from __future__ import annotations

import regex
from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import UsSsnRecognizer

from classifications.recognizers.phone import OF_A_THING

_DIGITS_BEFORE = regex.compile(r"\d[ -]?\Z|\d\p{Lu}[ ]\Z")
_DIGITS_BEHIND = regex.compile(r"[ -]?\d")
_LOOK_BACK = 32


class SocialSecurityRecognizer(UsSsnRecognizer):
    """Presidio's, less near-misses: "invoice 109-55-2718", "1Z 48F 117 03 9921 6640"."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        """The numbers of the text."""
        return [
            one
            for one in super().analyze(text, entities, nlp_artifacts, regex_flags)
            if not OF_A_THING.search(text[max(0, one.start - _LOOK_BACK) : one.start])
            and not _DIGITS_BEFORE.search(text[max(0, one.start - 3) : one.start])
            and not _DIGITS_BEHIND.match(text, one.end)
        ]
