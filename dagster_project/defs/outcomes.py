"""How a step's outcomes, tenant by tenant, become what Dagster records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from classifications.reviews import Review
from dagster_project.defs.help import help_metadata
from dagster_project.defs.verdicts import DONE, HELD, standing_of, told_of, verdict
from dagster_project.mends import PLAYBOOK
from dagster_project.resources import HouseResource
from dagster_project.tables import Cell, table
from dagster_project.undecided import LAYER, WAITING, record_undecided
from tenancy.control import now
from transforms.lake import Table
from transforms.standings import CheckResult, Standings


@dataclass(frozen=True)
class TenantOutcome:
    """One tenant's share of a step. `failed` is an error kind; `metadata` goes to the tenant's partition."""

    tenant: str
    failed: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """What Dagster is told of a step: a check over the tenants and, in a run of one tenant, why it failed.

    Dagster cannot mark one partition of many as failed (its issue 17836), so a run of many tenants
    ends well where one of them failed; that one then gets a run of its own, which fails.
    `stopped` says why nobody goes on from here although the step's own work is done.
    """

    check: dg.AssetCheckResult
    failure: str | None
    stopped: str | None = None


def done_spec(key: Sequence[str]) -> dg.AssetCheckSpec:
    """The check that fails when a tenant failed here or was held back before; the others go on."""
    return dg.AssetCheckSpec(
        DONE, asset=dg.AssetKey(key), description="No tenant failed in this step or was held back before it"
    )


def settle(
    context: dg.AssetExecutionContext, house: HouseResource, outcomes: Sequence[TenantOutcome]
) -> Settled:
    """Give each tenant's partition its metadata, hold back who failed, write it down, and say so."""
    layer, dataset = context.asset_key.path
    before = house.held(dataset)
    for outcome in outcomes:
        if outcome.failed is not None:
            house.hold(dataset, outcome.tenant, f"{layer}: {outcome.failed}")
    state = {outcome.tenant: outcome.failed or "done" for outcome in outcomes}
    state |= {tenant: f"{HELD}{before[tenant]}" for tenant in before if tenant in context.partition_keys}
    notes = {outcome.tenant: dict(outcome.metadata) for outcome in outcomes}
    for tenant in context.partition_keys:
        told = {"outcome": state.get(tenant, "has no contract for this dataset"), **notes.get(tenant, {})}
        context.add_asset_metadata(told, partition_key=tenant)
    moment, ctx = now(), house.context()
    results = [
        CheckResult(DONE, layer, dataset, tenant, what == "done", what, context.run_id, moment)
        for tenant, what in sorted(state.items())
    ]
    standings = Standings(ctx.engine)
    standings.record(results)
    everybody = standings.named(DONE, layer, dataset)
    key = dg.AssetCheckKey(context.asset_key, DONE)
    severity = dg.AssetCheckSeverity.ERROR
    told = help_metadata(PLAYBOOK, ctx.bundle, dataset)
    check = verdict(key, standing_of(everybody, ctx.bundle), context.run_id, severity, told)
    return Settled(check, _failure(results, len(context.partition_keys)))


def _failure(results: Sequence[CheckResult], tenants: int) -> str | None:
    failed = [one for one in results if not one.success]
    if tenants > 1 or not failed:
        return None
    return told_of(failed)


def hold_undecided(
    house: HouseResource, dataset: str, reviews: Sequence[Review], tenants: Iterable[str]
) -> str | None:
    """Hold back who has more findings waiting than the policies allow, and write that down.

    `reviews` are those of the dataset, of all tenants. The words of the error where nobody of `tenants` is
    left; else None.
    """
    ctx, free = house.context(), house.free(dataset, tenants)
    results = record_undecided(ctx.engine, ctx.bundle, dataset, reviews, free, ctx.run_id)
    beyond = [one for one in results if not one.success]
    for one in beyond:
        house.hold(dataset, one.tenant, f"{LAYER}: {WAITING}")
    return told_of(beyond) if beyond and not house.free(dataset, free) else None


def delta_table(house: HouseResource, tenant: str, layer: str, dataset: str) -> dict[str, Any]:
    """Where a tenant's table lies and at which Delta version it stands."""
    ctx = house.context()
    place = Table(ctx.bundle.tenants[tenant].region, layer, dataset)
    version = ctx.lake.version(place)
    if version is None:
        return {}
    return {"table": dg.MetadataValue.path(ctx.lake.path(place)), "delta_version": version}


def tenant_table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> dg.TableMetadataValue:
    """A table with one line or more a tenant."""
    return table(["tenant", *columns], rows)
