"""A person's age, where the words say that it is one."""

from __future__ import annotations

from presidio_analyzer import Pattern

from classifications.recognizers.hinted import HintedRecognizer

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_AGE = r"(?:1[01]\d|[1-9]?\d)"
_AGE_IN_WORDS = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:{_UNITS}))?|{_UNITS}|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
_RELATIVES = "son daughter wife husband mother father mum mom dad brother sister kid child baby".split()
_NOT_AGED = r"(?:\w+\s+){0,2}(?:wine|whisky|whiskey|malt|scotch|rum|brandy|cognac|cheese|house|building|bug|car|company|firm|tree|request|ticket|order|version)"


class AgeRecognizer(HintedRecognizer):
    """The number of years in "34 years old", "a 34-year-old", "aged 34", "34 y/o", "turned 34", "34M with".

    Near-misses: "34 years" of service, "34 days old", "a 30 year old whisky", page and amount numbers.
    """

    HINTS = (
        "old",
        "age",
        "turn",
        "of age",
        "y/o",
        "y.o",
        "y o",
        "y-o",
        "yo",
        " am",
        "'m",
        "’m",
        "when",
        "then",
        "he was",
        "he is",
        " y ",
        "yrs",
        "m ",
        "f ",
        " is ",
        " be ",
        " of ",
    )
    PATTERNS = [
        Pattern(
            "years old",
            rf"(?<![\w.,-]){_AGE}(?=[\s-]?(?:years?|yrs?|y)[\s/.-]?(?:old|o\b|of\sage)(?!\s+{_NOT_AGED}))",
            0.7,
        ),
        Pattern("years old, in words", rf"\b{_AGE_IN_WORDS}(?=[\s-]years?[\s-](?:old|of\sage)\b)", 0.7),
        Pattern("y/o", rf"(?<![\w.,-]){_AGE}(?=\s?(?:y/?o|yo)\b)", 0.7),
        Pattern(
            "aged",
            rf"(?<=\b(?:aged?|turn(?:s|ed|ing)?|at\s+the\s+age\s+of)[\s:]{{1,3}})(?:{_AGE}|{_AGE_IN_WORDS})\b"
            r"(?![\d.,]*\d|%|\s+(?:(?:or|and)\s+(?:over|under|above|below|older|younger|more|less)|days?|hours?|minutes?|(?:years?\s+)?in\b|into\b|times?|o'clock|pages?))",
            0.6,
        ),
        Pattern(
            "I am",
            rf"(?<=\bI(?:\s+am|['’]m)\s+(?:only\s+|just\s+)?){_AGE}(?=\s*(?:[.,!?;]|$|and\b|years?\b))",
            0.6,
        ),
        Pattern(
            "when she was",
            rf"(?<=\bwhen\s+(?:he|she|they|i)\s+(?:was|were)\s+)(?:{_AGE}|{_AGE_IN_WORDS})(?=\s*(?:[.,!?;]|$))",
            0.6,
        ),
        Pattern(
            "she was, when",
            rf"(?<=\b(?:he|she|i)\s+(?:was|am|is)\s+(?:only\s+|just\s+)?)(?:{_AGE}|{_AGE_IN_WORDS})(?=\s+(?:when|then|and)\b)",
            0.6,
        ),
        Pattern(
            "my son is 9",
            rf"(?<=\b(?:{'|'.join(_RELATIVES)})\s+(?:[\p{{L}}'’-]+\s+){{0,3}}(?:is|was|turns|will\s+be)\s+(?:only\s+|just\s+|now\s+)?){_AGE}"
            r"(?=\s+(?:and|in|but|so|this|next|on)\b|[.,;!?)](?:\s|$))",
            0.6,
        ),
        Pattern(
            "a boy of 5",
            rf"(?<=\b(?:boy|girl|man|woman|child|lad|lady|gentleman)\s+of\s){_AGE}(?=\s+\p{{L}}|[.,;!?])",
            0.6,
        ),
        Pattern(
            "he was 88.",
            rf"(?<=\b(?:he|she)\s+(?:was|is)\s+(?:only\s+|just\s+)?)(?:{_AGE}|(?!one\b){_AGE_IN_WORDS})"
            r"(?=[.!?,;)](?:[\s)\"”’]|$))",
            0.6,
        ),
        Pattern(
            "how old are you?", rf"(?<=\bhow\s+old\s+(?:are|were|is|was)\s+\w{{2,4}}\?\s{{1,8}}){_AGE}\b", 0.6
        ),
        Pattern("sex/age", rf"(?<=\bage\b[^\n\d]{{0,60}}[ /\t](?-i:[MF])\s?/\s?){_AGE}(?=\s|$)", 0.6),
        # a clinician's shorthand, with what follows it
        Pattern(
            "34M",
            rf"(?<![\w.,-]){_AGE}(?=\s?(?-i:[MF])(?:\s(?:with|w/|who|present(?:s|ed|ing)|admitted|referred|here|c/o|hx|h/o|s/p)|[,;.]\s))",
            0.6,
        ),
        Pattern("58 Y F", rf"(?<![\w.,-]){_AGE}(?=\s?(?:Y|YRS?|y|yrs?)[ /]{{1,3}}[MF]\b)", 0.6),
    ]

    def __init__(self) -> None:
        super().__init__(supported_entity="AGE", patterns=self.PATTERNS)
