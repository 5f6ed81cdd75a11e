"""`retention/plan`: what the rules would take, tenant by tenant. A dry run; nothing executes it yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.outcomes import tenant_table
from dagster_project.failures import plainly
from dagster_project.partitions import TENANTS
from dagster_project.resources import HouseResource
from policy.bundle import PolicyBundle
from retention.plan import PlanLine, RetentionPlan, plan_retention
from tenancy.control import now

PLAN = dg.AssetKey(["retention", "plan"])
IN_TIME = "nothing_overdue"
GROUP = "retention"
DUE = ("table", "what", "period", "rows", "due", "held", "files", "bytes to rewrite", "bytes to remove")
LATE = ("table", "what", "rows", "days")


def plan_asset(bundle: PolicyBundle) -> dg.AssetsDefinition:
    """The asset that plans retention; it hangs on all of silver."""

    @dg.asset(
        key=PLAN,
        deps=[dg.AssetKey(["silver", name]) for name in bundle.datasets],
        group_name=GROUP,
        partitions_def=TENANTS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        kinds={"delta", "spark"},
        description="A dry run: rows, files and bytes that are due, and what holds keep. Reads only.",
        check_specs=[
            dg.AssetCheckSpec(
                IN_TIME,
                asset=PLAN,
                description="No row of this run's tenants has been due for longer than grace_days",
            )
        ],
    )
    @plainly
    @resolved
    def plan(context: dg.AssetExecutionContext, house: HouseResource) -> dg.MaterializeResult[Any]:
        """Plan the run's tenants as of now."""
        ctx = house.context()
        found = plan_retention(ctx, list(context.partition_keys), now())
        for tenant in context.partition_keys:
            own = [one for one in found.lines if one.standing.tenant == tenant]
            context.add_asset_metadata(_totals(own), partition_key=tenant)
        check = _verdict(found, ctx.bundle.retention.grace_days)
        return dg.MaterializeResult(metadata=_metadata(found), check_results=[check])

    return plan


def _totals(lines: Sequence[PlanLine]) -> dict[str, Any]:
    """A tenant's own figures. Tables and not rows: one row can be due under two rules."""
    due = {(one.layer, one.standing.dataset) for one in lines if one.due}
    held = {(one.layer, one.standing.dataset) for one in lines if one.held}
    return {
        "tables_with_due_rows": len(due),
        "tables_with_held_rows": len(held),
        "next_row_due": _day(min((one.next for one in lines if one.next is not None), default=None)),
    }


def _metadata(plan: RetentionPlan) -> dict[str, Any]:
    due = [one for one in plan.lines if one.due or one.held]
    rows = [
        (*_place(one), str(one.standing.rule.period), one.rows, one.due, one.held, one.files,
         one.bytes_rewritten, one.bytes_removed)
        for one in due
    ]  # fmt: skip
    return {
        "as_of": f"{plan.at:%Y-%m-%d %H:%M} UTC",
        "due": tenant_table(DUE, rows),
        "next": tenant_table(
            ("table", "what", "date"), [(*_place(one), _day(one.next)) for one in plan.lines if one.next]
        ),
        "kept_by_holds": tenant_table(
            ("table", "what", "rows", "matters"),
            [(*_place(one), one.held, ", ".join(one.matters)) for one in due if one.held],
        ),
        "counted_from_ingest": tenant_table(
            ("table", "what", "rows"), [(*_place(one), one.undated) for one in plan.lines if one.undated]
        ),
        "never_erased": tenant_table(("dataset",), plan.endless),
        "executed": "nothing: this is a dry run, and no job executes it yet (docs/retention.md)",
    }


def _verdict(plan: RetentionPlan, grace_days: int) -> dg.AssetCheckResult:
    late = [one for one in plan.lines if one.overdue_days(plan.at) > grace_days]
    rows = [(*_place(one), one.due, one.overdue_days(plan.at)) for one in late]
    told = f"rows have been due for more than {grace_days} days" if late else "nothing is overdue"
    return dg.AssetCheckResult(
        passed=not late,
        check_name=IN_TIME,
        severity=dg.AssetCheckSeverity.WARN,
        description=told,
        metadata={
            "overdue": tenant_table(LATE, rows),
            "grace_days": grace_days,
            "to_mend_it": "no job erases yet; change a rule that is wrong, place a hold that is owed",
        },
    )


def _place(line: PlanLine) -> tuple[str, str, str]:
    standing = line.standing
    what = ", ".join(standing.classes) or "rows"
    return standing.tenant, f"{line.layer}/{standing.dataset}", f"{standing.rule.action} {what}"


def _day(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment:%Y-%m-%d}"
