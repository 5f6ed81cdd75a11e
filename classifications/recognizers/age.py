"""A person's age, where the words say that it is one."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_AGE = r"(?:1[01]\d|[1-9]?\d)"
_AGE_IN_WORDS = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:{_UNITS}))?|{_UNITS}|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
_RELATIVES = (
    "son",
    "daughter",
    "wife",
    "husband",
    "mother",
    "father",
    "mum",
    "mom",
    "dad",
    "brother",
    "sister",
    "kid",
    "child",
    "baby",
)
_PEOPLE = ("boy", "girl", "man", "woman", "child", "lad", "lady", "gentleman")
_NOT_AGED = (
    r"(?:\w+\s+){0,2}(?:wine|whisky|whiskey|malt|scotch|rum|brandy|cognac|cheese|house|building|bug|car|company|firm"
    r"|tree|request|ticket|order|version)"
)
_ANY_AGE = rf"(?P<AGE>{_AGE}|{_AGE_IN_WORDS})"
_ONLY = r"(?:only\s+|just\s+|now\s+)?"
_SPAN = (
    r"\s+(?:(?:or|and)\s+(?:over|under|above|below|older|younger|more|less)|days?|hours?|minutes?|(?:years?\s+)?in\b|into\b"
    r"|times?|o'clock|pages?)"
)
_PATIENT = r"(?:\s(?:with|w/|who|present(?:s|ed|ing)|admitted|referred|here|c/o|hx|h/o|s/p)|[,;.]\s)"


class AgeRecognizer(GrammarRecognizer):
    """The number of years in "34 years old", "a 34-year-old", "aged 34", "34 y/o", "turned 34", "34M with".

    Near-misses: "34 years" of service, "34 days old", "a 30 year old whisky", page and amount numbers.
    """

    RULES = (
        Rule(rf"(?i)(?<![\w.,-])(?P<AGE>{_AGE})(?=[\s-]?(?:years?|yrs?|y)[\s/.-]?(?:old|o\b|of\sage)(?!\s+{_NOT_AGED}))", 0.7, ("year", "yr", "y o", "y/o", "y.o", "y-o", "yo")),
        Rule(rf"(?i)\b(?P<AGE>{_AGE_IN_WORDS})(?=[\s-]years?[\s-](?:old|of\sage)\b)", 0.7, ("year",)),
        Rule(rf"(?i)(?<![\w.,-])(?P<AGE>{_AGE})(?=\s?(?:y/?o|yo)\b)", 0.7, ("y/o", "yo")),
        Rule(rf"(?i)\b(?:aged?|turn(?:s|ed|ing)?|at\s+the\s+age\s+of)[\s:]{{1,3}}{_ANY_AGE}\b(?![\d.,]*\d|%|{_SPAN})", 0.6, ("age", "turn")),
        Rule(rf"(?i)\bI(?:\s+am|['’]m)\s+{_ONLY}(?P<AGE>{_AGE})(?=\s*(?:[.,!?;]|$|and\b|years?\b|now\b))", 0.6, ("i am", "i'm", "i’m")),
        Rule(rf"(?i)\bwhen\s+(?:he|she|they|i)\s+(?:was|were)\s+{_ANY_AGE}(?=\s*(?:[.,!?;]|$))", 0.6, ("when",)),
        Rule(rf"(?i)\b(?:he|she|i)\s+(?:was|am|is)\s+{_ONLY}{_ANY_AGE}(?=\s+(?:when|then)\b)", 0.6, ("when", "then")),
        Rule(rf"(?i)\b(?:(?:he|she|i)\s+(?:was|am|is)|(?:he|she)['’]s(?:,[ ]uh,)?)\s+{_ONLY}(?P<AGE>{_AGE})(?=\s+and\b)", 0.6, ("he was", "he is", "i was", "i am", "he's", "he’s")),
        Rule(rf"(?i)\b(?:he|she)(?:\s+(?:was|is)|['’]s(?:,[ ]uh,)?)\s+{_ONLY}(?P<AGE>{_AGE}|(?!one\b){_AGE_IN_WORDS})(?=[.!?,;)](?:[\s)\"”’]|$))", 0.6, ("he was", "he is", "he's", "he’s")),
        Rule(rf"(?i)\bhow\s+old\s+(?:are|were|is|was)\s+\w{{2,4}}\?\s{{1,8}}(?P<AGE>{_AGE})\b", 0.6, ("old",)),
        Rule(rf"(?i)\bage\b[^\n\d]{{0,60}}[ /\t](?-i:[MF])\s?/\s?(?P<AGE>{_AGE})(?=\s|$)", 0.6, ("age",)),
        Rule(rf"(?i)\baged\s{_AGE}\s+and\s+(?P<AGE>{_AGE})(?![\d.,]*\d|\s\p{{L}})", 0.6, ("aged",)),
        Rule(rf"(?i)(?<![\w.,-])(?P<AGE>{_AGE})(?=(?:st|nd|rd|th)\s+birthday\b)", 0.6, ("birthday",)),
        Rule(rf"(?i)\((?P<AGE>{_AGE})(?=\s?(?:y|yrs?|years?)\))", 0.6, (" y", "y)")),
        # a clinician's shorthand, with what follows it
        Rule(rf"(?<![\w.,-])(?P<AGE>{_AGE})(?=\s?[MF](?i:{_PATIENT}))", 0.6),
        Rule(rf"(?<![\w.,-])(?P<AGE>{_AGE})(?=\s?(?:Y|YRS?|y|yrs?)[ /]{{1,3}}[MF]\b)", 0.6, (" y", "yr", "y ", "y/")),
        Rule(rf"(?i)\b(?:{'|'.join(_RELATIVES)})\s+(?:[\p{{L}}'’-]+\s+){{0,3}}?(?:is|was|turns|will\s+be)\s+{_ONLY}(?P<AGE>{_AGE})(?=\s+(?:and|in|but|so|this|next|on)\b|[.,;!?)](?:\s|$))", 0.6, _RELATIVES),
        Rule(rf"(?i)\b(?:{'|'.join(_PEOPLE)})\s+of\s(?P<AGE>{_AGE})(?=\s+\p{{L}}|[.,;!?])", 0.6, tuple(f"{word} of" for word in _PEOPLE)),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(["AGE"])
