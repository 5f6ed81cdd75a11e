"""A check's results, tenant by tenant, as one result of Dagster's that says who fails, why, and the mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from dagster_project.mends import PLAYBOOK, mend_of_check, mend_of_kind
from dagster_project.tables import table
from policy.bundle import PolicyBundle
from transforms.checks import UNREAD
from transforms.standings import CheckResult

DONE = "every_tenant_done"
HELD = "held back, "
GUIDE = f"What to do, step by step: {PLAYBOOK}"
COLUMNS = ("tenant", "result", "detail", "to mend it", "looked at")
SHOWN = 5


def standing_of(results: Sequence[CheckResult], bundle: PolicyBundle) -> list[CheckResult]:
    """Those of tenants that the policies still give the dataset to; who fails comes first."""
    known = [
        one for one in results
        if one.tenant in bundle.tenants and bundle.contract_for(one.tenant, one.dataset) is not None
    ]  # fmt: skip
    return sorted(known, key=lambda one: (one.success, one.tenant))


def verdict(
    key: dg.AssetCheckKey,
    standing: Sequence[CheckResult],
    run_id: str,
    severity: dg.AssetCheckSeverity,
    more: Mapping[str, Any],
) -> dg.AssetCheckResult:
    """One check of all tenants: those of this run, and of others what was last found.

    So a run of some tenants does not hide that another one still fails. `more` is metadata to add.
    """
    failing = [one for one in standing if not one.success]
    rows = [
        (
            one.tenant,
            "passed" if one.success else "FAILED",
            one.detail,
            "" if one.success else mend_of(one),
            _when(one, run_id),
        )
        for one in standing
    ]
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=severity,
        description=_summary(standing, failing),
        metadata={
            "tenants": table(COLUMNS, rows),
            "failing": ", ".join(o.tenant for o in failing) or "none",
            **more,
        },
    )


def mend_of(result: CheckResult) -> str:
    """What to do about a tenant that fails a check, failed in a step, or was held back before it."""
    if result.detail.startswith(UNREAD):
        return mend_of_kind(result.detail.removeprefix(UNREAD))
    if result.name != DONE:
        return mend_of_check(result.layer, result.name)
    if not result.detail.startswith(HELD):
        return mend_of_kind(result.detail)
    layer, _, why = result.detail.removeprefix(HELD).partition(": ")
    return f"see {layer}/{result.dataset}, where {why} stopped it"


def told_of(failing: Sequence[CheckResult]) -> str:
    """Who fails, in what, and the mend, in words that an error may carry."""
    told = [
        f"{one.tenant} failed{'' if one.name == DONE else f' {one.name}'}: {one.detail}. "
        f"To mend it: {mend_of(one)}."
        for one in failing[:SHOWN]
    ]
    more = [f"And {len(failing) - SHOWN} more."] if len(failing) > SHOWN else []
    return " ".join([*told, *more, GUIDE])


def _summary(standing: Sequence[CheckResult], failing: Sequence[CheckResult]) -> str:
    if not failing:
        return f"all {len(standing)} tenants pass"
    return f"{len(failing)} of {len(standing)} tenants failed; the others went on. {told_of(failing)}"


def _when(one: CheckResult, run_id: str) -> str:
    if one.run_id == run_id:
        return "in this run"
    return f"in run {one.run_id[:8]}, {one.checked_at:%Y-%m-%d %H:%M} UTC"
