"""Hands for retention tests: rules over the small lake, a moment in the future, a run, and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from erasures import verifier
from small_lake import SmallLake

from policy import Clock, Period, Retention, RetentionAction, RetentionRule
from retention.expire import Expired, Prover, expire
from retention.plan import plan_retention
from retention.prove_expiry import ExpiryVerifier
from retention.receipt import Proof
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


def taken_on_trust(_ctx: object, told: Expired) -> Mapping[str, Proof]:
    """A prover that looks at nothing: for tests of what is done, not of what is proved."""
    return {one.tenant: Proof(complete=True, receipt=f"{one.tenant}.json") for one in told.unproved}


def expiry_verifier(lake: SmallLake) -> ExpiryVerifier:
    """The real one, over lake, control folder and landing zone."""
    looks = verifier(lake)
    return ExpiryVerifier(looks.places, looks.receipts, looks.signing_key)


def run(lake: SmallLake, at: datetime = LATER, prove: Prover = taken_on_trust, **how: object) -> Expired:
    """Execute the plan for all tenants, and protect what it left to be made anew."""

    def remake(dataset: str, tenants: list[str]) -> dict[str, str]:
        told = protect_dataset(lake.ctx, dataset, tenants)
        return {one.tenant: one.failed for one in told if one.failed is not None}

    return expire(lake.ctx, TENANTS, at, remake, prove, **how)


def due(lake: SmallLake, at: datetime = LATER) -> int:
    """How many rows would go now, over all tables and rules."""
    return sum(one.due for one in plan_retention(lake.ctx, TENANTS, at).lines)
