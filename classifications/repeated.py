"""Somebody named once in a text is named by a part of that name later: "Ana Kessler … Kessler"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from classifications.gazetteers import is_english
from classifications.recognizers.names import like_a_name
from classifications.spans import Span

_WORD = regex.compile(r"(?<![\w@'’.-])\p{Lu}[\p{L}\p{M}]{2,40}(?![\w@’-]|\.\w)")


def repeated(text: str, spans: Sequence[Span], taken: Sequence[tuple[int, int]] = ()) -> list[Span]:
    """`spans` and each other place where a word of a person's name among them stands with a capital.

    Names are those that lists know in part; everyday words of them do not count. Neither `spans` nor
    `taken` are touched.
    """
    named = {
        word: span
        for span in spans
        if span.entity == "PERSON" and like_a_name(text[span.start : span.end])
        for word in _WORD.findall(text, span.start, span.end)
        if not is_english(word)
    }
    if not named:
        return list(spans)
    blocked = [*taken, *((span.start, span.end) for span in spans)]
    found = [
        replace(named[match[0]], start=match.start(), end=match.end())
        for match in _WORD.finditer(text)
        if match[0] in named
        and not any(start < match.end() and match.start() < end for start, end in blocked)
    ]
    return sorted([*spans, *found])
