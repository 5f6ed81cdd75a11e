"""Values behind a label, in forms, JSON, tables and HTML: "DOB: 3 May 1980", `"city": "Reims"`."""

from __future__ import annotations

from collections.abc import Mapping

import regex
from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from classifications import headers
from classifications.gazetteers import is_common, is_english
from classifications.recognizers.birth_date import DATE
from classifications.recognizers.names import FULL_NAME, PARTICLE, could_be_a_name, like_a_name
from classifications.recognizers.place import PLACE
from classifications.recognizers.results import result_of
from classifications.recognizers.spoken_label import is_no_path

_SCORE = 0.7
# A label is up to four words; between it and the value a colon or equals sign, the blanks of a table, dots that
# lead to it, or, where the label has its line for itself, the end of the line or a dash.
_LABEL = regex.compile(
    r"(?<![\p{L}\p{M}])(\p{L}[\p{L}\p{M}'’-]{0,24}\.?(?:[ _.-]\p{L}[\p{L}\p{M}'’-]{0,24}\.?){0,3})"
    r"(?:[\"'’]?[*]?[ \t]{0,4}[:=][ \t]{0,24}[\"']?|[ \t]\[|[ \t]{3,60}|[ \t]?\.{3,60}:?[ \t]{0,4}"
    r"|(?<=^[ \t]{0,8}[\p{L}\p{M} _.’'-]{2,80})(?:[ \t]?[*:]?[ \t]?\n[ \t]{0,8}|[ \t][-–][ \t]))(?=[^\s\"'])",
    regex.MULTILINE,
)
# A field of a page that was saved as it was filled in: its label stands before it, or its name within it.
_INPUTS = tuple(
    regex.compile(pattern)
    for pattern in (
        (
            r"(?<![\p{L}\p{M}])(\p{L}[\p{L}\p{M}'’-]{1,24}(?:[ _-]\p{L}[\p{L}\p{M}'’-]{0,24}){0,3})[ \t]?[:*]{0,2}"
            r"\s{0,60}<(?:input|textarea)\b[^<>]{0,200}?\bvalue=[\"']"
        ),
        r"<input\b[^<>]{0,160}?\b(?:name|id)=[\"'](\p{L}[\w-]{1,40})[\"'][^<>]{0,160}?\bvalue=[\"']",
    )
)
_ID = r"(?=[\p{L} ./-]{0,6}\d)[A-Za-z0-9][A-Za-z0-9./-]{3,24}"
_TEXT_ID = rf"{_ID}(?<![.])"
_NAME = (rf"(?:{PARTICLE}[ ]){{0,2}}{FULL_NAME}(?:,[ \t]{FULL_NAME})?", "PERSON")
# Header class → what a value looks like, and the entity that it is.
_VALUES: Mapping[str, tuple[str, str]] = {
    headers.NAME: _NAME,
    headers.FIRST: _NAME,
    headers.LAST: _NAME,
    headers.PHONE: (r"\+?\(?\d(?:[ \t().\-/]{0,3}\d){4,16}", "PHONE_NUMBER"),
    headers.FAX: (r"\+?\(?\d(?:[ \t().\-/]{0,3}\d){4,16}", "PHONE_NUMBER"),
    headers.BIRTH: (rf"(?i:{DATE})|(?:19|20)\d{{6}}", "BIRTH_DATE"),
    headers.POSTAL: (
        r"\d[\d -]{2,8}\d(?:[ ]?[A-Z]{2})?|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d",
        "POSTAL_CODE",
    ),
    headers.STREET: (r"(?=[^\n\"<>|;]{0,80}\d)(?=[^\n\"<>|;]{0,80}\p{L}{2})[\p{L}\d][^\n\"<>|;]{3,100}?", "STREET_ADDRESS"),
    headers.CITY: (rf"{PLACE}(?:[ ]\p{{Lu}}(?!\w))?", "LOCATION"),
    headers.STATE: (PLACE, "REGION"),
    headers.COUNTRY: (r"\p{Lu}[\p{L}\p{M} .()&'’-]{1,50}?(?=[ \t]{0,2}(?:[,;|\n\"'<}]|$))", "COUNTRY"),
    headers.GENDER: (r"(?i:female|male|non-?binary|diverse?|woman|man|m|f|w|d|x)", "GENDER"),
    headers.AGE: (r"1[01]\d|[1-9]?\d", "AGE"),
    headers.NATIONAL_ID: (_TEXT_ID, "NATIONAL_ID"),
    headers.PASSPORT: (_TEXT_ID, "PASSPORT"),
    headers.LICENCE: (_TEXT_ID, "DRIVER_LICENSE"),
    headers.RECORD: (_TEXT_ID, "MEDICAL_RECORD"),
    headers.PLATE: (_TEXT_ID, "LICENSE_PLATE"),
    headers.DEVICE: (r"[\dA-Fa-f](?:[ :-]?[\dA-Fa-f]){11,31}", "DEVICE_ID"),
    headers.BANK: (r"(?:[A-Z]{2}\d{2}[ ]?)?[\dA-Z](?:[ -]?[\dA-Z]){5,32}", "BANK_ACCOUNT"),
    headers.CARD: (r"\d(?:[ -]?\d){11,18}", "CREDIT_CARD"),
    headers.USERNAME: (r"[\p{L}\d@][^\s\"'<>,;|&]{1,63}", "USERNAME"),
    headers.PASSWORD: (r"[^\s\"'<>]{4,64}?(?=[\s\"'<>,;]|$)", "PASSWORD"),
    headers.ORGANISATION: (r"\p{Lu}(?:(?!\.[ ](?<=\p{L}{4}\.[ ]))[\p{L}\p{M}\d&.,' -]){1,60}", "ORGANIZATION"),
}  # fmt: skip
_END = r"(?=[\"'<>|;{}\]\n,.)&]|[ \t]|$)"
_STREET_END = r"(?=[\"<>|;{}\n]|[ \t]{2,}|[ \t]\p{Lu}[\p{L} .]{1,16}:|\.[ \t]|\.?$)"
_COMPILED = {
    key: (
        regex.compile(f"(?:{pattern}){_STREET_END if key == headers.STREET else _END}", regex.MULTILINE),
        entity,
    )
    for key, (pattern, entity) in _VALUES.items()
}
_SIGNS = (":", "=", " [", "   ", "\t", "...", "\n", " - ", " – ")
"""One of these stands behind a label."""
_TIMEOUT = 10.0
# Labels of messages and events, too short to say anything as the name of a column.
_SHORT_LABELS = {
    "user": headers.USERNAME,
    "login": headers.USERNAME,
    "to": headers.NAME,
    "from": headers.NAME,
    "cc": headers.NAME,
    "sender": headers.NAME,
    "given": headers.FIRST,
    "given names": headers.FIRST,
    "child": headers.NAME,
    "pupil": headers.NAME,
    "parent": headers.NAME,
    "borrower": headers.NAME,
    "insured": headers.NAME,
    "lessee": headers.NAME,
    "tenant": headers.NAME,
    "author": headers.NAME,
    "insurance": headers.ORGANISATION,
    "bank": headers.ORGANISATION,
    "school": headers.ORGANISATION,
    "hotel": headers.ORGANISATION,
    "clinic": headers.ORGANISATION,
    "hospital": headers.ORGANISATION,
    "pharmacy": headers.ORGANISATION,
}
_GOES_ON = regex.compile(r"[ ]\p{Ll}{3}")
_DATE_LIKE = regex.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
_LOGIN = regex.compile(r"[\p{Ll}\d][\p{Ll}\d._@-]{2,63}")


