"""Counts over all values of a file's columns, with a sample of the distinct ones, in one pass."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from classifications.column_evidence import SAMPLE, SUSPICIOUS, Values

_KEPT = 4_096
_SUSPECTS = 200
_TWO_WORDS = r"^\p{L}{2,}[ -]\p{L}\p{L}+[\p{L} .'-]*$"
_FORMS = {
    "integer": r"^(?:0|-?[1-9]\d{0,17})$",
    "number": r"^-?\d{1,15}(?:\.\d+)?$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$",
}
_FEW = 0.05  # a share of values of another build than the rest that makes them worth a look
_LONGEST = 20_000  # code points of a value that are read


def scan(batches: Iterable[pa.RecordBatch]) -> dict[str, Values]:
    """Each column's values in short. Equal values give an equal sample, in whatever order they come."""
    columns: dict[str, _Column] = {}
    for batch in batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            columns.setdefault(name, _Column()).add(column)
    return {name: column.values() for name, column in columns.items()}


class _Column:
    """What is kept of one column: the distinct values of the smallest hashes, and those that stand out."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: dict[int, str] = {}
        self.limit: int | None = None  # the largest hash that is kept, once some are not
        self.suspects: dict[str, None] = {}
        self.suspected = 0
        self.names: dict[str, None] = {}
        self.named = 0
        self.forms = dict(_FORMS)

    def add(self, column: pa.Array) -> None:
        """One batch of the column's values."""
        trimmed = pc.utf8_trim_whitespace(column)
        filled = trimmed.filter(pc.and_kleene(pc.is_valid(trimmed), pc.not_equal(trimmed, "")))
        if not len(filled):
            return
        self.count += len(filled)
        counted = filled.value_counts()
        distinct, counts = counted.field("values"), counted.field("counts")
        self._keep(distinct)
        self.forms = {
            name: form
            for name, form in self.forms.items()
            if pc.all(pc.match_substring_regex(distinct, form)).as_py()
        }
        self.suspected += self._look(distinct, counts, SUSPICIOUS, self.suspects)
        self.named += self._look(distinct, counts, _TWO_WORDS, self.names)

    def _look(self, distinct: pa.Array, counts: pa.Array, pattern: str, found: dict[str, None]) -> int:
        """Keep the first values that match; gives how many do."""
        matches = pc.match_substring_regex(distinct, pattern)
        for value in distinct.filter(matches).slice(0, _SUSPECTS).to_pylist():
            if len(found) < _SUSPECTS:
                found.setdefault(value[:_LONGEST])
        return pc.sum(counts.filter(matches)).as_py() or 0

    def _keep(self, distinct: pa.Array) -> None:
        values = distinct.to_numpy(zero_copy_only=False)
        hashes = pd.util.hash_array(values, categorize=False)
        small = hashes <= self.limit if self.limit is not None else np.ones(len(hashes), dtype=bool)
        self.kept.update(
            (int(key), value[:_LONGEST]) for key, value in zip(hashes[small], values[small], strict=True)
        )
        if len(self.kept) > _KEPT:
            keys = sorted(self.kept)[:_KEPT]
            self.kept = {key: self.kept[key] for key in keys}
            self.limit = keys[-1]

    def values(self) -> Values:
        """All of it in short; the number of distinct values is an estimate beyond some thousands."""
        keys = sorted(self.kept)
        distinct = len(keys)
        if self.limit is not None:
            distinct = min(self.count, int((_KEPT - 1) / (self.limit / 2**64)))
        odd = self.names if 0 < self.named <= _FEW * self.count else {}
        return Values(
            self.count,
            distinct,
            tuple(sorted(self.kept[key] for key in keys[:SAMPLE])),
            tuple(sorted({**self.suspects, **odd})),
            self.suspected,
            next(iter(self.forms), "string") if self.count else "string",
        )
