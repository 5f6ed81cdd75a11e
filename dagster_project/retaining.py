"""Retention of a lake executed: what is due goes, silver follows, the verifier looks, lineage is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from audit.erasures import expiry_events
from audit.half_told import half_told
from audit.outbox import Outbox
from dagster_project.erasing import places_of
from dagster_project.lineage import step_run, table_refs
from dagster_project.settings import Settings
from dagster_project.steps import classify_step, protect_step
from policy.contracts import Contract
from retention.effects import Effect
from retention.expire import Expired, expire
from retention.plan import LAYERS
from retention.prove_expiry import ExpiryVerifier
from retention.receipt import Proof
from tenancy.control import now
from tenancy.signing import open_signing_key
from transforms.context import LakeContext

REMADE_BY = ("classify", "protect")
"""The steps by which silver is made anew."""


def expire_step(
    ctx: LakeContext, settings: Settings, tenants: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
) -> Expired:  # fmt: skip
    """Do what the rules want done of these tenants by now; a receipt each, one event pair a dataset."""
    key = open_signing_key(settings.signing_key)
    verifier = ExpiryVerifier(places_of(settings), settings.receipts, key)
    told = expire(ctx, tenants, now(), partial(_remake, ctx), partial(_prove, verifier), progress)
    _end_cut_off(ctx, told)
    return told


def _end_cut_off(ctx: LakeContext, told: Expired) -> None:
    """Begin again what a dead run of retention had done to silver without telling lineage of its end."""
    done = {(one.dataset, one.tenant) for one in told.effects}
    cut_off: dict[str, set[str]] = {}
    for one in half_told(ctx.engine, ctx.dead_runs):
        if one.step in REMADE_BY and (one.dataset, one.tenant_id) in done:
            cut_off.setdefault(one.dataset, set()).add(one.tenant_id)
    for dataset, tenants in cut_off.items():
        for tenant, kind in _remake(ctx, dataset, sorted(tenants)).items():
            told.failed.setdefault((tenant, dataset), kind)


def _prove(verifier: ExpiryVerifier, ctx: LakeContext, told: Expired) -> Mapping[str, Proof]:
    """Lineage is told before the effects are finished: a run that dies in between tells twice, never not."""
    proofs = verifier(ctx, told)
    by_place: dict[tuple[str, str], list[Effect]] = {}
    for one in told.unproved:
        if proofs[one.tenant].complete:
            by_place.setdefault((one.tenant, one.dataset), []).append(one)
    for (tenant, dataset), effects in by_place.items():
        contract = ctx.bundle.contract_for(tenant, dataset)
        if contract is not None:
            _tell_lineage(ctx, told, tenant, contract, effects)
    return proofs


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