class LabelledValueRecognizer(LocalRecognizer):
    """The label's words are those of column headers (classifications/headers.py); the value has the class's shape.

    Near-misses: an empty label, "Status: open", "Product name: Chai", "State: pending", "Note: we moved".
    """

    def __init__(self) -> None:
        super().__init__(
            supported_entities=sorted({entity for _, entity in _VALUES.values()}), supported_language="en"
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """One result for each label whose value looks like what the label says."""
        if not any(sign in text for sign in _SIGNS):
            return []
        results: list[RecognizerResult] = []
        for match in _LABEL.finditer(text, overlapped=False, timeout=_TIMEOUT):
            told = text[match.end(1) : match.end()]
            said = class_of_label(match[1], in_table=":" not in told and "=" not in told)
            results += self.value(said, text, match.end())
        if "<input" in text or "<textarea" in text:
            for field in (match for pattern in _INPUTS for match in pattern.finditer(text, timeout=_TIMEOUT)):
                results += self.value(class_of_label(field[1], in_table=False), text, field.end())
        return results

    def value(
        self, said: str | None, text: str, start: int, end: int | None = None
    ) -> list[RecognizerResult]:
        """What looks like a value of the class `said` from `start` on, or all of the text up to `end`, if given."""
        if said not in _COMPILED:
            return []
        pattern, entity = _COMPILED[said]
        if end is None:
            found = pattern.match(text, start, timeout=_TIMEOUT)
        else:
            found = pattern.fullmatch(text, start, end, timeout=_TIMEOUT)
        if found is None or not _plausible(entity, found[0]) or _is_a_role(entity, text, found.span()):
            return []
        return [result_of(self, entity, found.span(), _SCORE)]


def class_of_label(label: str, *, in_table: bool) -> str | None:
    """The class that a label's words say; in a table of blanks the label must say nothing else."""
    if headers.is_bare_name(label):
        return headers.NAME
    if label.lower() in _SHORT_LABELS:
        return None if in_table else _SHORT_LABELS[label.lower()]
    said = headers.class_by_header(label)
    if said is None or (in_table and len(headers.words_of(label)) != len(said[1].split())):
        return None
    return said[0]


def _is_a_role(entity: str, text: str, place: tuple[int, int]) -> bool:
    """A word for a person that goes on: `From: Line inspector`."""
    start, end = place
    return entity == "PERSON" and is_english(text[start:end]) and _GOES_ON.match(text, end) is not None


def _plausible(entity: str, value: str) -> bool:
    if entity == "PHONE_NUMBER":
        return _DATE_LIKE.match(value) is None
    if entity == "USERNAME":
        return _LOGIN.fullmatch(value) is not None and not is_common(value)
    if entity == "PERSON":
        return could_be_a_name(value) or like_a_name(value)
    if entity == "PASSWORD":
        return is_no_path(value)
    if entity in {"LOCATION", "REGION", "COUNTRY", "ORGANIZATION"}:
        return not is_common(value)
    return True
