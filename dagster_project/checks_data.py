"""The checks of both layers, with the check step's lineage: assertions on the silver table."""

from __future__ import annotations

from collections.abc import Sequence

from audit.steps import Assertion
from dagster_project.lineage import StepLineage
from transforms.checks import BRONZE_CHECKS, SILVER_CHECKS, CheckResult
from transforms.checks import check_bronze as _check_bronze
from transforms.checks import check_silver as _check_silver
from transforms.context import LakeContext

__all__ = ["BRONZE_CHECKS", "SILVER_CHECKS", "CheckResult", "check_bronze", "check_silver"]


def check_bronze(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], *, afresh: bool = False
) -> list[CheckResult]:
    """See `transforms.checks.check_bronze`."""
    return _check_bronze(ctx, dataset, tenants, afresh=afresh)


def check_silver(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], *, afresh: bool = False
) -> list[CheckResult]:
    """Check silver and tell lineage the results of whom it looked at, as data-quality assertions."""
    with StepLineage(ctx, "check", dataset) as lineage:
        results = _check_silver(ctx, dataset, tenants, afresh=afresh, begin=lineage.start)
        for tenant in lineage.started:
            own = [result for result in results if result.tenant == tenant]
            assertions = [Assertion(result.name, None, result.success) for result in own]
            counts = {"checks": len(own), "failed": sum(not result.success for result in own)}
            lineage.complete(tenant, counts, assertions=assertions)
    return results
