"""Findings that wait beyond what the policies allow: whose data goes no further until a steward decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from classifications.reviews import Review
from policy import PolicyBundle, UndecidedLimit
from tenancy.control import now
from transforms.standings import CheckResult, Standings

WAITING = "reviews_waiting"
LAYER = "findings"
NO_LIMIT = "the policies set no limit"


@dataclass(frozen=True)
class Undecided:
    """How many findings of a tenant's dataset wait, of those that count against the limit."""

    tenant: str
    waiting: int
    limit: UndecidedLimit

    @property
    def beyond(self) -> bool:
        """Whether more wait than may."""
        return self.waiting > self.limit.at_most

    @property
    def detail(self) -> str:
        """Both numbers, in words."""
        told = f"{self.waiting} personal findings wait for a verdict, and at most {self.limit.at_most} may"
        low = self.limit.from_confidence
        return f"{told} (those of confidence {low:g} or more count)" if low else told


def undecided_of(bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]) -> list[Undecided]:
    """Each tenant that has the dataset and a limit. `reviews` are those of the dataset, of all tenants."""
    limits = {
        tenant: limit
        for tenant in bundle.tenants
        if bundle.contract_for(tenant, dataset) is not None
        if (limit := bundle.undecided_limit(tenant, dataset)) is not None
    }
    return [
        Undecided(tenant, sum(_counts(bundle, tenant, limit, one) for one in reviews), limit)
        for tenant, limit in limits.items()
    ]


def _counts(bundle: PolicyBundle, tenant: str, limit: UndecidedLimit, review: Review) -> bool:
    finding = review.finding
    if not review.waiting or finding.tenant_id != tenant or finding.confidence < limit.from_confidence:
        return False
    return finding.data_class in bundle.taxonomy and bundle.taxonomy[finding.data_class].personal


def record_undecided(
    engine: Engine,
    bundle: PolicyBundle,
    dataset: str,
    reviews: Sequence[Review],
    tenants: Collection[str],
    run_id: str,
) -> list[CheckResult]:
    """Write down how these tenants stand to their limits now, and return it.

    A tenant without a limit is left out, unless one that is gone since had stopped it.
    """
    standings, moment = Standings(engine), now()
    found = {one.tenant: one for one in undecided_of(bundle, dataset, reviews)}
    before = {one.tenant for one in _last(standings, dataset)}
    results = [
        CheckResult(
            WAITING, LAYER, dataset, tenant, tenant not in found or not found[tenant].beyond,
            found[tenant].detail if tenant in found else NO_LIMIT, run_id, moment,
        )
        for tenant in sorted(set(tenants) & (found.keys() | before))
    ]  # fmt: skip
    standings.record(results)
    return results


def restate_undecided(engine: Engine, bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]) -> None:
    """After verdicts: what was written down of the dataset's tenants, as it stands now."""
    standings = Standings(engine)
    found = {one.tenant: one for one in undecided_of(bundle, dataset, reviews)}
    changed = [
        replace(before, success=not one.beyond, detail=one.detail, checked_at=now())
        for before in _last(standings, dataset)
        if (one := found.get(before.tenant)) is not None and one.detail != before.detail
    ]
    standings.record(changed)


def _last(standings: Standings, dataset: str) -> list[CheckResult]:
    return standings.named(WAITING, LAYER, dataset)
