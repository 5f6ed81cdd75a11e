"""Forms of address before a name: they say sex, rank or calling."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer


class TitleRecognizer(PatternRecognizer):
    """A form of address ("Mr.", "Mrs", "Dr.") right before a capitalised word.

    Near-misses: "St." and "Miss" as verb or place, "dr" in lower case, a title at the end of a line.
    """

    PATTERNS = [
        Pattern(
            "title before a name",
            r"(?<![\w.])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Sr|Sra|Srta|Herr|Frau|Mme|Mlle|Monsieur|Madame|Miss|Sir)\.?"
            r"(?=[ \t]+\p{Lu}[\p{L}.'’-]*)",
            0.6,
        )
    ]

    def __init__(self) -> None:
        # Flags 0: capitals tell a title from a word.
        super().__init__(supported_entity="TITLE", patterns=self.PATTERNS, global_regex_flags=0)
