"""How a step's outcomes, tenant by tenant, become what Dagster records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dagster_project.resources import HouseResource
from dagster_project.tables import Cell, table
from transforms.lake import Table

DONE = "every_tenant_done"


@dataclass(frozen=True)
class TenantOutcome:
    """One tenant's share of a step. `failed` is an error kind; `metadata` goes to the tenant's partition."""

    tenant: str
    failed: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def done_spec(key: Sequence[str]) -> dg.AssetCheckSpec:
    """The check that fails when a tenant failed here or was held back before; the others go on."""
    return dg.AssetCheckSpec(
        DONE, asset=dg.AssetKey(key), description="No tenant failed in this step or was held back before it"
    )


def settle(
    context: dg.AssetExecutionContext, house: HouseResource, outcomes: Sequence[TenantOutcome]
) -> dg.AssetCheckResult:
    """Give each tenant's partition its metadata, hold back who failed, and say so in the check."""
    layer, dataset = context.asset_key.path
    before = house.held(dataset)
    for outcome in outcomes:
        if outcome.failed is not None:
            house.hold(dataset, outcome.tenant, f"{layer}: {outcome.failed}")
    state = {outcome.tenant: outcome.failed or "done" for outcome in outcomes}
    state |= {tenant: f"held back, {before[tenant]}" for tenant in before if tenant in context.partition_keys}
    notes = {outcome.tenant: dict(outcome.metadata) for outcome in outcomes}
    for tenant in context.partition_keys:
        told = {"outcome": state.get(tenant, "has no contract for this dataset"), **notes.get(tenant, {})}
        context.add_asset_metadata(told, partition_key=tenant)
    bad = sorted(tenant for tenant, what in state.items() if what != "done")
    return dg.AssetCheckResult(
        passed=not bad,
        check_name=DONE,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "tenants": table(["tenant", "outcome"], sorted(state.items())),
            "not_done": ", ".join(bad) or "none",
        },
    )


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
