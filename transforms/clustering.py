"""Where a person's rows lie: how well a partition's files are apart by subject, told from their footers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from transforms.delta_log import DeltaLog

SUBJECT = "subject_token"
FOLDER = "tenant_id="


@dataclass(frozen=True)
class Span:
    """A data file: its bytes, and the first and the last subject token in it."""

    size: int
    first: str
    last: str


def spans_of(table: Path, tenant: str) -> list[Span]:
    """The live files of a tenant's partition that hold a subject."""
    found = []
    for path, size in (DeltaLog(table).live() or {}).items():
        if path.startswith(f"{FOLDER}{tenant}/"):
            edges = _edges(table / path)
            if edges is not None:
                found.append(Span(size, *edges))
    return found


def depth(spans: Sequence[Span]) -> int:
    """In how many files the rows of one person can lie at most: how many files share a token."""
    edges = sorted([(one.first, 0) for one in spans] + [(one.last, 1) for one in spans])
    deepest = here = 0
    for _, closes in edges:  # at one token, what opens comes before what closes
        here += -1 if closes else 1
        deepest = max(deepest, here)
    return deepest


def out_of_order(spans: Sequence[Span]) -> int:
    """The bytes beside the largest part whose files share no token (weighted interval scheduling)."""
    ordered = sorted(spans, key=lambda one: one.last)
    best = [0]
    for number, one in enumerate(ordered):
        before = number
        while before and ordered[before - 1].last >= one.first:
            before -= 1
        best.append(max(best[-1], best[before] + one.size))
    return sum(one.size for one in spans) - best[-1]


def _edges(file: Path) -> tuple[str, str] | None:
    """The smallest and the largest token of a file; None where it has none."""
    footer = pq.read_metadata(file)
    names = [footer.schema.column(n).path for n in range(footer.num_columns)]
    if SUBJECT not in names:
        return None
    groups = (footer.row_group(n).column(names.index(SUBJECT)) for n in range(footer.num_row_groups))
    told = [one.statistics for one in groups if one.statistics is not None and one.statistics.has_min_max]
    return (min(str(one.min) for one in told), max(str(one.max) for one in told)) if told else None
