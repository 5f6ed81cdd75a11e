"""Birth dates: a date right after a word that says so. Other dates are not personal."""

from __future__ import annotations

from presidio_analyzer import Pattern

from classifications.recognizers.hinted import HintedRecognizer

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?"
DATE = (
    r"(?:(?:19|20)\d{2}[-/.][01]?\d[-/.][0-3]?\d|[0-3]?\d[-/.][0-3]?\d[-/.](?:(?:19|20)\d{2}|\d{2})"
    rf"|{_DAY}\s+(?:of\s+)?{_MONTH},?\s+(?:19|20)\d{{2}}|{_MONTH}\s+{_DAY},?\s+(?:19|20)\d{{2}})"
)
_SAYS_BIRTH = (
    r"\b(?:born(?:\s+on)?|birth\s?da(?:y|te)|date\s+of\s+birth|d\.?o\.?b\.?|geboren(?:\s+am)?|née?\s+le)\b"
)


class BirthDateRecognizer(HintedRecognizer):
    """The date in "born on 3 May 1980", "DOB: 1980-05-03", "date of birth is 05/03/1980"."""

    HINTS = ("born", "birth", "dob", "d.o", "o.b", "geboren", "née")
    PATTERNS = [
        Pattern(
            "date after a birth word",
            rf"(?<={_SAYS_BIRTH}[\s:.=,\"'>]{{0,4}}(?:is|was)?[\s:]{{0,2}}){DATE}\b",
            0.8,
        ),
        Pattern(
            "date in the answer",
            rf"(?<={_SAYS_BIRTH}[?.!]?\s{{1,3}}(?:User:\s)?(?:It['’]?s|It\sis|That['’]?s)\s){DATE}\b",
            0.8,
        ),
    ]

    def __init__(self) -> None:
        super().__init__(supported_entity="BIRTH_DATE", patterns=self.PATTERNS)
