"""What `findings/<dataset>` says of the policies' own recognizers: whether all worked on every tenant."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from dagster_project.defs.help import help_metadata
from dagster_project.defs.verdicts import standing_of, verdict
from dagster_project.mends import PLAYBOOK
from dagster_project.undecided import LAYER
from tenancy.control import now
from transforms.classify import TenantClassify
from transforms.context import LakeContext
from transforms.standings import CheckResult, Standings

WORK = "recognizers_work"


def work_spec(dataset: str) -> dg.AssetCheckSpec:
    """The check that warns while a recognizer of detection.yaml fails on a tenant's values."""
    return dg.AssetCheckSpec(
        WORK,
        asset=dg.AssetKey([LAYER, dataset]),
        description="Every recognizer of detection.yaml worked. Where one fails, less is found than asked",
    )


def work_check(ctx: LakeContext, dataset: str, outcomes: Sequence[TenantClassify]) -> dg.AssetCheckResult:
    """Write down who was looked at in this run, and say how it stands for all tenants."""
    standings, moment = Standings(ctx.engine), now()
    results = [
        CheckResult(
            WORK, LAYER, dataset, one.tenant, not one.skipped,
            "; ".join(one.skipped) or "all of them worked", ctx.run_id, moment,
        )
        for one in outcomes
        if one.skipped is not None
    ]  # fmt: skip
    standings.record(results)
    standing = standing_of(standings.named(WORK, LAYER, dataset), ctx.bundle)
    key = dg.AssetCheckKey(dg.AssetKey([LAYER, dataset]), WORK)
    told = help_metadata(PLAYBOOK, ctx.bundle, dataset)
    return verdict(key, standing, ctx.run_id, dg.AssetCheckSeverity.WARN, told)
