"""When a row comes due under a rule, and whether a hold keeps it; in Spark, `retention/due.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policy.retention import Clock, RetentionRule
from retention.holds import Hold


@dataclass(frozen=True)
class RowFacts:
    """What retention looks at in a row, in the clear in bronze; quarantine has `ingested_at` alone."""

    tenant: str
    dataset: str
    ingested_at: datetime
    occurred_at: datetime | None = None
    subject_token: str | None = None


def begins(row: RowFacts, rule: RetentionRule) -> datetime:
    """From when the rule's period counts: `ingested_at` where `occurred_at` is asked for and null."""
    if rule.clock is Clock.OCCURRED and row.occurred_at is not None:
        return row.occurred_at
    return row.ingested_at


def is_due(row: RowFacts, rule: RetentionRule, at: datetime) -> bool:
    """Whether the rule's period is over at `at`, holds or no holds."""
    return rule.period.end(begins(row, rule)) <= at


def kept_by(row: RowFacts, holds: Iterable[Hold], at: datetime) -> list[Hold]:
    """The holds in force at `at` that keep the row.

    What cannot be told counts as covered: a row without a subject, or without `occurred_at`.
    """
    return [hold for hold in holds if hold.in_force(at) and _covers(hold, row)]


def goes(row: RowFacts, rule: RetentionRule, holds: Iterable[Hold], at: datetime) -> bool:
    """Whether the rule acts on the row at `at`: it is due, and no hold keeps it."""
    return is_due(row, rule, at) and not kept_by(row, holds, at)


def _covers(hold: Hold, row: RowFacts) -> bool:
    scope, when = hold.scope, row.occurred_at
    tokens = (row.subject_token,) if row.subject_token is not None else ()
    if not scope.meets(row.tenant, row.dataset, tokens):
        return False
    begun = when is None or scope.occurred_from is None or when >= scope.occurred_from
    return begun and (when is None or scope.occurred_before is None or when < scope.occurred_before)
