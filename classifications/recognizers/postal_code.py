"""Postal codes, where shape or neighbours say that they are."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer

from classifications.gazetteers import US_STATES

_US_STATES = "|".join(sorted(US_STATES))


class PostalCodeRecognizer(PatternRecognizer):
    """British and Canadian codes by shape; American after a state, others near a word such as "zip".

    Sources: Royal Mail PAF guide (UK shape), Canada Post (no D, F, I, O, Q, U), USPS Publication 28,
    Eircode Address Database (Ireland's shape).
    """

    PATTERNS = [
        Pattern("UK", r"\b(?:[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPS-UW\d]?) \d[ABD-HJLNP-UW-Z]{2}\b", 0.6),
        # in small letters; "2nd" and "4th" are no codes
        Pattern(
            "UK, small",
            r"(?<![\w.-])(?:[a-pr-uwyz][a-hk-y]?\d[a-hjkps-uw\d]?) \d(?!st|nd|rd|th)[abd-hjlnp-uw-z]{2}\b",
            0.5,
        ),
        Pattern(
            "Ireland",
            r"(?<![\w.-])(?:[AC-FHKNPRTV-Y]\d\d|D6W) (?=[AC-FHKNPRTV-Y]*\d)(?=\d*[AC-FHKNPRTV-Y])[AC-FHKNPRTV-Y\d]{4}\b(?! ?\d)",
            0.4,
        ),
        Pattern("India", r"(?<=\b(?:PIN|[Pp]in ?[Cc]ode)(?: is)?[\s:.-]{1,3})[1-9]\d{2} ?\d{3}\b", 0.7),
        Pattern("Canada", r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d\b", 0.6),
        Pattern("US after state", rf"(?<=\b(?:{_US_STATES}),?\s{{1,3}})\d{{5}}(?:-\d{{4}})?\b", 0.6),
        Pattern("ZIP+4", r"(?<![\w.-])\d{5}-\d{4}(?![\w-])", 0.5),
        Pattern("Netherlands", r"(?<![\w.-])[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}(?= +\p{Lu}\p{Ll}+)", 0.5),
        Pattern("Portugal", r"(?<![\w.+-])[1-9]\d{3}-\d{3}(?= +\p{Lu}\p{Ll}+)", 0.5),
        Pattern(
            "behind a country's letters",
            r"(?<=\b(?:A|AT|B|BE|CH|D|DE|DK|E|ES|F|FI|FR|I|IT|L|LU|N|NL|NO|PL|S|SE)-)[1-9]\d{3,4}(?= +\p{Lu}\p{Ll}+)",
            0.5,
        ),
        Pattern("Japan", r"(?<=〒 ?)\d{3}-\d{4}\b", 0.8),
        Pattern(
            "after its word",
            r"(?<=\b(?:[Zz]ip|ZIP|[Pp]ostal|[Pp]ost(?= ?[Cc]ode)|PLZ)(?: ?[Cc]ode)?(?: is)?[\s:]{1,3})\d{3,6}\b(?![.,-]?\d)",
            0.7,
        ),
    ]
    CONTEXT = ["zip", "postal", "postcode", "plz", "address"]

    def __init__(self) -> None:
        # Flags 0: the letters of a code are capitals, which keeps words out.
        super().__init__(
            supported_entity="POSTAL_CODE", patterns=self.PATTERNS, context=self.CONTEXT, global_regex_flags=0
        )
