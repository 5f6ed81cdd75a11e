"""A long text in pieces that the language model can hold, cut where a value is least likely to be cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(r"\n\s*")
_SENTENCE_END = re.compile(r"[.!?;:,]\s+")
_BLANK = re.compile(r"\s+")
_SEARCH_BACK = 1_000


def pieces(text: str, length: int) -> Iterator[tuple[int, str]]:
    """(offset, piece) pairs that make up the text; no piece is longer than `length` code points.

    A piece ends at the last line end near its limit, else at a sentence's or clause's end, else at a
    blank, else at the limit.
    """
    start = 0
    while len(text) - start > length:
        end = _cut(text, start, start + length)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _cut(text: str, start: int, limit: int) -> int:
    low = max(start + 1, limit - _SEARCH_BACK)
    for pattern in (_LINE_END, _SENTENCE_END, _BLANK):
        cuts = [match.end() for match in pattern.finditer(text, low, limit)]
        if cuts:
            return cuts[-1]
    return limit
