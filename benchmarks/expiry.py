"""A run of retention that one row in a hundred of a lake is due for, from the first look to the receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.measure import Phases
from benchmarks.orders import PER_CUSTOMER, Orders
from benchmarks.people import DATASET
from dagster_project.erasing import places_of
from policy.retention import Clock, Period, Retention, RetentionAction, RetentionRule
from retention.expire import expire
from retention.prove_expiry import ExpiryVerifier
from tenancy.signing import open_signing_key

SHARE = 10
ABOUT = f"one tenant in {SHARE} loses the oldest of {SHARE} of its rows, verified"
FIRST = datetime.fromtimestamp(1_760_000_000, UTC)
"""When the first customer of `benchmarks.people` changed; each later one a second after."""


def expire_some(lake: Orders, turn: int, clock: Phases) -> None:
    """Expire the oldest tenth of the rows of the next tenth of the tenants. Raises RuntimeError if it fails.

    Args:
        lake: The lake; nothing of these tenants' oldest rows may have expired before.
        turn: How many tenths of the tenants had their turn before.
        clock: Takes the seconds, as looking with expiring, and verifying.
    """
    tenants = lake.ids[turn::SHARE]
    day = Period(days=1)
    rules = [
        RetentionRule(RetentionAction.ERASE, day, Clock.OCCURRED, "measured", dataset=DATASET, tenant=one)
        for one in tenants
    ]
    ctx = replace(lake.ctx, bundle=replace(lake.ctx.bundle, retention=Retention(tuple(rules))))
    settings, oldest = lake.settings, lake.customers // SHARE
    at = day.end(FIRST) + timedelta(seconds=oldest - 1)
    verifier = ExpiryVerifier(places_of(settings), settings.receipts, open_signing_key(settings.signing_key))
    told = expire(ctx, tenants, at, _nothing_to_remake, verifier, lambda step: clock.turn(step.split()[0]))
    rows = sum(one.rows for one in told.effects if one.layer == "bronze")
    least = lake.customers * PER_CUSTOMER // SHARE**2 * 8 // 10  # some of them were erased before
    if told.failed or rows < least:
        raise RuntimeError(f"{rows} rows expired, of {least} at least: {list(told.failed.values())[:3]}")


def _nothing_to_remake(dataset: str, tenants: Sequence[str]) -> Mapping[str, str]:
    raise RuntimeError(
        f"silver of {dataset} was to be made anew for {len(tenants)} tenants: whole records go"
    )
