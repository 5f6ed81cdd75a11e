"""Goes through the places until nothing in them is new: files come, change and go while others work."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from retention.verify_file import Changed, FileSearch
from retention.verify_findings import Findings
from retention.verify_matcher import Context, Matcher
from retention.verify_result import PassedBy, Place, Searched, Why
from retention.verify_walk import WITHHELD, Entry, walk

ROUNDS = 3
AT_ONCE = min(4, os.cpu_count() or 1)

Progress = Callable[[int, int], None]
"""Told after each file: how many are done, and how many are known."""


@dataclass(frozen=True)
class Result:
    """What one name came to: its place, its path as it may be shown, its path as it is, and the findings.

    `owner` is the tenant in whose folder it lies; None: nobody's.
    """

    place: str
    shown: str
    path: str
    findings: Findings
    owner: str | None = None

    def concerns(self, tenant: str | None) -> bool:
        """Whether it is this tenant's or nobody's; anything is for None."""
        return tenant is None or self.owner in (None, tenant)


@dataclass
class Rounds:
    """Searches every name under `places`; for `tenants`, not what belongs to another."""

    places: Sequence[Place]
    matcher: Matcher
    files: FileSearch
    tenants: Collection[str] | None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _done: dict[tuple[str, str], tuple[Searched, Result]] = field(default_factory=dict)
    _states: set[object] = field(default_factory=set)
    _names: dict[tuple[str, str], Result] = field(default_factory=dict)
    _passed: dict[tuple[str, str], int] = field(default_factory=dict)
    _parts: dict[str, bool] = field(default_factory=dict)

    def run(self, progress: Progress | None = None) -> None:
        """Search until nothing is new, at most ROUNDS times; what still changes then is told as a gap."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in range(ROUNDS):
                waiting = self._waiting()
                for number, done in enumerate(pool.map(self._file, waiting)):
                    self._take(waiting[number], done)
                    if progress is not None:
                        progress(number + 1, len(waiting))
        for entry in self._waiting():
            self._result(entry).findings.gap(Why.CHANGING, "it was changed each time that it was read")

    def searched(self, tenant: str | None) -> list[Searched]:
        """Every file that was read to its end; for a tenant, its own and nobody's."""
        return [one for one, result in self._done.values() if one.sha256 and result.concerns(tenant)]

    def results(self) -> Iterator[Result]:
        """What names and contents came to."""
        yield from self._names.values()
        yield from (result for _, result in self._done.values())

    def passed_by(self, tenant: str | None) -> tuple[PassedBy, ...]:
        """What belongs to other tenants and was not read; for a tenant, also what was read for others."""
        sizes: dict[str, list[int]] = {}
        for (place, _), size in self._passed.items():
            sizes.setdefault(place, []).append(size)
        for one, result in self._done.values():
            if not result.concerns(tenant):
                sizes.setdefault(one.place, []).append(one.size)
        return tuple(sorted(PassedBy(place, len(every), sum(every)) for place, every in sizes.items()))

    def _waiting(self) -> list[Entry]:
        return [entry for entry in self._listed() if entry.state not in self._states]

    def _take(self, entry: Entry, done: tuple[Searched, Findings] | Changed) -> None:
        if not isinstance(done, Changed):
            searched, findings = done
            key = entry.place.name, entry.path
            self._done[key] = searched, Result(key[0], searched.path, entry.path, findings, entry.owner)
            self._states.add(entry.state)

    def _listed(self) -> Iterator[Entry]:
        """The regular files to be read; names, links and what is neither are dealt with on the way."""
        seen: set[Path] = set()
        for place in self.places:
            for entry, read in walk(place, self.tenants):
                if entry.full in seen:
                    continue
                seen.add(entry.full)
                if read:
                    self._name(entry)
                if stat.S_ISREG(entry.mode) and read:
                    yield entry
                elif stat.S_ISREG(entry.mode) and entry.status is not None:
                    self._passed[place.name, entry.path] = entry.status.st_size

    def _name(self, entry: Entry) -> None:
        if (entry.place.name, entry.path) in self._names:
            return
        result = self._result(entry)
        result.findings.add("name", self.matcher.search(entry.name, Context.TEXT))
        if entry.status is None:
            if entry.path == ".":
                result.findings.gap(Why.MISSING, "the place is not there")
            elif os.path.lexists(entry.full):
                result.findings.gap(Why.UNREADABLE, "the system does not let it be read")
        elif stat.S_ISLNK(entry.mode):
            self._link(entry, result.findings)
        elif not (stat.S_ISREG(entry.mode) or stat.S_ISDIR(entry.mode)):
            result.findings.gap(
                Why.NOT_A_FILE, "a pipe, socket or device: it keeps no content", accounted=True
            )

    def _link(self, entry: Entry, findings: Findings) -> None:
        findings.add("link", self.matcher.search(os.fsencode(entry.full.readlink()), Context.TEXT))
        target = Path(os.path.realpath(entry.full))
        if not target.exists():
            findings.gap(Why.LINK_OUT, "a link that leads to nothing", accounted=True)
        elif not any(target.is_relative_to(place.path) for place in self.places):
            findings.gap(Why.LINK_OUT, "a link out of the searched places: it is not followed")

    def _file(self, entry: Entry) -> tuple[Searched, Findings] | Changed:
        shown = self._shown(entry)
        try:
            return self.files.search(entry, shown)
        except Changed as changed:
            return changed
        except OSError:
            findings = Findings()
            findings.gap(Why.UNREADABLE, "the system does not let it be read")
            return Searched(entry.place.name, shown, 0, "", "unreadable", 0), findings

    def _result(self, entry: Entry) -> Result:
        key = entry.place.name, entry.path
        if key not in self._names:
            self._names[key] = Result(
                entry.place.name, self._shown(entry), entry.path, Findings(), entry.owner
            )
        return self._names[key]

    def _shown(self, entry: Entry) -> str:
        """The path with each part that holds a needle withheld."""
        return "/".join(WITHHELD if self._tells(part) else part for part in entry.parts)

    def _tells(self, part: str) -> bool:
        if part not in self._parts:
            self._parts[part] = bool(self.matcher.search(part.encode(), Context.TEXT))
        return self._parts[part]
