"""What a column holds: one data class, free text with classes inside, or nothing personal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from classifications import headers
from classifications.column_evidence import SAMPLE, Values, gather
from classifications.column_rules import judge
from classifications.detector import Detector
from classifications.profiles import ColumnProfile
from classifications.spans import Span

_PHRASES = {
    headers.NAME: "full name",
    headers.FIRST: "first name",
    headers.LAST: "last name",
    headers.EMAIL: "email address",
    headers.PHONE: "phone number",
    headers.STREET: "street address",
}
__all__ = ["SAMPLE", "ColumnProfile", "profile_column", "profile_columns", "profile_values"]


def profile_column(
    column: str, values: Sequence[str], table_context: Sequence[str], detector: Detector
) -> ColumnProfile:
    """What `column` holds. `table_context` is the table's name and its other columns' names."""
    short = Values.of(values)
    return judge(gather(column, short, detector.detect(short.looked_at), table_context))


def profile_columns(
    columns: Mapping[str, Sequence[str]], table: str, detector: Detector
) -> list[ColumnProfile]:
    """A profile for each column, in order; all their samples go through the detector in one batch."""
    return profile_values({name: Values.of(values) for name, values in columns.items()}, table, detector)


def profile_values(columns: Mapping[str, Values], table: str, detector: Detector) -> list[ColumnProfile]:
    """As `profile_columns`, of values that were counted elsewhere."""
    reading = detector.read([value for values in columns.values() for value in values.looked_at])
    spans, skips = iter(reading.spans), iter(reading.skipped)
    found = {column: [next(spans) for _ in values.looked_at] for column, values in columns.items()}
    skipped = {c: Counter(one for _ in v.looked_at for one in next(skips)) for c, v in columns.items()}
    return [replace(one, skipped=skipped[one.column]) for one in _judged(columns, found, table)]


def _judged(
    columns: Mapping[str, Values], found: Mapping[str, list[list[Span]]], table: str
) -> list[ColumnProfile]:
    context = [table, *columns]
    first = [judge(gather(name, values, found[name], context)) for name, values in columns.items()]
    told = sorted({_PHRASES[p.data_class] for p in first if p.data_class in _PHRASES})
    if not told:
        return first
    # What the values of one column prove (`c4` holds e-mails) is a neighbour to the others.
    more = [*context, *told]
    return [
        profile
        if profile.personal
        else judge(gather(profile.column, columns[profile.column], found[profile.column], more))
        for profile in first
    ]
