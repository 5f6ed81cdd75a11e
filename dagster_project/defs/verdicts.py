"""A check's results, tenant by tenant, as one result of Dagster's that says who fails, why, and the mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import dagster as dg

from dagster_project.mends import PLAYBOOK
from dagster_project.tables import table
from policy.bundle import PolicyBundle
from transforms.standings import CheckResult

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
    mend: Callable[[CheckResult], str],
    severity: dg.AssetCheckSeverity,
) -> dg.AssetCheckResult:
    """One check of all tenants: those of this run, and of others what was last found.

    So a run of some tenants does not hide that another one still fails.
    """
    failing = [one for one in standing if not one.success]
    rows = [
        (
            one.tenant,
            "passed" if one.success else "FAILED",
            one.detail,
            "" if one.success else mend(one),
            _when(one, run_id),
        )
        for one in standing
    ]
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=key.asset_key,
        check_name=key.name,
        severity=severity,
        description=_summary(standing, failing, mend),
        metadata={"tenants": table(COLUMNS, rows), "failing": ", ".join(o.tenant for o in failing) or "none"},
    )


def _summary(
    standing: Sequence[CheckResult], failing: Sequence[CheckResult], mend: Callable[[CheckResult], str]
) -> str:
    if not failing:
        return f"all {len(standing)} tenants pass"
    told = [f"{one.tenant}: {one.detail}. To mend it: {mend(one)}." for one in failing[:SHOWN]]
    more = [f"And {len(failing) - SHOWN} more."] if len(failing) > SHOWN else []
    whole = f"{len(failing)} of {len(standing)} tenants failed; the others went on."
    return " ".join([whole, *told, *more, f"What to do, step by step: {PLAYBOOK}"])


def _when(one: CheckResult, run_id: str) -> str:
    if one.run_id == run_id:
        return "in this run"
    return f"in run {one.run_id[:8]}, {one.checked_at:%Y-%m-%d %H:%M} UTC"
