"""American social security numbers, and not a part of a longer number or the number of a thing."""

from __future__ import annotations

import regex
from presidio_analyzer.predefined_recognizers import UsSsnRecognizer

from classifications.recognizers.phone import is_of_a_thing
from classifications.recognizers.sifted import SiftedRecognizer

_DIGITS_BEFORE = regex.compile(r"\d[ -]?\Z|\d\p{Lu}[ ]\Z")
_DIGITS_BEHIND = regex.compile(r"[ -]?\d")


class SocialSecurityRecognizer(SiftedRecognizer, UsSsnRecognizer):
    """Presidio's, less near-misses: "invoice 109-55-2718", "1Z 48F 117 03 9921 6640"."""

    def stands(self, text: str, start: int, end: int) -> bool:
        """See `SiftedRecognizer`."""
        return not (
            is_of_a_thing(text, start)
            or _DIGITS_BEFORE.search(text[max(0, start - 3) : start])
            or _DIGITS_BEHIND.match(text, end)
        )
