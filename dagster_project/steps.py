"""The steps of the main job: each wraps one function of a lower room with lineage and follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from audit.events import abort_event
from audit.half_told import half_told
from audit.outbox import Outbox
from dagster_project.lineage import StepLineage, ingest_edges, protect_edges, silver_columns
from dagster_project.run_locks import forget_runs
from retention.landing import NOT_REMOVED, dispose
from tenancy.control import now
from transforms.classify import TenantClassify, classify_dataset
from transforms.context import LakeContext
from transforms.deliveries import record_left
from transforms.ingest import TenantIngest, ingest_dataset
from transforms.landing import Inventory, take_inventory
from transforms.protect import TenantProtect, needs_protect, protect_dataset
from transforms.violations import record_violation


def inventory_step(ctx: LakeContext) -> Inventory:
    """What lies in the landing zone; what lies where it must not is recorded as a violation."""
    found = take_inventory(ctx.landing, ctx.bundle)
    for one in found.violations:
        record_violation(ctx.engine, one.kind, one.place, one.amount, ctx.run_id)
    return found


def ingest_step(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], inventory: Inventory
) -> list[TenantIngest]:
    """Ingest, then deal with the landing files whose content is verified in the lake."""
    asked = set(tenants)
    waiting = {file.tenant for file in inventory.files if file.dataset == dataset and file.tenant in asked}
    with StepLineage(ctx, "ingest", dataset) as lineage:
        lineage.start(waiting, among=tenants)
        outcomes = ingest_dataset(ctx, dataset, tenants, inventory)
        for outcome in outcomes:
            if outcome.tenant not in lineage.started:
                continue
            if outcome.failed is not None:
                lineage.fail(outcome.tenant, outcome.failed)
                continue
            contract = ctx.bundle.contract_for(outcome.tenant, dataset)
            counts = {
                "files": outcome.files, "files_known": outcome.files_known,
                "files_refused": outcome.files_refused.total(),
                "rows_in": outcome.rows_landed, "rows_out": outcome.rows_bronze,
                "rows_quarantined": outcome.rows_quarantined,
            }  # fmt: skip
            lineage.complete(outcome.tenant, counts, ingest_edges(contract) if contract else ())
    by_tenant = {outcome.tenant: outcome for outcome in outcomes}
    settled = {outcome.tenant: outcome.settled for outcome in outcomes if outcome.settled}
    for region, members in ctx.by_region(list(settled)).items():
        with ctx.lake.lease(region, dataset):  # two runs may have the same file in hand
            for tenant in members:
                fates = dispose(settled[tenant], ctx.keyring, ctx.engine, ctx.lake.root)
                if NOT_REMOVED in fates:
                    by_tenant[tenant].files_waiting[NOT_REMOVED] = fates[NOT_REMOVED]
    record_left(ctx.engine, dataset, {one.tenant: one.files_refused + one.files_waiting for one in outcomes})
    return outcomes


def classify_step(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[TenantClassify]:
    """Classify the tenants whose rows, policies or detector changed."""
    with StepLineage(ctx, "classify", dataset) as lineage:
        begin = partial(lineage.start, among=tenants)
        outcomes = classify_dataset(ctx, dataset, tenants, begin)
        for outcome in outcomes:
            if outcome.tenant in lineage.started:
                if outcome.failed is not None:
                    lineage.fail(outcome.tenant, outcome.failed)
                else:
                    lineage.complete(
                        outcome.tenant, {"findings": len(outcome.findings), "findings_new": outcome.new}
                    )
    return outcomes


def protect_step(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[TenantProtect]:
    """Protect the tenants whose bronze rows or plan changed."""
    with StepLineage(ctx, "protect", dataset) as lineage:
        lineage.start(needs_protect(ctx, dataset, tenants), among=tenants)
        outcomes = protect_dataset(ctx, dataset, tenants)
        for outcome in outcomes:
            if outcome.tenant in lineage.started:
                if outcome.failed is not None:
                    lineage.fail(outcome.tenant, outcome.failed)
                else:
                    edges = protect_edges(outcome.contract, outcome.plan)
                    lineage.complete(
                        outcome.tenant, {"rows_out": outcome.rows or 0}, edges, silver_columns(outcome.plan)
                    )
    return outcomes


def close_dead_runs(ctx: LakeContext, leases: Path) -> None:
    """At a run's end: tell ABORT of what dead runs had begun and nobody begins again, and forget those runs.

    What a later run begins again is left to that one. A check is not: it is due only when something changed.
    """
    left: set[str] = set()
    aborted = []
    for one in half_told(ctx.engine, ctx.dead_runs):
        known = one.tenant_id in ctx.bundle.tenants and ctx.bundle.contract_for(one.tenant_id, one.dataset)
        if known and one.step != "check":
            left.add(one.run_id)
        else:
            aborted.append(abort_event(one, at=now()))
    if aborted:
        Outbox(ctx.engine).append(aborted)
    forget_runs(leases, set(ctx.dead_runs) - left)
