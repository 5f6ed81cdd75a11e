"""Sorts what was found into hits and what is kept on purpose, and gaps into those somebody accounts for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from retention.verify_findings import Gap, Spot
from retention.verify_result import AnyNeedle, Hit, Kept, Known, NeedleKind, Place, Unsearched, Why
from retention.verify_rounds import Result


@dataclass
class Outcome:
    """Takes the results of every file and gives the lists of a `Verification`."""

    needles: Sequence[AnyNeedle]
    keep: Mapping[str, str]
    known: Mapping[str, Known]
    _hits: Counter[tuple[str, str, str, int, str]] = field(default_factory=Counter)
    _kept: Counter[tuple[str, str, str, int, str]] = field(default_factory=Counter)
    _gaps: dict[tuple[str, str, Gap, Known | None], int] = field(default_factory=dict)

    def take(self, result: Result) -> None:
        """Sort what one file came to."""
        for spot, count in result.findings.spots.items():
            reason = self._reason(result, spot)
            if reason is None:
                self._hits[result.place, result.shown, spot.where, spot.needle, spot.form] += count
            else:
                self._kept[result.place, result.shown, spot.where, spot.needle, reason] += count
        known = self._known(result)
        for gap, count in result.findings.gaps.items():
            # Cells are told by table: a file of the table says nothing more.
            shown = result.shown.split("/tenant_id=")[0] if gap.why is Why.SEALED else result.shown
            key = result.place, shown, gap, known
            self._gaps[key] = self._gaps.get(key, 0) + count

    def hits(self) -> tuple[Hit, ...]:
        """What was found where it must not be."""
        return tuple(sorted(Hit(*spot, count) for spot, count in self._hits.items()))

    def kept(self) -> tuple[Kept, ...]:
        """Tokens that were found where they are kept on purpose."""
        return tuple(
            sorted(
                Kept(place, path, where, needle, count, reason)
                for (place, path, where, needle, reason), count in self._kept.items()
            )
        )

    def unsearched(self) -> tuple[Unsearched, ...]:
        """What could not be searched."""
        every = [_unsearched(*key, count) for key, count in self._gaps.items()]
        return tuple(sorted(every, key=lambda one: (one.place, one.path, one.why, one.detail)))

    def _reason(self, result: Result, spot: Spot) -> str | None:
        if self.needles[spot.needle].kind is NeedleKind.VALUE:
            return None
        name = f"{result.place}/{result.path}"
        if spot.table is not None:
            reason = self.keep.get(f"{name.removesuffix('-wal')}#{spot.table}")
            if reason is not None:
                return reason
        return next(
            (why for key, why in self.keep.items() if "#" not in key and fnmatchcase(name, key)), None
        )

    def _known(self, result: Result) -> Known | None:
        name = f"{result.place}/{result.path}"
        return next((known for key, known in self.known.items() if fnmatchcase(name, key)), None)


def kept_tables(places: Sequence[Place], keep: Mapping[str, str]) -> dict[Path, list[str]]:
    """The tables that keep tokens on purpose, by database file."""
    roots = {place.name: place.path for place in places}
    tables: dict[Path, list[str]] = {}
    for key in keep:
        path, _, table = key.partition("#")
        name, _, rest = path.partition("/")
        if table and name in roots:
            tables.setdefault(roots[name] / rest if rest else roots[name], []).append(table)
    return tables


def _unsearched(place: str, path: str, gap: Gap, known: Known | None, count: int) -> Unsearched:
    if known is None:
        return Unsearched(place, path, gap.why, gap.detail, count, None, gap.accounted)
    return Unsearched(
        place, path, gap.why, f"{gap.detail}; {known.reason}", count, known.until, accounted=True
    )
