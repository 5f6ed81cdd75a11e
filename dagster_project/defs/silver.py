"""`silver/<dataset>`: the present rows, one treatment a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
from sqlalchemy import Engine

from classifications.risks import BOUND
from dagster_project.checks_data import BRONZE_CHECKS
from dagster_project.defs.described import dataset_asset
from dagster_project.defs.outcomes import (
    Settled,
    TenantOutcome,
    delta_table,
    done_spec,
    hold_undecided,
    settle,
    tenant_table,
)
from dagster_project.resources import HouseResource
from dagster_project.reviewing import all_reviews
from dagster_project.schemas import silver_lineage, silver_schema
from dagster_project.steps import protect_step
from policy.bundle import PolicyBundle
from transforms.protect import TenantProtect, last_protections
from transforms.risks import known_risks
from transforms.standings import Standings

TEXT = "The present state, pseudonymised: what analysts read."
TOGETHER = ("columns together", "smallest group (k)", f"people in groups below {BOUND}", "people")
COLUMNS = ("column", "class", "treatment", "because", "steward should decide")


def silver_asset(bundle: PolicyBundle, dataset: str) -> dg.AssetsDefinition:
    """The asset that protects one dataset."""

    @dataset_asset(
        bundle,
        ["silver", dataset],
        TEXT,
        deps=[dg.AssetKey(["findings", dataset])],
        kinds={"delta", "spark"},
        metadata={
            "dagster/column_schema": silver_schema(bundle, dataset),
            "dagster/column_lineage": silver_lineage(bundle, dataset),
        },
        check_specs=[done_spec(["silver", dataset])],
    )
    def silver(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> tuple[dg.MaterializeResult[Any], Settled]:
        stopped = _hold_back(house, dataset, context.partition_keys)
        tenants = house.free(dataset, context.partition_keys)
        outcomes = protect_step(house.context(), dataset, tenants)
        settled = settle(context, house, [_outcome(house, dataset, one) for one in outcomes])
        told = _metadata(house, dataset, outcomes)
        return dg.MaterializeResult(metadata=told), replace(settled, stopped=stopped)

    return silver


def _hold_back(house: HouseResource, dataset: str, tenants: Sequence[str]) -> str | None:
    """What stops a tenant before silver stops it here, too, because a steward can launch silver alone.

    The words of the error where findings that wait leave nobody; else None.
    """
    ctx = house.context()
    for one in Standings(ctx.engine).failing():
        if (one.layer, one.dataset) == ("bronze", dataset) and one.name in BRONZE_CHECKS:
            house.hold(dataset, one.tenant, f"bronze: {one.name}")
    if not ctx.bundle.undecided:
        return None
    return hold_undecided(house, dataset, all_reviews(ctx.engine, ctx.bundle, dataset=dataset), tenants)


def _outcome(house: HouseResource, dataset: str, one: TenantProtect) -> TenantOutcome:
    notes = {"rewritten": one.changed, "contract_version": one.contract.version}
    if one.rows is not None:
        notes["dagster/partition_row_count"] = one.rows
    return TenantOutcome(one.tenant, one.failed, notes | delta_table(house, one.tenant, "silver", dataset))


def _metadata(house: HouseResource, dataset: str, outcomes: Sequence[TenantProtect]) -> dict[str, Any]:
    plans = [
        (o.tenant, p.column.name, p.data_class or "", str(p.treatment), p.because, p.undecided)
        for o in outcomes
        for p in o.plan
    ]
    ctx = house.context()
    # The table's rows, of tenants that are not in this run too.
    stands = last_protections(ctx.engine, dataset)
    rows = sum(last.rows for tenant, last in stands.items() if tenant in ctx.bundle.tenants)
    return {
        "dagster/row_count": dg.MetadataValue.int(rows),
        "rows": tenant_table(["rows"], [(o.tenant, o.rows or 0) for o in outcomes]),
        "treatments": tenant_table(COLUMNS, plans),
        "singling_out": tenant_table(TOGETHER, _together(ctx.engine, dataset, [o.tenant for o in outcomes])),
    }


def _together(engine: Engine, dataset: str, tenants: Sequence[str]) -> list[tuple[str, str, int, int, int]]:
    return [
        (tenant, " + ".join(one.columns), one.smallest, one.below, one.rows)
        for tenant, one in known_risks(engine, dataset, tenants)
    ]
