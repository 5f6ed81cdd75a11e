"""Of overlapping spans, keep the better ones: one span a character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from classifications.entities import entity_of
from classifications.gazetteers import is_city, is_country, is_region
from classifications.recognizers.no_names import can_be_a_name, is_of_a_dictionary
from classifications.spans import Span

MODEL_RANK = 3
_NEW_LINE = re.compile(r"\s*\n\s*|[ \t]{2,}(?=[A-Z]{2}|[^\w\s]|\d|\w+:)")
_SHORTEST_REST = 2


def resolve(
    text: str,
    spans: Iterable[Span],
    taken: Sequence[tuple[int, int]] = (),
    cuts: Sequence[tuple[int, int]] = (),
) -> list[Span]:
    """Non-overlapping spans in text order; `taken` are places that no span may touch.

    At `cuts`, at the ends of lines and of a table's cells (two blanks) a span of the statistical model ends:
    they are no part of a name.

    The lower rank wins, then the longer span, then the higher score. A span of the statistical
    model keeps what is left of it beside a winner; any other loser goes whole.
    """
    kept: list[Span] = []
    cuts = [*cuts, *(match.span() for match in _NEW_LINE.finditer(text))]
    blocked = list(taken)
    for span in sorted(set(spans), key=_precedence):
        modelled = entity_of(span.entity).rank >= MODEL_RANK
        rests = _outside(span, [*blocked, *cuts] if modelled else blocked)
        whole = len(rests) == 1 and rests[0] == (span.start, span.end)
        if not whole and not modelled:
            continue
        for start, end in rests:
            trimmed = _trim(text, start, end, whole)
            if trimmed is not None and (whole or _is_a_rest(text[slice(*trimmed)], span.entity)):
                entity = _place(text[slice(*trimmed)]) if span.entity == "LOCATION" else span.entity
                kept.append(Span(*trimmed, entity, span.data_class, span.score))
                blocked.append(trimmed)
    return sorted(kept)


def _is_a_rest(found: str, entity: str) -> bool:
    """Whether what a winner or the end of a line left over can be a name: not words of a dictionary."""
    words = found.lower().removeprefix("the ").split()
    return can_be_a_name(found) and not (entity in {"ORGANIZATION", "PERSON"} and is_of_a_dictionary(words))


def _place(found: str) -> str:
    """Which kind of place a word list knows; a city otherwise."""
    if is_country(found) and not is_region(found):
        return "COUNTRY"
    return "REGION" if is_region(found) and not is_city(found) else "LOCATION"


def _precedence(span: Span) -> tuple[int, int, float, int, str]:
    return entity_of(span.entity).rank, -span.length, -span.score, span.start, span.entity


def _outside(span: Span, blocked: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    rests = [(span.start, span.end)]
    for low, high in blocked:
        rests = (
            [
                part
                for start, end in rests
                for part in ((start, min(end, low)), (max(start, high), end))
                if part[0] < part[1]
            ]
            if any(low < end and start < high for start, end in rests)
            else rests
        )
    return rests


def _trim(text: str, start: int, end: int, whole: bool) -> tuple[int, int] | None:
    """Blanks and loose punctuation off both ends; None when too little is left to mean anything."""
    while start < end and not text[start].isalnum() and (text[start].isspace() or not whole):
        start += 1
    while start < end and not text[end - 1].isalnum() and (text[end - 1].isspace() or not whole):
        end -= 1
    least = 1 if whole else _SHORTEST_REST
    return (start, end) if end - start >= least else None
