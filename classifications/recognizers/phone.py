"""Phone numbers of several regions, looked for only where enough digits stand together."""

from __future__ import annotations

import re

from phonenumbers import Leniency, PhoneNumberMatcher
from presidio_analyzer import AnalysisExplanation, LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

_DIGITS_TOGETHER = re.compile(r"\d(?:[\s\-./()\[\]+x~]{0,3}\d){6}")
_BARE = re.compile(r"\A\d+\Z")
# dates, and amounts with cents
_NO_PHONE = re.compile(
    r"\A\(?\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\A\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b|\A\d+\.\d{2}\Z"
)
WRITTEN_SCORE = 0.6
BARE_SCORE = 0.3


class RegionalPhoneRecognizer(LocalRecognizer):
    """Numbers that the numbering plan of one of the regions allows (libphonenumber).

    A number written with a plus sign or separators stands by itself; a bare run of digits needs a
    word such as "phone" near it, because order numbers look the same.
    """

    CONTEXT = ["phone", "telephone", "cell", "mobile", "call", "tel", "fax", "number", "whatsapp", "sms"]

    def __init__(self, regions: tuple[str, ...]) -> None:
        self.regions = regions
        super().__init__(supported_entities=["PHONE_NUMBER"], supported_language="en", context=self.CONTEXT)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """One result a number, whichever regions know it."""
        if not _DIGITS_TOGETHER.search(text):
            return []
        found: set[tuple[int, int]] = set()
        for region in self.regions:
            for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
                found.add((match.start, match.end))
        return [
            self._result(start, end, BARE_SCORE if _BARE.match(text[start:end]) else WRITTEN_SCORE)
            for start, end in sorted(found)
            if not _NO_PHONE.match(text[start:end]) and text[max(0, start - 1) : start] != ":"
        ]

    def _result(self, start: int, end: int, score: float) -> RecognizerResult:
        return RecognizerResult(
            entity_type="PHONE_NUMBER",
            start=start,
            end=end,
            score=score,
            analysis_explanation=AnalysisExplanation(recognizer=type(self).__name__, original_score=score),
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: type(self).__name__,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            },
        )
