"""What belongs to a street address on either side: more digits before it, a code and a place behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from classifications.entities import ENTITIES
from classifications.gazetteers import is_common, is_english
from classifications.recognizers.names import like_a_name
from classifications.recognizers.place import PLACE
from classifications.spans import Span

_DIGITS_BEFORE = regex.compile(r"(?:^|(?<=[\s>(\"']))(?!(?:19|20)\d\d,)\d{1,6},?[ ]$")
_GAP = r"(?:,?[ \t]*\n[ \t]*(?:[>|?*#-]{1,4}[ \t]*)?|,[ \t]*|[ \t]{2,})"
_CODE = r"(?P<POSTAL_CODE>\d{3}[ ]\d{2}|\d{2}-\d{3}|\d{3}-\d{4}|\d{4,6}(?:-\d{3,4})?(?:[ ][A-Z]{2}(?=[ ]))?)"
_BEHIND = regex.compile(
    rf"{_GAP}(?:{_CODE}[ \t]+)?(?P<LOCATION>{PLACE})"
    r"(?:,?[ \t]+(?P<POSTAL_CODE>\d{4,6}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}))?"
    r"(?=[ \t]*(?:[,.;:!?)<>|\n\"']|$|[ \t]{2}))"
)
_LINE_STARTS = regex.compile(r"^[ \t>|?*]*\Z", regex.MULTILINE)
_LINE_ABOVE = regex.compile(
    r"^[ \t>|?*]*(?P<line>\p{Lu}[\p{L}\p{M}&.'’-]*(?:[ ](?:of[ ]|and[ ])?[\p{Lu}&][\p{L}\p{M}.'’-]*){0,4})"
    r",?[ \t]*\n"
    r"(?:[ \t>|?*]*\n)?[ \t>|?*]*\Z",
    regex.MULTILINE,
)
# Words of headings; who lives there does not bear them.
_HEADINGS = frozenset(
    "address addresses to from bill billing ship shipping delivery deliver return home office location venue"
    " where details contact postal mailing site residence destination origin".split()
)
_SCORE = 0.5
_REACH = 120


def completed(text: str, spans: Sequence[Span]) -> list[Span]:
    """`spans` and what stands beside its street addresses, still to be resolved.

    `5521 119 Countess Close`: both numbers; `Luisenstr. 48, 44087 Münster`: code and city too. An
    everyday word behind a street (`12 Main Street, please`) is no place.
    """
    found: list[Span] = []
    for span in spans:
        if span.entity != "STREET_ADDRESS":
            found.append(span)
            continue
        before = _DIGITS_BEFORE.search(text, max(0, span.start - 9), span.start)
        street = replace(span, start=before.start()) if before else span
        found += [street, *_addressee(text, street, spans)]
        behind = _BEHIND.match(text, span.end)
        if behind is not None and not _is_word(behind):
            found += [
                _span(name, *place) for name in ("LOCATION", "POSTAL_CODE") for place in behind.spans(name)
            ]
    return found


def _addressee(text: str, street: Span, spans: Sequence[Span]) -> list[Span]:
    """The line above a street that begins its own, if nobody has read it: a name, a company."""
    if not _LINE_STARTS.search(text, max(0, street.start - _REACH), street.start):
        return []
    above = _LINE_ABOVE.search(text, max(0, street.start - _REACH), street.start)
    if above is None:
        return []
    start, end = above.span("line")
    words = above["line"].lower().replace(".", "").split()
    if _HEADINGS & set(words) or (len(words) == 1 and is_english(words[0])):
        return []
    if any(span.start < end and start < span.end for span in spans):
        return []
    return [_span("PERSON" if like_a_name(above["line"]) else "ORGANIZATION", start, end)]


def _is_word(behind: regex.Match[str]) -> bool:
    """What stands for the place is one of a dictionary; behind a code only an everyday word is none."""
    known = is_common if behind["POSTAL_CODE"] else is_english
    return known(behind["LOCATION"])


def _span(entity: str, start: int, end: int) -> Span:
    return Span(start, end, entity, ENTITIES[entity].data_class, _SCORE)
