"""Legal holds, and retention: its rules, what it did, and what was due when it was last planned."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from audit.pages.platform import Held, Kept, Row
from dagster_project.defs.request_desk import ENDS_SOON
from dagster_project.platform_report.runs import ToldByRuns
from policy import PolicyBundle
from retention.effects import Effect, all_effects
from retention.holds import Hold, all_holds
from retention.stores import retention_stores


def holds(engine: Engine, at: datetime) -> list[Held]:
    """Those in force, the next to end first. Who placed one is left out: it can be a person's account."""
    found = [one for one in all_holds(engine) if one.in_force(at)]
    return [
        _held(one, at) for one in sorted(found, key=lambda one: one.until or datetime.max.replace(tzinfo=UTC))
    ]


def _held(one: Hold, at: datetime) -> Held:
    who = "one person" if one.scope.subject_tokens else "everybody"
    until = "when it is lifted" if one.until is None else f"{one.until:%Y-%m-%d}"
    soon = one.until is not None and one.until <= at + ENDS_SOON
    over = f"{one.scope.dataset or 'every dataset'}, {who}"
    return Held(one.matter, one.scope.tenant, over, f"{one.placed_at:%Y-%m-%d}", until, soon)


def kept(engine: Engine, bundle: PolicyBundle, runs: ToldByRuns) -> Kept:
    """What the control database knows of retention, and what the last plan on record told."""
    effects = all_effects(engine)
    rows: Counter[tuple[str, str, str, str]] = Counter()
    for one in effects:
        rows[_month(one), one.tenant, f"{one.layer}/{one.dataset}", f"{one.verb} {one.what}"] += one.rows
    return Kept(
        rules=bundle.retention.rules,
        done=[(*key, number) for key, number in sorted(rows.items())],
        unfinished=len({one.seq for one in effects if one.finished_at is None}),
        stores=_stores(engine),
        due_at=runs.planned_at,
        due=runs.due,
        coming=runs.coming,
        not_planned=runs.not_planned,
    )


def _month(one: Effect) -> str:
    return f"{one.finished_at:%Y-%m}" if one.finished_at is not None else "not finished"


def _stores(engine: Engine) -> list[Row]:
    table = retention_stores
    gone: Counter[tuple[str, str]] = Counter()
    freed: Counter[tuple[str, str]] = Counter()
    with engine.connect() as connection:
        for one in connection.execute(select(table)):
            gone[f"{one.done_at:%Y-%m}", one.store] += one.gone
            freed[f"{one.done_at:%Y-%m}", one.store] += one.bytes
    return [(*key, number, freed[key]) for key, number in sorted(gone.items())]
