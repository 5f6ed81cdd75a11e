"""Flowers, breeds, dishes, colours, medicines and models: things under somebody's or some place's name."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from classifications.gazetteers import is_city, is_common, is_english, is_given, is_named_thing
from classifications.spans import Span

_WORD = r"[\p{L}\p{M}][\p{L}\p{M}’'-]*"
# Up to three words with single blanks between: few of a dictionary's nouns have more.
_BEFORE = regex.compile(rf"(?:(?<![\p{{L}}\d’'-]){_WORD}[ ]){{0,3}}\Z")
_BEHIND = regex.compile(rf"(?P<of>['’]s?)?(?P<words>(?:[ ]{_WORD}){{0,3}})")
_COUNT = regex.compile(r"[ ]+\d+\Z")
_LOOK = 60
# A noun, and a name between quotation marks behind it: `sideboard "Florence"`, `in oak ("Chelsea")`.
_OPENED = regex.compile(
    r"(?<![\p{L}’'-])(?P<noun>\p{L}{3,})(?: ['‘]\p{Lu}\p{Ll}+['’],?(?: and| or)?){0,5}"
    r" \(?[\"“„‘'](?:\p{L}+ ){0,3}\Z"
)
_IN_QUOTES = regex.compile(r"(?<![\w=])[\"“‘'](?:\p{L}+ ){0,3}\Z")
_CLOSED = regex.compile(r"[\"”“’'](?!\p{L})(?! \p{Lu})")
_NOUN = regex.compile(r"[\"”’'] (?P<noun>\p{Ll}{3,})(?!\p{L})")
_SPEAKS = frozenset("alias called known named nickname nicknamed said says signed told wrote met saw".split())


def is_called(text: str, span: Span) -> bool:
    """Whether the span, or it with the words around, is a dictionary's name of a thing: `creeping ⟦Jenny⟧`.

    Near-misses: "Jenny" alone, "Holly Fern" (who is not `Holly fern`), a city that a breed is called by.
    """
    value = _COUNT.sub("", text[span.start : span.end])
    if " " not in value and is_named_thing(value):
        return span.entity in {"PERSON", "ORGANIZATION"} or not is_city(value)
    return any(
        is_named_thing(spelling) for noun in _nouns_around(text, span, value) for spelling in _spellings(noun)
    )


def is_quoted_model(text: str, span: Span) -> bool:
    """Whether a noun stands before or behind a name in quotation marks: `sideboard "Florence"`, `'Ada' mugs`.

    Near-misses: `"name": "Florence"`, `Robert "Bob" Smith`, `she asked "Florence"`, `known as "Florence"`.
    """
    end = span.end - (text[span.end - 1] in "\"”’'")
    opened = _OPENED.search(text, max(0, span.start - _LOOK), span.start)
    if opened is not None and _CLOSED.match(text, end) is not None and _may_be_sold(opened["noun"].lower()):
        return True
    behind = _NOUN.match(text, end)
    quoted = _IN_QUOTES.search(text, max(0, span.start - _LOOK), span.start)
    return behind is not None and quoted is not None and _may_be_sold(behind["noun"])


def _may_be_sold(noun: str) -> bool:
    """A dictionary's word that is none of everyday, and of nothing that people do."""
    return is_english(noun) and not (
        is_common(noun) or is_given(noun) or noun in _SPEAKS or noun.endswith(("ed", "ing"))
    )


def _nouns_around(text: str, span: Span, value: str) -> Iterator[str]:
    """The span's words, with up to three words before and behind: two words and more."""
    before = _BEFORE.search(text, max(0, span.start - _LOOK), span.start)
    behind = _BEHIND.match(text, span.start + len(value), span.end + _LOOK)
    left = before[0].split() if before else []
    value += (behind["of"] or "") if behind else ""
    right = behind["words"].split() if behind else []
    for first in range(len(left) + 1):
        for last in range(len(right) + 1):
            noun = " ".join((*left[first:], value, *right[:last])).replace("’", "'")
            if " " in noun:
                yield noun


def _spellings(noun: str) -> Iterator[str]:
    """As it stands and in the singular; as inside of a sentence; `Prussian Blue` with its last word small."""
    first, _, last = noun.rpartition(" ")
    name = f"{first} {last.capitalize()}" if noun.islower() else noun
    for one in (noun, noun.removesuffix("s"), f"{noun.removesuffix('ies')}y", name):
        yield one
        yield one[0].lower() + one[1:]
        first, _, last = one.rpartition(" ")
        if not is_given(first.split()[0]):
            yield f"{first} {last.lower()}"
