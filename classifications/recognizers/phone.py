"""Phone numbers of several regions, looked for only where enough digits stand together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher
from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from classifications.recognizers.results import result_of

# seven digits and more, and no unbroken row that is longer than any number (ITU-T E.164: 15)
_DIGITS_TOGETHER = re.compile(r"(?<!\d)(?!\d{16})\d(?:[\s\-./()\[\]+x~]{0,3}\d){6,}")
_BARE = re.compile(r"\A\d+\Z|[ \t]{2}")  # cells of a table may stand apart in this way
# dates, amounts with cents, rows of these
_NO_PHONE = re.compile(
    r"\A\(?\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\A\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b|\A\d+\.\d{2}\Z|\.\d{2,3}\s+\d+\.\d{2,3}\b|\b(?:19|20)\d\d-[01]\d-[0-3]\d\b"
)
_PART_OF_MORE = re.compile(r":\Z|[A-Za-z]-\Z")  # of a time or a MAC address, of an id: "INV-201103-9423"
# the number of a thing, and a version of four parts
_OF_A_THING = re.compile(
    r"(?i)\b(?:art|invoice|order|ticket|article|item|sku|part|model|serial|batch|lot|lading|rma|isbn|issn|ean|gtin|upc|awb|waybill|shipment|consignment|accession|container|tracking|version|build"
    r"|chrome|firefox|safari|edge)\b\.?(?:[ \t](?:no|nr|number|code)\b\.?)?[ \t]?[:#]?[ \t]?\Z"
)
_VERSION = re.compile(r"\A(?=.*\b\d\b)\d{1,4}(?:\.\d{1,5}){3}\Z")
_LOOK_BACK = 32
WRITTEN_SCORE = 0.6
BARE_SCORE = 0.3


def is_of_a_thing(text: str, start: int) -> bool:
    """Whether the word right before says that the number at `start` is an article's, an invoice's, a version."""
    return _OF_A_THING.search(text[max(0, start - _LOOK_BACK) : start]) is not None


class _Matcher(PhoneNumberMatcher):
    """libphonenumber's, which passes by what touches none of the runs of digits that are still `open_`.

    It parses each candidate anew for each region; a number that one region knows need not be asked for again.
    """

    def __init__(self, text: str, region: str, open_: Sequence[tuple[int, int]]) -> None:
        self._open = open_
        super().__init__(text, region, leniency=Leniency.VALID)

    def _extract_match(self, candidate: str, offset: int) -> PhoneNumberMatch | None:
        end = offset + len(candidate)
        if not any(start < end and offset < stop for start, stop in self._open):
            return None
        return super()._extract_match(candidate, offset)


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
        open_ = [match.span() for match in _DIGITS_TOGETHER.finditer(text)]
        found: set[tuple[int, int]] = set()
        for region in self.regions:
            # the regions that are left cannot add to a run of digits that is a number already
            open_ = [run for run in open_ if not any(run[0] < end and start < run[1] for start, end in found)]
            if not open_:
                break
            for match in _Matcher(text, region, open_):
                found.add((match.start, match.end))
        return [
            result_of(
                self,
                "PHONE_NUMBER",
                (start, end),
                BARE_SCORE if _BARE.search(text[start:end]) else WRITTEN_SCORE,
            )
            for start, end in sorted(found)
            if not _NO_PHONE.search(text[start:end])
            and not _VERSION.match(text[start:end])
            and not _PART_OF_MORE.search(text[max(0, start - 2) : start])
            and not is_of_a_thing(text, start)
        ]
