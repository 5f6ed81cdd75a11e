"""A person's age, where the words say that it is one."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

_AGE = r"(?:1[01]\d|[1-9]?\d)"


class AgeRecognizer(PatternRecognizer):
    """An age: "34 years old", "a 34-year-old", "aged 34", "age: 34", "turned 34", "I'm 34.".

    Near-misses: "34 years" of service, "34 days old", page and amount numbers.
    """

    PATTERNS = [
        Pattern(
            "years old",
            rf"\b{_AGE}[\s-]?(?:years?|yrs?|y)[\s-]?(?:old|o)\b(?!\s+(?:wine|whisky|whiskey|house|building|bug))",
            0.7,
        ),
        Pattern(
            "aged",
            rf"(?<=\b(?:aged?|turn(?:s|ed|ing)|at\s+the\s+age\s+of)[\s:]{{1,3}}){_AGE}\b(?![\d.,]*\d|%|\s+(?:days?|hours?|minutes?))",
            0.6,
        ),
        Pattern(
            "I am",
            rf"(?<=\bI(?:\s+am|['’]m)\s+(?:only\s+|just\s+)?){_AGE}(?=\s*(?:[.,!?;]|$|and\b|years?\b))",
            0.6,
        ),
    ]

    def __init__(self) -> None:
        super().__init__(supported_entity="AGE", patterns=self.PATTERNS)
