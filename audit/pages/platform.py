"""The platform's own page: tenants, volumes, classes, checks, requests, holds, retention, ledger, exports.

Pure: from facts that somebody gathered to one HTML text. Facts are counts, dates, ids and codes; no value of
a person, no token and no name of a file has a field here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.pages.draw_platform import draw_treatments, draw_volumes
from audit.pages.draw_time import SHOWN as DRAWN
from audit.pages.draw_time import Asked, draw_detections, draw_requests, draw_retention
from audit.pages.page import drawing, rendered, shared_template
from audit.pages.words import STATES, class_words, treatment_words
from policy.retention import RetentionRule

Row = tuple[str | int, ...]
LATE, NEAR, OPEN, DONE, DONE_LATE = "late", "near", "open", "done", "done after the deadline"
"""How a request stands to its deadline."""


@dataclass(frozen=True)
class Volume:
    """One tenant's dataset: what was taken in since the lake began. `silver` is None before the first."""

    tenant: str
    dataset: str
    owner: str
    files: int
    landed: int
    bronze: int
    quarantined: int
    silver: int | None


@dataclass(frozen=True)
class Treated:
    """A silver column of one tenant: its class (or `free text`), its treatment, and what decided it."""

    tenant: str
    column: str
    data_class: str
    treatment: str
    because: str


@dataclass(frozen=True)
class Deadline:
    """A request and how it stands: a word of `LATE` … `DONE_LATE`. Dates are RFC 3339."""

    tenant: str
    asked: Asked
    standing: str


@dataclass(frozen=True)
class Requests:
    """Those that are open, and the newest that are done; `standings` counts all there are.

    `unproved`: request, tenant and why, of those that are done without a receipt that holds.
    """

    shown: Sequence[Deadline] = ()
    standings: Counter[str] = field(default_factory=Counter)
    unproved: Sequence[Row] = ()


@dataclass(frozen=True)
class Held:
    """A hold in force: matter, tenant, over what, since, and until when; `soon` where it ends within days."""

    matter: str
    tenant: str
    over: str
    since: str
    until: str
    soon: bool


@dataclass(frozen=True)
class Kept:
    """Retention: the rules, what ran, and what was due when somebody last looked.

    `due_at` is when that was, empty where nobody did yet; `not_planned` are the tenants it was not done for.
    Rows of `done` are month, tenant, table, what was done and rows; of `stores` month, store, things and
    bytes; of `due` tenant, table, what, rows due and held; of `coming` tenant, table, what and date.
    """

    rules: Sequence[RetentionRule] = ()
    done: Sequence[Row] = ()
    unfinished: int = 0
    stores: Sequence[Row] = ()
    due_at: str = ""
    due: Sequence[Row] = ()
    coming: Sequence[Row] = ()
    not_planned: Sequence[str] = ()


@dataclass(frozen=True)
class LedgerState:
    """How long the ledger is, its newest head, and whether the second place has it: True, False, or None.

    None: no second place is set. `trouble` says in words what is amiss there; `unread` why old entries, which
    lie in segments outside of the database, cannot be read.
    """

    entries: int = 0
    signed: int = 0
    signed_at: str = ""
    root: str = ""
    second_has_it: bool | None = None
    waiting: int = 0
    trouble: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Platform:
    """All facts of the page. `made` is RFC 3339, `digest` that of the policies.

    Rows: `tenants` are id, name, region and tier; `reasons` tenant, dataset, reason and rows, as the runs on
    record told them (`runs_known`: whether there is a record); `left` tenant, dataset, reason, waits or
    refused, files; `violations` kind, place, amount, since; `waiting` (for a verdict) tenant, column, class,
    confidence, state; `checks` table, owner, passed, failed, last made; `failing` tenant, table, check,
    owner, what was found, the mend, since; `frozen` id, tenant, since; `exports` id, tenant, kind, made, kept
    until, state.
    """

    made: str
    digest: str
    tenants: Sequence[Row] = ()
    volumes: Sequence[Volume] = ()
    reasons: Sequence[Row] = ()
    runs_known: bool = False
    left: Sequence[Row] = ()
    violations: Sequence[Row] = ()
    treated: Sequence[Treated] = ()
    detections: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: Sequence[Row] = ()
    checks: Sequence[Row] = ()
    failing: Sequence[Row] = ()
    requests: Requests = field(default_factory=Requests)
    holds: Sequence[Held] = ()
    frozen: Sequence[Row] = ()
    kept: Kept = field(default_factory=Kept)
    ledger: LedgerState = field(default_factory=LedgerState)
    exports: Sequence[Row] = ()

    @property
    def regions(self) -> list[str]:
        """The regions of the tenants."""
        return sorted({str(region) for _, _, region, _ in self.tenants})

    def total(self, what: str) -> int:
        """The sum of a number over all volumes."""
        return sum(getattr(one, what) or 0 for one in self.volumes)


