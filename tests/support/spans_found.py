"""What the detector finds in a text, as tests ask for it."""

from __future__ import annotations

from classifications.detector import Detector

DETECTOR = Detector.default()


def found(text: str, *context: str) -> list[tuple[str, str]]:
    """Value and entity of each span, in the order of the text."""
    return [(text[span.start : span.end], span.entity) for span in DETECTOR.detect([text], context)[0]]
