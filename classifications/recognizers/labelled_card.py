"""Card numbers of any issuer, where the text says card and the check digit is right."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern, PatternRecognizer
from stdnum import luhn


class LabelledCardRecognizer(PatternRecognizer):
    """12 to 19 digits with a right Luhn digit (ISO/IEC 7812-1), near a word such as "card".

    The issuers' prefixes change, so a word near the number stands in for them. Near-misses: no such
    word, a wrong check digit, a number inside a longer one.
    """

    PATTERNS = [Pattern("digits", r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)", 0.2)]
    CONTEXT = ["card", "visa", "mastercard", "amex", "maestro", "credit", "debit"]

    def __init__(self) -> None:
        super().__init__(supported_entity="CREDIT_CARD", patterns=self.PATTERNS, context=self.CONTEXT)

    def invalidate_result(self, pattern_text: str) -> bool:
        """True drops the match: the check digit is wrong."""
        return not luhn.is_valid(re.sub(r"[ -]", "", pattern_text))
