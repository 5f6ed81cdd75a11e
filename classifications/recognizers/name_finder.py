"""Names, places, organisations and groups, as the language model finds them."""

from __future__ import annotations

import re

import regex
from presidio_analyzer import RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from classifications import headers
from classifications.gazetteers import is_english, is_family, is_given
from classifications.recognizers.no_firms import BEGINS, is_no_firm
from classifications.recognizers.no_names import can_be_a_name
from classifications.recognizers.no_persons import is_code, is_counted, is_term, is_verb

_LABEL_BEFORE = re.compile(r"([A-Za-z][\w ]{1,30})[\"']?[ \t]?[:=][ \t]{0,4}[\"']?\Z")
_NUMBER_BEHIND = re.compile(
    r"(?:[ \t]?(?:no\.?|number|id|code|#))?[ \t]?[:=#][ \t]?[A-Z]{0,6}-?\d|[ \t](?:number|no\.?|code|id)\b|[ \t][\dA-F]{2}:"
)
_LEADER = re.compile(r"[ \t]?\.{3}|[ \t]?:[ \t]+[A-Z]{0,4}\d")
_LETTERED = re.compile(r"[ ](?:[A-Z]|\d{1,4}[A-Z]?|[A-Z]-?\d{1,4})\b")
_PEOPLE = regex.compile(r"(?:an|ese|ish|i|ist|ic|im|jew|hindu|sikh|man|men)s?\Z")
_SHORT = 6


class NameFinder(SpacyRecognizer):
    """Presidio's view of the spaCy model, without form labels, currency codes and numbers."""

    def __init__(self, entities: list[str]) -> None:
        super().__init__(supported_entities=entities)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """The model's entities that can be names: at least one letter, and not a known label."""
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)
        return [
            result
            for result in results
            if (result.entity_type == "NRP" or can_be_a_name(text[result.start : result.end]))
            and not _is_labelled(text, result)
            and not is_verb(text, result)
            and not _is_numbered(text, result)
            and not is_term(text[result.start : result.end], result.entity_type)
            and not _is_ordinary(text, result)
            and not _is_leader(text, result)
            and not is_counted(text, result)
            and not is_code(text, result)
        ]


def _is_numbered(text: str, result: RecognizerResult) -> bool:
    """`MAC 00:1A:…`, `DEA: …`: letters that say what the number behind them is."""
    found = text[result.start : result.end]
    return (
        found.isupper()
        and len(found) <= _SHORT
        and _NUMBER_BEHIND.match(text, result.end, result.end + 40) is not None
    )


def _is_ordinary(text: str, result: RecognizerResult) -> bool:
    """Taken for a company, a group or a place: words of a dictionary (`Carrier needs …`, `BLOCK CAPITALS`),
    a department, a date, a version, `Appendix B`. The words around a company say that it is one
    (`recognizers/organisation.py`) where its own do not.
    """
    found, before = text[result.start : result.end], text[: result.start]
    if result.entity_type == "NRP":
        return (
            ";" in found
            or (found[0].islower() and _PEOPLE.search(found) is None)
            or any(map(str.isdigit, found))
            or text[result.end : result.end + 1] in {":", "="}
        )
    if result.entity_type == "LOCATION":
        return is_english(found) and _LETTERED.match(text, result.end) is not None
    return result.entity_type == "ORGANIZATION" and is_no_firm(found, before)


def _is_leader(text: str, result: RecognizerResult) -> bool:
    """A label that no list knows: dots lead to its value, or the value behind its colon has digits."""
    found = text[result.start : result.end]
    if any(is_given(word) or is_family(word) for word in found.split()):
        return False
    return _LEADER.match(text, result.end) is not None and BEGINS.search(text[: result.start]) is not None


def _is_labelled(text: str, result: RecognizerResult) -> bool:
    """A thing's name behind its label: `Product name: Chai`."""
    before = _LABEL_BEFORE.search(text, max(0, result.start - 40), result.start)
    return (
        before is not None and headers.names_a_thing(before[1]) and headers.class_by_header(before[1]) is None
    )
