"""An independent search for a subject: every file under given roots, decoded, and as raw bytes.

It shares nothing with what erases: no Delta reader, no Spark, only pyarrow, sqlite3 and the standard library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from retention.verify_file import FileSearch
from retention.verify_forms import is_short
from retention.verify_matcher import Matcher
from retention.verify_opener import Opener, SealBroken
from retention.verify_outcome import Outcome, kept_tables
from retention.verify_result import (
    Hit,
    Kept,
    Known,
    Mode,
    Needle,
    NeedleKind,
    PassedBy,
    Place,
    Searched,
    Unsearched,
    Verdict,
    Verification,
    Why,
)
from retention.verify_rounds import Progress, Rounds

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
    "SealBroken",
    "Searched",
    "Unsearched",
    "Verdict",
    "Verification",
    "Why",
    "tokens_and_values",
    "verify",
]


def tokens_and_values(tokens: Iterable[str], values: Iterable[str] = ()) -> list[Needle]:
    """Needles for `verify`: tokens first, then raw identifiers, each numbered by its place in the list."""
    return [Needle(NeedleKind.TOKEN, text) for text in tokens] + [
        Needle(NeedleKind.VALUE, text) for text in values
    ]


def verify(  # noqa: PLR0913 - each is a choice of its own
    places: Sequence[Place],
    needles: Sequence[Needle],
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
            tokens only, never a raw value.
        known: what the caller knows of files that cannot be searched (`control/spark/*`), as in `keep`.
        opener: opens sealed cells and archives, so that values inside are found.
        progress: called as `progress(files done, files known)` while it goes on.

    Returns:
        What was searched, found, kept and not searched; `.verdict` says what it comes to.

    Raises:
        ValueError: no needle, two places of one name, or `TARGETED` without a tenant.
    """
    _check(places, needles, mode, tenant)
    started = datetime.now(UTC)
    real = [replace(place, path=place.path.resolve()) for place in places]
    matcher = Matcher(needles)
    tables = kept_tables(real, keep or {})
    files = FileSearch(matcher, opener, tenant, tables)
    rounds = Rounds(real, matcher, files, tenant if mode is Mode.TARGETED else None)
    rounds.run(progress)
    outcome = Outcome(needles, keep or {}, known or {})
    for one in rounds.results():
        outcome.take(one)
    return Verification(
        mode=mode,
        tenant=tenant,
        started=started,
        ended=datetime.now(UTC),
        needles=Counter(needle.kind for needle in needles),
        places=tuple(place.name for place in places),
        searched=tuple(sorted(rounds.searched)),
        hits=outcome.hits(),
        kept=outcome.kept(),
        unsearched=outcome.unsearched(),
        passed_by=rounds.passed_by(),
        whole_only=tuple(number for number, needle in enumerate(needles) if is_short(needle)),
    )


def _check(places: Sequence[Place], needles: Sequence[Needle], mode: Mode, tenant: str | None) -> None:
    names = [place.name for place in places]
    if len(set(names)) < len(names) or any("/" in name or not name for name in names):
        raise ValueError("each place needs a name of its own without a slash. To mend it: rename them")
    if not needles or not places:
        raise ValueError(
            "there is nothing to look for, or nowhere to look. To mend it: give needles and places"
        )
    if mode is Mode.TARGETED and tenant is None:
        raise ValueError("a targeted search needs to know whose subject it is. To mend it: give the tenant")
