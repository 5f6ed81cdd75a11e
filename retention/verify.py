"""An independent search for a subject or for rows: every file under given roots, decoded, and as raw bytes.

It shares nothing with what erases: no Delta reader, no Spark, only pyarrow, sqlite3 and the standard library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from retention.verify_file import FileSearch
from retention.verify_findings import Findings
from retention.verify_forms import is_short
from retention.verify_matcher import Matcher
from retention.verify_opener import Opener, SealBroken
from retention.verify_outcome import Outcome, kept_tables
from retention.verify_result import (
    AnyNeedle,
    Hit,
    Kept,
    Known,
    Mode,
    Needle,
    NeedleKind,
    PassedBy,
    Place,
    RowIds,
    Searched,
    Unsearched,
    Verdict,
    Verification,
    Why,
)
from retention.verify_rounds import Progress, Result, Rounds

__all__ = [
    "Hit",
    "Kept",
    "Known",
    "Mode",
    "Needle",
    "NeedleKind",
    "Opener",
    "PassedBy",
    "Place",
    "RowIds",
    "SealBroken",
    "Searched",
    "Unsearched",
    "Verdict",
    "Verification",
    "Why",
    "tokens_and_values",
    "verify",
    "verify_rows",
]


def tokens_and_values(tokens: Iterable[str], values: Iterable[str] = ()) -> list[Needle]:
    """Needles for `verify`: tokens first, then raw identifiers, each numbered by its place in the list."""
    return [Needle(NeedleKind.TOKEN, text) for text in tokens] + [
        Needle(NeedleKind.VALUE, text) for text in values
    ]


def verify(  # noqa: PLR0913 - each is a choice of its own
    places: Sequence[Place],
    needles: Sequence[AnyNeedle],
    *,
    mode: Mode = Mode.FULL,
    tenant: str | None = None,
    keep: Mapping[str, str] | None = None,
    known: Mapping[str, Known] | None = None,
    opener: Opener | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Look for `needles` in every file under `places`.

    Args:
        places: the roots: lake, control folder, Dagster's home, landing zone, lineage file, exports, staging.
            What lies under two of them is searched once, as the first one's.
        needles: what to look for; results name them by their place in this list.
        mode: `FULL` reads everything; `TARGETED` passes by the folders that belong to tenants other than
            `tenant`, and reads their logs and everything that is not partitioned.
        tenant: whose subject it is; needed for `TARGETED`.
        keep: where a token is kept on purpose, with the reason: `control/control.db#suppressions` is a table
            of a database, `control/receipts/*` are files; the first part is the place's name. It excuses
            tokens and ids of rows only, never a raw value.
        known: what the caller knows of files that cannot be searched (`control/spark/*`), as in `keep`.
        opener: opens sealed cells and archives, so that values inside are found.
        progress: called as `progress(files done, files known)` while it goes on.

    Returns:
        What was searched, found, kept and not searched; `.verdict` says what it comes to.

    Raises:
        ValueError: no needle, two places of one name, or `TARGETED` without a tenant.
    """
    _check(places, needles, mode, tenant)
    whose = None if tenant is None else [tenant]
    rounds = _searched(places, needles, whose, mode, keep, opener, progress)
    outcome = Outcome(needles, keep or {}, known or {})
    for one in rounds.results():
        outcome.take(one)
    return _verification(needles, outcome, rounds, mode, tenant)


def verify_rows(
    places: Sequence[Place],
    rows: Mapping[str, RowIds],
    *,
    keep: Mapping[str, str] | None = None,
    known: Mapping[str, Known] | None = None,
    progress: Progress | None = None,
) -> dict[str, Verification]:
    """Look for the rows of several tenants, each as one needle, in one search that is targeted at them.

    Args:
        places: as in `verify`.
        rows: what to look for, by tenant.
        keep: as in `verify`.
        known: as in `verify`.
        progress: as in `verify`.

    Returns:
        For each tenant what a search targeted at it says: what was read for others counts as passed by,
        unless rows of this one lie there.

    Raises:
        ValueError: no tenant, or two places of one name.
    """
    needles = list(rows.values())
    _check(places, needles, Mode.TARGETED, next(iter(rows), None))
    rounds = _searched(places, needles, rows, Mode.TARGETED, keep, None, progress)
    told = {}
    for number, (tenant, own) in enumerate(rows.items()):
        outcome = Outcome([own], keep or {}, known or {})
        for one in rounds.results():
            outcome.take(_about(one, number, tenant))
        told[tenant] = _verification([own], outcome, rounds, Mode.TARGETED, tenant)
    return told


def _searched(
    places: Sequence[Place], needles: Sequence[AnyNeedle], tenants: Collection[str] | None, mode: Mode,
    keep: Mapping[str, str] | None, opener: Opener | None, progress: Progress | None,
) -> Rounds:  # fmt: skip
    real = [replace(place, path=place.path.resolve()) for place in places]
    matcher = Matcher(needles)
    files = FileSearch(matcher, opener, tenants, kept_tables(real, keep or {}))
    rounds = Rounds(real, matcher, files, tenants if mode is Mode.TARGETED else None)
    rounds.run(progress)
    return rounds


def _about(result: Result, number: int, tenant: str) -> Result:
    """What a result says of one needle, as the only one; what could not be read counts for its tenant."""
    spots = {replace(one, needle=0): n for one, n in result.findings.spots.items() if one.needle == number}
    gaps = result.findings.gaps if result.concerns(tenant) else Counter()
    return replace(result, findings=Findings(Counter(spots), gaps))


def _verification(
    needles: Sequence[AnyNeedle], outcome: Outcome, rounds: Rounds, mode: Mode, tenant: str | None
) -> Verification:
    """What a search came to; a targeted one, as if it had been about this tenant alone."""
    named = {number: one for number, one in enumerate(needles) if isinstance(one, Needle)}
    whose = tenant if mode is Mode.TARGETED else None
    return Verification(
        mode=mode,
        tenant=tenant,
        started=rounds.started,
        ended=datetime.now(UTC),
        needles=_amounts(needles),
        places=tuple(place.name for place in rounds.places),
        searched=tuple(sorted(rounds.searched(whose))),
        hits=outcome.hits(),
        kept=outcome.kept(),
        unsearched=outcome.unsearched(),
        passed_by=rounds.passed_by(whose),
        whole_only=tuple(number for number, needle in named.items() if is_short(needle)),
    )


def _amounts(needles: Iterable[AnyNeedle]) -> Counter[NeedleKind]:
    amounts: Counter[NeedleKind] = Counter()
    for one in needles:
        amounts[one.kind] += len(one) if isinstance(one, RowIds) else 1
    return amounts


def _check(places: Sequence[Place], needles: Sequence[AnyNeedle], mode: Mode, tenant: str | None) -> None:
    names = [place.name for place in places]
    if len(set(names)) < len(names) or any("/" in name or not name for name in names):
        raise ValueError("each place needs a name of its own without a slash. To mend it: rename them")
    if not needles or not places:
        raise ValueError(
            "there is nothing to look for, or nowhere to look. To mend it: give needles and places"
        )
    if mode is Mode.TARGETED and tenant is None:
        raise ValueError("a targeted search needs to know whose subject it is. To mend it: give the tenant")
