"""Birth dates: a date right after a word that says so. Other dates are not personal."""

from __future__ import annotations

import regex
from presidio_analyzer import Pattern

from classifications.recognizers.hinted import HintedRecognizer

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|okt(?:ober)?|dez(?:ember)?"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril"
    r"|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|januari|februari|maart|mei|augustus|augusti|gennaio"
    r"|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro"
    r"|outubro|dezembro)\.?"
)
_DAY = r"[0-3]?\d(?:st|nd|rd|th|\.)?"
_YEAR = r"(?:19|20)\d{2}"
DATE = (
    r"(?:(?:19|20)\d{2}[-/.][01]?\d[-/.][0-3]?\d|[0-3]?\d[-/.][0-3]?\d[-/.](?:(?:19|20)\d{2}|\d{2})"
    rf"|{_DAY}\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}|{_DAY}[-/ ]?{_MONTH}[-/ ]?(?:{_YEAR}|\d{{2}}(?!\d))"
    rf"|{_MONTH}\s+{_DAY},?\s+{_YEAR})"
)
_SAYS_BIRTH = (
    r"\b(?:born(?:\s+on)?|birth\s?da(?:y|te)|date\s+of\s+birth|d\.?o\.?b\.?|geboren(?:\s+am)?|née?\s+le"
    r"|nacid[oa]\s+el|nat[oa]\s+il)\b"
)


class BirthDateRecognizer(HintedRecognizer):
    """The date in "born on 3 May 1980", "DOB: 1980-05-03", "birthday is on 3 May", "Ann Lee (b. 1961)".

    Near-misses: "the idea was born in 1961", the date of a delivery, "a birthday party on Monday".
    """

    HINT = regex.compile(r"(?i)born|birth|dob|d\.o|o\.b|geboren|née|b\.|nacid|nat[oa] il")
    PATTERNS = [
        Pattern(
            "date after a birth word",
            rf"(?<={_SAYS_BIRTH}(?:[ ]?\([dmyj/. -]{{2,12}}\))?[\s:.=,\"'>(*\[]{{0,4}}(?:is|was)?[\s:]{{0,2}}){DATE}\b",
            0.8,
        ),
        Pattern(
            "date in the answer",
            rf"(?<={_SAYS_BIRTH}[?.!]?\s{{1,3}}(?:\w{{2,12}}:\s)?(?:(?:It['’]?s|It\sis|That['’]?s)\s)?(?:the\s)?){DATE}\b",
            0.8,
        ),
        Pattern(
            "born somewhere on", rf"(?<=\bborn\b(?:[^\n.;:!?]|:\d){{1,40}}\bon\s(?:the\s)?){DATE}\b", 0.8
        ),
        Pattern(
            "birthday without a year",
            rf"(?<=\bbirthday\s(?:is\s|was\s)?(?:on\s)?(?:the\s)?)(?:{_DAY}\s+(?:of\s+)?{_MONTH}|{_MONTH}\s+{_DAY})\b",
            0.7,
        ),
        Pattern("b. before a date", rf"(?<=[,;(]\s?b\.\s?){DATE}\b", 0.7),
        Pattern(
            "year of birth",
            rf"(?<=\(b\.\s?)(?:{DATE}|{_YEAR})(?=\))|(?<=\b(?:I|he|she|who|they)\s(?:was|were)\s+born\s+in\s){_YEAR}\b",
            0.7,
        ),
    ]

    def __init__(self) -> None:
        super().__init__(supported_entity="BIRTH_DATE", patterns=self.PATTERNS)
