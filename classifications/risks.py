"""Which columns together may single people out, and how far they do.

A group is all rows with the same values in some columns; k is the size of the smallest. Whoever knows those
values of somebody finds a group of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from classifications import headers

BOUND = 5
"""Groups of fewer than these are small: the usual least k of a publication."""
MOST = 6
"""Columns of a table that are asked, the most telling ones."""
# What others may know of somebody without being told, the most telling first. Names, addresses of houses,
# numbers and accounts are missing: each tells by itself who somebody is.
_TELLING = (
    headers.BIRTH,
    headers.POSTAL,
    headers.GENDER,
    headers.CITY,
    headers.AGE,
    headers.ROLE,
    headers.ETHNICITY,
    headers.STATE,
    "user.location",
    headers.COUNTRY,
    headers.RELIGION,
    headers.MARITAL,
    "user.demographic",
    "user.workplace",
    headers.ORGANISATION,
    headers.SALARY,
)


@dataclass(frozen=True)
class Combination:
    """Some columns of one table together: the size of the smallest group and the rows in groups below BOUND.

    `rows` counts those with a value in at least one of the columns.
    """

    table: str
    columns: tuple[str, ...]
    smallest: int
    below: int
    rows: int

    def __str__(self) -> str:
        return (
            f"{' + '.join(self.columns)}: smallest group {self.smallest:,}, {self.below:,} of {self.rows:,} "
            f"in groups below {BOUND}"
        )

    def as_json(self) -> dict[str, Any]:
        """The record with `bound` beside it."""
        return asdict(self) | {"columns": list(self.columns), "bound": BOUND}


def asked(classes: Mapping[str, str | None]) -> tuple[str, ...]:
    """Of columns with their data classes those to be asked, the most telling first; empty for fewer than two.

    Of equally telling columns the earlier ones come first.
    """
    ranked = sorted(
        (rank, n, name) for n, (name, key) in enumerate(classes.items()) if (rank := _rank(key)) >= 0
    )
    chosen = tuple(name for _, _, name in ranked[:MOST])
    return chosen if len(chosen) > 1 else ()


def combinations(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The first two of the columns, the first three, … and all of them."""
    return [tuple(columns[:size]) for size in range(2, len(columns) + 1)]


def combination(table: str, columns: Sequence[str], sizes: Sequence[int]) -> Combination | None:
    """What the sizes of all groups come to; None where there is no group."""
    if not len(sizes):
        return None
    small = sum(size for size in sizes if size < BOUND)
    return Combination(table, tuple(columns), min(sizes), small, sum(sizes))


def _rank(key: str | None) -> int:
    """Where the class, or the nearest class above it, stands in the order; -1 where it is none of them."""
    while key:
        if key in _TELLING:
            return _TELLING.index(key)
        key = key.rpartition(".")[0]
    return -1
