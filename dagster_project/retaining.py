"""Retention of a lake executed: what is due goes, silver follows, lineage is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from audit.erasures import expiry_events
from audit.outbox import Outbox
from dagster_project.lineage import step_run, table_refs
from dagster_project.steps import classify_step, protect_step
from policy.contracts import Contract
from retention.effects import Effect
from retention.expire import Expired, expire
from retention.plan import LAYERS
from tenancy.control import now
from transforms.context import LakeContext


def expire_step(
    ctx: LakeContext, tenants: Sequence[str], progress: Callable[[str], None] = lambda _: None
) -> Expired:
    """Do what the rules want done of these tenants by now; one event pair a tenant and dataset."""
    begun = now()
    told = expire(ctx, tenants, begun, partial(_remake, ctx), progress)
    by_place: dict[tuple[str, str], list[Effect]] = {}
    for one in told.effects:
        by_place.setdefault((one.tenant, one.dataset), []).append(one)
    for (tenant, dataset), effects in by_place.items():
        contract = ctx.bundle.contract_for(tenant, dataset)
        if contract is not None:
            _tell_lineage(ctx, told, tenant, contract, effects)
    return told


def _remake(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> Mapping[str, str]:
    """Silver anew. Classified first: rows may have come in since, and decide how strictly it is treated."""
    classified = classify_step(ctx, dataset, tenants)
    failed = {one.tenant: one.failed for one in classified if one.failed is not None}
    protected = protect_step(ctx, dataset, [one for one in tenants if one not in failed])
    return failed | {one.tenant: one.failed for one in protected if one.failed is not None}


def _tell_lineage(
    ctx: LakeContext, told: Expired, tenant: str, contract: Contract, effects: Sequence[Effect]
) -> None:
    step = step_run(ctx, "erase", tenant, contract, ctx.run_id, told.at)
    touched = {one.layer for one in effects}
    tables = table_refs(ctx, tenant, contract, [layer for layer in LAYERS if layer in touched])
    counts: Counter[str] = Counter()
    for one in effects:
        counts[f"rows_{one.verb}_{one.layer}"] += one.rows
    Outbox(ctx.engine).append(expiry_events(step, tables, dict(counts), now()))
