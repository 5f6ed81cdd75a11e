"""`findings/<dataset>`: what is personal in bronze, as counts and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dagster as dg

from classifications.precision import Precision
from dagster_project.defs.described import dataset_asset
from dagster_project.defs.outcomes import (
    Settled,
    TenantOutcome,
    done_spec,
    hold_undecided,
    settle,
    tenant_table,
)
from dagster_project.defs.recognizers import work_check, work_spec
from dagster_project.defs.reviews import (
    check_of,
    newest_precision,
    precision_of,
    precision_table,
    review_table,
    waiting_spec,
)
from dagster_project.resources import HouseResource
from dagster_project.reviewing import all_reviews
from dagster_project.steps import classify_step
from policy.bundle import PolicyBundle
from transforms.classify import TenantClassify

TEXT = "The classification ledger's present findings; they hold counts and scores, never values."
COLUMNS = ("column", "class", "confidence", "status", "declared", "because")


def findings_asset(bundle: PolicyBundle, dataset: str) -> dg.AssetsDefinition:
    """The asset that classifies one dataset."""

    @dataset_asset(
        bundle,
        ["findings", dataset],
        TEXT,
        deps=[dg.AssetKey(["bronze", dataset])],
        kinds={"presidio", "spark"},
        check_specs=[done_spec(["findings", dataset]), waiting_spec(dataset), work_spec(dataset)],
    )
    def findings(
        context: dg.AssetExecutionContext, house: HouseResource
    ) -> tuple[dg.MaterializeResult[Any], Settled]:
        tenants = house.free(dataset, context.partition_keys)
        outcomes = classify_step(house.context(), dataset, tenants)
        ctx = house.context()
        measured = precision_of(ctx.engine, ctx.bundle, dataset)
        settled = settle(context, house, [_outcome(one, measured) for one in outcomes])
        reviews = all_reviews(ctx.engine, ctx.bundle, dataset=dataset)
        stopped = hold_undecided(house, dataset, reviews, context.partition_keys)
        told = {**_metadata(outcomes), "precision": precision_table(measured),
                "review": review_table(ctx.engine, ctx.bundle, dataset, reviews)}  # fmt: skip
        checks = [check_of(ctx.engine, ctx.bundle, dataset, reviews), work_check(ctx, dataset, outcomes)]
        return dg.MaterializeResult(metadata=told, check_results=checks), replace(settled, stopped=stopped)

    return findings


def _outcome(one: TenantClassify, measured: Sequence[Precision]) -> TenantOutcome:
    counts = {"findings": len(one.findings), "new_findings": one.new}
    return TenantOutcome(one.tenant, one.failed, counts | newest_precision(measured, one.tenant))


def _metadata(outcomes: Sequence[TenantClassify]) -> dict[str, Any]:
    rows = [
        (o.tenant, f.column, f.data_class, f.confidence, str(f.status), f.declared_class or "", f.reason)
        for o in outcomes
        for f in o.findings
    ]
    return {"findings": tenant_table(COLUMNS, rows)}
