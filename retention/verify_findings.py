"""What the search of one file came to, gathered while it goes on."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from retention.verify_matcher import Found
from retention.verify_result import Why

_NAME = re.compile(r"[A-Za-z_][A-Za-z_.]*[0-9]{0,2}")


@dataclass(frozen=True)
class Spot:
    """A needle in one spot of a file; `table` is the database table that it lies in."""

    where: str
    needle: int
    form: str
    table: str | None = None


@dataclass(frozen=True)
class Gap:
    """A part of a file that could not be searched."""

    why: Why
    detail: str
    accounted: bool = False


@dataclass
class Findings:
    """Spots with how often, gaps with how much, decoded values."""

    spots: Counter[Spot] = field(default_factory=Counter)
    gaps: Counter[Gap] = field(default_factory=Counter)
    values: int = 0

    def add(self, where: str, found: Found, table: str | None = None) -> None:
        """Take what a search found in one part of the file."""
        for (needle, form), count in found.items():
            self.spots[Spot(where, needle, form, table)] += count

    def gap(self, why: Why, detail: str, count: int = 1, *, accounted: bool = False) -> None:
        """Tell that a part could not be searched; `detail` is in words, without a value or name of data."""
        if count:
            self.gaps[Gap(why, detail, accounted)] += count


def shown(name: str, number: int, what: str) -> str:
    """`column email`; where a name is not built like an identifier, and may be data, `column 3`."""
    return f"{what} {name}" if _NAME.fullmatch(name) else f"{what} {number}"