def platform_page(told: Platform) -> str:
    """The page, as HTML that needs nothing beside it."""
    shown = [one.asked for one in told.requests.shown[:DRAWN]]
    bars = [(f"{one.tenant}: {one.dataset}", one.bronze, one.quarantined) for one in told.volumes]
    facts = {
        "told": told,
        "attention": attention(told),
        "headline": _headline(told),
        "volumes": drawing(draw_volumes(bars)),
        "treatments": drawing(draw_treatments(_by_class(told.treated))),
        "classes": _classes(told.treated),
        "detections": drawing(draw_detections(told.detections)),
        "requests": drawing(draw_requests(shown, told.made)),
        "rules": drawing(draw_retention(told.kept.rules, name_scopes=True)),
        "states": STATES,
        "standings": (LATE, NEAR, OPEN, DONE_LATE, DONE),
    }  # fmt: skip
    return rendered(shared_template("platform.html.j2"), facts)


def _headline(told: Platform) -> list[tuple[int, str]]:
    stand = told.requests.standings
    return [
        (told.total("landed"), "rows landed"),
        (told.total("bronze"), "of them sealed in bronze"),
        (told.total("quarantined"), "in quarantine"),
        (len(told.failing), "failing checks"),
        (stand[LATE], f"late requests; {stand[NEAR]} near, {stand.total()} in all"),
        (len(told.holds), "legal holds in force"),
    ]


def attention(told: Platform) -> list[str]:
    """What somebody should look at, the worst first; empty where nothing is."""
    stand, ledger = told.requests.standings, told.ledger
    soon = sum(one.soon for one in told.holds)
    due = {row[:2] for row in told.kept.due if row[3]}
    found = [
        (stand[LATE], "request is|requests are", "past the deadline"),
        (len(told.requests.unproved), "finished request has|finished requests have", "no receipt that holds"),
        (len(told.failing), "check fails|checks fail", "and what failed was held back"),
        (stand[NEAR], "request is|requests are", "near the deadline"),
        (soon, "legal hold ends|legal holds end", "soon; what it kept is then due again"),
        (len(told.waiting), "finding waits|findings wait", "for a verdict"),
        (sum(int(row[-1]) for row in told.left), "file lies|files lie", "in the landing zone"),
        (len(due), "table has|tables have", "rows that were due when retention was last planned"),
        (told.kept.unfinished, "deed of retention is|deeds of retention are", "not finished"),
    ]  # fmt: skip
    lines = [f"{number:,} {words.split('|')[number != 1]} {rest}" for number, words, rest in found if number]
    if ledger.unread:
        lines.append(f"Old entries of the ledger cannot be read: {ledger.unread}")
    if ledger.second_has_it is False:
        lacks = "The second place lacks the ledger's newest head"
        lines.append(f"{lacks}: {ledger.trouble}" if ledger.trouble else lacks)
    if ledger.second_has_it is None:
        lines.append("The ledger has no second place: an older copy of the control folder would look sound")
    return lines


def _by_class(treated: Sequence[Treated]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for one in treated:
        found.setdefault(class_words(one.data_class), Counter())[treatment_words(one.treatment)] += 1
    return found


def _classes(treated: Sequence[Treated]) -> list[tuple[str, str, str, str, list[str], str]]:
    """Class in words, class, treatment, why, columns and tenants; a line for each class and treatment."""
    found: dict[tuple[str, str], list[Treated]] = {}
    for one in treated:
        found.setdefault((one.data_class, one.treatment), []).append(one)
    return [
        (
            class_words(key), key, treatment, ", ".join(sorted({one.because for one in columns})),
            sorted({one.column for one in columns}), ", ".join(sorted({one.tenant for one in columns})),
        )
        for (key, treatment), columns in sorted(found.items())
    ]  # fmt: skip
