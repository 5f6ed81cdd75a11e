"""The steps of the main job: each wraps one function of a lower room with lineage and follow-up."""

from __future__ import annotations

from collections.abc import Sequence

from classifications.detector import Detector
from dagster_project.lineage import StepLineage, ingest_edges, protect_edges, silver_columns
from retention.landing import dispose
from transforms.classify import TenantClassify, classify_dataset, needs_classify
from transforms.context import LakeContext
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
    lineage = StepLineage(ctx, "ingest", dataset)
    lineage.start(sorted({file.tenant for file in inventory.of(dataset, list(tenants))}))
    outcomes = ingest_dataset(ctx, dataset, tenants, inventory)
    for outcome in outcomes:
        dispose(outcome.settled, ctx.keyring, ctx.engine, ctx.lake.root)
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
    return outcomes


def classify_step(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[TenantClassify]:
    """Classify the tenants whose rows, policies or detector changed."""
    detector = Detector.default()
    lineage = StepLineage(ctx, "classify", dataset)
    lineage.start(needs_classify(ctx, dataset, tenants, detector))
    outcomes = classify_dataset(ctx, dataset, tenants, detector)
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
    lineage = StepLineage(ctx, "protect", dataset)
    lineage.start(needs_protect(ctx, dataset, tenants))
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
