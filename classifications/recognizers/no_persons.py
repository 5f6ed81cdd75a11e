"""What a model for prose takes for a person or a place: verbs, terms, things with numbers, names in code."""

from __future__ import annotations

import re

import regex
from presidio_analyzer import RecognizerResult

from classifications.address_words import starts_a_street
from classifications.gazetteers import (
    is_city,
    is_common,
    is_country,
    is_english,
    is_family,
    is_given,
    is_noun,
)
from classifications.recognizers.no_names import is_of_a_dictionary

_SIGNS = re.compile(r"[()\[\]#`@*/]")
_CAMEL = regex.compile(
    r"\p{Ll}\p{Lu}(?<!\b(?:Mc|Mac|De|Di|Du|La|Le|Lo|Da|Del|Van|Von|Fitz|St|O['’]|d['’])\p{Lu})"
)
_STARTS = re.compile(r"(?:^|[.!?\n]\s*|(?:^|\s)[\"“•*>-]\s?)\Z")
_IN_CODE = re.compile(r"\b(?:class|def|function|struct|enum|interface|import)\s\Z")
_CALLED = re.compile(r"\.\w+\(|\(\)|::|=")
_ARTICLES = (
    " the ",
    " a ",
    " an ",
    " this ",
    " each ",
    " every ",
    " any ",
    " that ",
    " these ",
    " your ",
    " my ",
    " our ",
    " all ",
    " is coming",
    " it ",
)
_MODEL = regex.compile(r"\p{Lu}-?\d")
_COUNTED = regex.compile(r"(?P<word>\p{L}+)[ ](?:\d{1,4}(?:\.\d+)*\p{L}?|\p{Lu}-?\d{1,4}|\p{Lu})")
_UNIT_BEHIND = regex.compile(r"[ ](?:\d{1,4}(?![MFY])\p{Lu}|\p{Lu}-?\d{1,4})\b")  # `7B`, no age (`34M`)
_LIMIT = re.compile(r"(?i)max\Z")
_QUANTITY = re.compile(
    r"\.?[ ]?[:=]?[ ]?\d|\.?[ ](?:temp|speed|load|width|height|length|value|number|of|per|deviation|output|input|power|rate|limit"
    r"|size|pressure|current|voltage|delay|flow|torque|score)\b"
)
_SHORTEST_NAME = 3


def is_verb(text: str, result: RecognizerResult) -> bool:
    """`Chase the delivery`, `Spring is coming`: an everyday word that begins a sentence as what it is."""
    word = text[result.start : result.end]
    if not (is_common(word) or is_english(word)) or result.entity_type == "NRP":
        return False
    behind = text[result.end : result.end + 12].lower()
    return _STARTS.search(text[: result.start]) is not None and behind.startswith(_ARTICLES)


def is_term(found: str, entity: str) -> bool:
    """Taken for a person or a place: a name of code (`MatrixArray`) or a type (`Martin D-28`), an abbreviation, a dictionary's word."""
    if entity not in {"PERSON", "LOCATION"}:
        return False
    if (
        _SIGNS.search(found)
        or _CAMEL.search(found)
        or (entity == "PERSON" and (_MODEL.search(found) or found[0].isdigit()))
    ):
        return True
    known = is_given(found) or is_family(found) or is_city(found) or is_country(found)
    if known:
        return False
    if " " in found:
        return entity == "PERSON" and is_of_a_dictionary([word.strip(".,'’-") for word in found.split()])
    return (is_english(found) and entity == "PERSON") or (found.isupper() and len(found) > 1)


def is_counted(text: str, result: RecognizerResult) -> bool:
    """`Ward 7B`, `Pump P-104`: one of several things; `Max 5`, `Max speed`: an upper limit."""
    found = text[result.start : result.end]
    counted = _COUNTED.fullmatch(found)
    if result.entity_type == "PERSON" and _UNIT_BEHIND.match(text, result.end):
        return " " not in found and not is_given(found)
    if counted is not None and result.entity_type != "NRP":
        return is_english(counted["word"]) and not starts_a_street(counted["word"])
    return _LIMIT.match(found) is not None and _QUANTITY.match(text, result.end) is not None


def is_code(text: str, result: RecognizerResult) -> bool:
    """`class Grant:`, `Lance.throw()`, `MARK=slow`; a noun all in capitals: `press ECO`."""
    found = text[result.start : result.end]
    if result.entity_type == "NRP" or " " in found:
        return False
    if _IN_CODE.search(text, max(0, result.start - 12), result.start) or _CALLED.match(text, result.end):
        return True
    return (
        result.entity_type == "PERSON"
        and found.isupper()
        and (is_noun(found) or len(found) <= _SHORTEST_NAME)
    )
