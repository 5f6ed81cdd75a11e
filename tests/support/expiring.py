"""Hands for retention tests: rules over the small lake, a moment in the future, and a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from small_lake import SmallLake

from policy import Clock, Period, Retention, RetentionAction, RetentionRule
from retention.expire import Expired, expire
from retention.plan import plan_retention
from transforms.protect import protect_dataset

ERASE, ANONYMISE, REVIEW = RetentionAction
LATER = datetime(2090, 1, 1, tzinfo=UTC)
"""When all that came in today has been due for long."""
TENANTS = ["acme", "globex", "initech"]


def rule(
    action: RetentionAction, period: Period, clock: Clock = Clock.INGESTED, **scope: str
) -> RetentionRule:
    return RetentionRule(action, period, clock, "why", **scope)


def ruled(lake: SmallLake, *rules: RetentionRule) -> SmallLake:
    """The lake under these rules."""
    return lake.with_policies(replace(lake.ctx.bundle, retention=Retention(rules)))


def run(lake: SmallLake, at: datetime = LATER, **how: object) -> Expired:
    """Execute the plan for all tenants, and protect what it left to be made anew."""

    def remake(dataset: str, tenants: list[str]) -> dict[str, str]:
        told = protect_dataset(lake.ctx, dataset, tenants)
        return {one.tenant: one.failed for one in told if one.failed is not None}

    return expire(lake.ctx, TENANTS, at, remake, **how)


def due(lake: SmallLake, at: datetime = LATER) -> int:
    """How many rows would go now, over all tables and rules."""
    return sum(one.due for one in plan_retention(lake.ctx, TENANTS, at).lines)
