"""What waits for a steward on `findings/<dataset>`: a table, and the check `reviews_waiting`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import dagster as dg
from sqlalchemy import Engine

from classifications.ledger import FindingsLedger
from classifications.reviews import Review
from dagster_project.defs.help import DESK_PAGE, help_metadata
from dagster_project.reviewing import treatments_now
from dagster_project.tables import table
from policy import PolicyBundle

WAITING = "reviews_waiting"
COLUMNS = ("tenant", "column", "found", "confidence", "because", "declared", "treated", "verdict")
LAUNCHPAD = "/locations/lakeward/jobs/record_verdict/playground/setup"
MOST_LINKS = 10


def waiting_spec(dataset: str) -> dg.AssetCheckSpec:
    """The check that warns while findings of a dataset wait for a verdict."""
    return dg.AssetCheckSpec(
        WAITING,
        asset=dg.AssetKey(["findings", dataset]),
        description="No finding waits for a steward. The job record_verdict, or lakeward review, answers one",
    )


def reviews_check(engine: Engine, bundle: PolicyBundle, dataset: str) -> dg.AssetCheckResult:
    """How it stands now, of all tenants, so that a run of some does not hide what others wait for."""
    waiting = [one for one in _reviews(engine, bundle, dataset) if one.waiting]
    by_tenant = Counter(one.finding.tenant_id for one in waiting)
    told = ", ".join(f"{tenant} {amount}" for tenant, amount in sorted(by_tenant.items()))
    return dg.AssetCheckResult(
        passed=not waiting,
        asset_key=dg.AssetKey(["findings", dataset]),
        check_name=WAITING,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(waiting)} wait for a verdict: {told}" if waiting else "nothing waits",
        metadata={
            "waiting": waits_for_verdict(engine, bundle, dataset, waiting),
            "to_answer": "a link below, the job record_verdict, or: lakeward review approve|reject|set|defer",
            **_links(waiting),
            **help_metadata(DESK_PAGE, bundle, dataset),
        },
    )


def review_table(engine: Engine, bundle: PolicyBundle, dataset: str) -> dg.TableMetadataValue:
    """All findings of a dataset that are not as declared, decided or not."""
    found = [one for one in _reviews(engine, bundle, dataset) if one.waiting or one.verdict is not None]
    return waits_for_verdict(engine, bundle, dataset, found)


def waits_for_verdict(
    engine: Engine, bundle: PolicyBundle, dataset: str, reviews: Sequence[Review]
) -> dg.TableMetadataValue:
    """These reviews as a table."""
    tenants = sorted({one.finding.tenant_id for one in reviews})
    plans = {tenant: treatments_now(engine, bundle, tenant, dataset) for tenant in tenants}
    rows = [
        (
            f.tenant_id, f"{dataset}.{f.column}", f.data_class, f.confidence, f.reason,
            f.declared_class or "nothing", str(plans[f.tenant_id][f.column].treatment), said(one),
        )
        for one in reviews
        for f in (one.finding,)
    ]  # fmt: skip
    return table(COLUMNS, rows)


def _links(reviews: Sequence[Review]) -> dict[str, dg.MetadataValue[Any]]:
    """For each finding a link to the launchpad, filled in but for the decision itself."""
    links: dict[str, dg.MetadataValue[Any]] = {}
    for finding in (one.finding for one in reviews[:MOST_LINKS]):
        config = (
            f"# Fill in verdict and why (Ctrl+Space shows the choices), then Launch Run.\n"
            f"# approve: the class is right. reject: it is not. set: it is another, given as new_class. "
            f"defer: later.\n"
            f"ops:\n  take_down:\n    config:\n"
            f"      tenant: {finding.tenant_id}\n"
            f"      column: {finding.dataset}.{finding.column}\n"
            f"      found: {finding.data_class}\n"
            f"      verdict:\n      why:\n      by: data-steward\n"
        )
        name = f"answer {finding.tenant_id} {finding.column} {finding.data_class}"
        links[name] = dg.MetadataValue.url(f"{LAUNCHPAD}?config={quote(config)}")
    return links


def said(review: Review) -> str:
    """The verdict in words, or that one waits."""
    verdict = review.verdict
    if verdict is None:
        return str(review.state)
    word = f"{verdict.decision} {verdict.new_class or ''}".strip()
    told = f"{word}, by {verdict.actor}, {verdict.decided_at:%Y-%m-%d}: {verdict.reason}"
    return f"{review.state}, {review.change}; it was {told}" if review.change else told


def _reviews(engine: Engine, bundle: PolicyBundle, dataset: str) -> list[Review]:
    ledger = FindingsLedger(engine)
    own = [
        tenant for tenant, name in ledger.judged_datasets() if name == dataset and tenant in bundle.tenants
    ]
    return [
        review
        for tenant in own
        if (contract := bundle.contract_for(tenant, dataset)) is not None
        for review in ledger.reviews(tenant, dataset)
        if any(column.name == review.finding.column for column in contract.columns)
    ]
