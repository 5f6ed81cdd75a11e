"""`bronze/<dataset>`: landing files become sealed rows, or quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from dagster_project.defs.described import dataset_asset
from dagster_project.defs.help import help_metadata
from dagster_project.defs.landing import INVENTORY
from dagster_project.defs.outcomes import Settled, TenantOutcome, delta_table, done_spec, settle, tenant_table
from dagster_project.resources import HouseResource
from dagster_project.schemas import bronze_schema
from dagster_project.steps import ingest_step
from policy.bundle import PolicyBundle
from transforms.deliveries import all_left
from transforms.ingest import TenantIngest
from transforms.refusals import mend_of, waits

REFUSED = "no_file_refused"
LEFT = ("reason", "files", "to mend it")
TEXT = (
    "Every version of every record that arrived, sealed; a row that breaks its contract waits in quarantine."
)


def bronze_asset(bundle: PolicyBundle, dataset: str) -> dg.AssetsDefinition:
    """The asset that ingests one dataset."""
    key = dg.AssetKey(["bronze", dataset])
    refused = dg.AssetCheckSpec(
        REFUSED,
        asset=key,
        description="Every file could be read as what its name says",
    )

    @dataset_asset(
        bundle,
        ["bronze", dataset],
        TEXT,
        deps=[INVENTORY],
        kinds={"delta", "spark"},
        metadata={"dagster/column_schema": bronze_schema(bundle, dataset)},
        check_specs=[done_spec(key.path), refused],
    )
    def bronze(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> tuple[dg.MaterializeResult[Any], Settled]:
        tenants = house.free(dataset, context.partition_keys)
        outcomes = ingest_step(house.context(), dataset, tenants, house.inventory())
        settled = settle(context, house, [_outcome(house, dataset, one) for one in outcomes])
        return dg.MaterializeResult(
            metadata=_metadata(outcomes), check_results=[_refused(house, dataset, outcomes)]
        ), settled

    return bronze


def _outcome(house: HouseResource, dataset: str, one: TenantIngest) -> TenantOutcome:
    notes = {
        "files": one.files,
        "files_known_before": one.files_known,
        "rows_landed": one.rows_landed,
        "rows_sealed": one.rows_bronze,
        "rows_quarantined": one.rows_quarantined,
    }
    return TenantOutcome(one.tenant, one.failed, notes | delta_table(house, one.tenant, "bronze", dataset))


def _metadata(outcomes: Sequence[TenantIngest]) -> dict[str, Any]:
    counts = [(o.tenant, o.files, o.rows_landed, o.rows_bronze, o.rows_quarantined) for o in outcomes]
    reasons = [(o.tenant, reason, rows) for o in outcomes for reason, rows in sorted(o.reasons.items())]
    waiting = [(o.tenant, *left) for o in outcomes for left in _left(o.files_waiting)]
    extra = [(o.tenant, column) for o in outcomes for column in sorted(o.undeclared)]
    return {
        "new_rows": tenant_table(["files", "landed", "sealed", "quarantined"], counts),
        "quarantine_reasons": tenant_table(["reason", "rows"], reasons),
        "undeclared_columns": tenant_table(["column"], extra),
        "files_waiting": tenant_table(LEFT, waiting),
    }


def _refused(house: HouseResource, dataset: str, outcomes: Sequence[TenantIngest]) -> dg.AssetCheckResult:
    """Of all tenants, so that a run of some does not hide what another's files wait for."""
    ctx, here = house.context(), {one.tenant for one in outcomes}
    rows = [(o.tenant, *left) for o in outcomes for left in _left(o.files_refused)]
    others = [
        (one.tenant_id, *left)
        for one in all_left(ctx.engine)
        if one.dataset == dataset and one.tenant_id in ctx.bundle.tenants.keys() - here
        for left in _left({} if waits(one.reason) else {one.reason: one.files})
    ]
    rows = sorted(rows + others)
    return dg.AssetCheckResult(
        passed=not rows,
        check_name=REFUSED,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"refused": tenant_table(LEFT, rows)}
        | help_metadata("docs/bad-input.md", ctx.bundle, dataset),
    )


def _left(files: Mapping[str, int]) -> list[tuple[str, int, str]]:
    return [(reason, amount, mend_of(reason)) for reason, amount in sorted(files.items())]
