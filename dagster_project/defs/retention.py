"""`retention/plan`: what the rules would take, tenant by tenant; `retention/done`: what they took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.help import help_metadata
from dagster_project.defs.outcomes import tenant_table
from dagster_project.failures import plainly
from dagster_project.partitions import TENANTS
from dagster_project.resources import HouseResource
from dagster_project.retaining import expire_step
from dagster_project.settings import Settings
from dagster_project.stores import stores_step
from dagster_project.tables import table
from policy.bundle import PolicyBundle
from policy.errors import LakewardError
from retention.effects import Effect, all_effects
from retention.expire import Expired
from retention.plan import PlanLine, RetentionPlan, plan_retention
from retention.proved import why_unproved
from retention.stores import StoreResult
from tenancy.control import now
from tenancy.signing import public_key_file

PLAN, RESULT = dg.AssetKey(["retention", "plan"]), dg.AssetKey(["retention", "done"])
IN_TIME, EVERYBODY, PROVED = "nothing_overdue", "every_tenant_done", "every_run_proved"
GROUP = "retention"
PAGE = "docs/retention.md"
DUE = ("table", "what", "period", "rows", "due", "held", "files", "bytes to rewrite", "bytes to remove")
LATE = ("table", "what", "rows", "days")
EVIDENCE = 200
"""The newest effects that the asset shows; the control database has all."""


class RetentionFailed(LakewardError):
    """The only tenant of a run failed."""


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
        return dg.MaterializeResult(metadata=_metadata(found))

    return plan


def done_asset() -> dg.AssetsDefinition:
    """The asset that does what is due."""

    @dg.asset(
        key=RESULT,
        deps=[PLAN],
        group_name=GROUP,
        partitions_def=TENANTS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        kinds={"delta", "spark"},
        description="Erases rows, makes them anonymous or takes values, as the rules say. Holds win.",
        check_specs=[
            dg.AssetCheckSpec(
                IN_TIME,
                asset=RESULT,
                description="No row of this run's tenants has been due for longer than grace_days",
            ),
            dg.AssetCheckSpec(EVERYBODY, asset=RESULT, description="Retention failed for no tenant"),
            dg.AssetCheckSpec(
                PROVED,
                asset=RESULT,
                description="Each tenant of whom something went has a receipt that says it is in no file",
            ),
        ],
    )
    @resolved
    def done(context: dg.AssetExecutionContext, house: HouseResource) -> Iterator[dg.MaterializeResult[Any]]:
        """Do what is due of the run's tenants by now."""
        tenants = list(context.partition_keys)
        result, told = plainly(_do)(house, context.instance, tenants)
        for tenant in tenants:
            own = [one for one in told.effects if one.tenant == tenant]
            context.add_asset_metadata(_done(own), partition_key=tenant)
        yield result
        if told.failed and len(tenants) == 1:
            raise RetentionFailed("; ".join(f"{data}: {why}" for (_, data), why in told.failed.items()))

    return done


def _do(
    house: HouseResource, instance: dg.DagsterInstance, tenants: Sequence[str]
) -> tuple[dg.MaterializeResult[Any], Expired]:
    ctx = house.context()
    told = expire_step(ctx, house.settings, tenants)
    stores = stores_step(ctx, house.settings, instance, tenants)
    left = plan_retention(ctx, tenants, now())
    proved = _proved(told, house.settings, ctx.bundle)
    checks = [overdue(left, ctx.bundle), _everybody(told, stores, ctx.bundle), proved]
    metadata = _result(told) | {
        "stores": _stores(stores),
        "evidence": _evidence(all_effects(ctx.engine, tenants)),
    }
    return dg.MaterializeResult(metadata=metadata, check_results=checks), told


def _done(effects: Sequence[Effect]) -> dict[str, Any]:
    bronze = [one for one in effects if one.layer == "bronze"]
    return {
        "rows_erased": sum(one.rows for one in bronze if one.verb == "erased"),
        "rows_emptied": sum(one.rows for one in bronze if one.verb == "emptied"),
    }


def _result(told: Expired) -> dict[str, Any]:
    reviews = [one for one in told.lines if one.standing.reviews and one.due]
    return {
        "as_of": f"{told.at:%Y-%m-%d %H:%M} UTC",
        "done": tenant_table(
            ("table", "what", "rows", "held", "matters"),
            [(*_effect(one), one.rows, one.held, one.matters) for one in told.effects],
        ),
        "left_the_disk": table(
            ("table", "files", "bytes", "files of the log"),
            [(name, one.files, one.bytes, one.log_files) for name, one in told.purged.items()],
        ),
        "receipts": tenant_table(
            ("receipt", "says"),
            [(tenant, one.receipt, one.said) for tenant, one in told.proofs.items()],
        ),
        "archives_removed": told.archives,
        "kept_by_holds": _kept(told.lines),
        "for_review": tenant_table(("table", "what", "rows"), [(*_place(one), one.due) for one in reviews]),
    }


def _evidence(effects: Sequence[Effect]) -> dg.TableMetadataValue:
    newest = list(effects)[-EVIDENCE:]
    return tenant_table(
        ("table", "what", "rows", "files", "bytes rewritten", "bytes removed", "rule", "run", "finished"),
        [
            (*_effect(one), one.rows, one.files, one.bytes_rewritten, one.bytes_removed, one.rule,
             one.run_id, _day(one.finished_at))
            for one in newest
        ],
    )  # fmt: skip


def _effect(one: Effect) -> tuple[str, str, str]:
    return one.tenant, f"{one.layer}/{one.dataset}", f"{one.verb} {one.what}"


def _stores(stores: Sequence[StoreResult]) -> dg.TableMetadataValue:
    rows = [(str(one.store), one.gone, one.bytes, one.held, one.failed or "") for one in stores]
    return table(("store", "gone", "bytes", "held", "failed"), rows)


def _everybody(told: Expired, stores: Sequence[StoreResult], bundle: PolicyBundle) -> dg.AssetCheckResult:
    rows = [(tenant, dataset, why) for (tenant, dataset), why in told.failed.items()]
    rows += [("any", str(one.store), one.failed) for one in stores if one.failed is not None]
    return dg.AssetCheckResult(
        passed=not rows,
        check_name=EVERYBODY,
        description="failed: " + ", ".join(sorted({row[0] for row in rows})) if rows else "nobody failed",
        metadata={"failed": tenant_table(("dataset or store", "why"), rows)} | help_metadata(PAGE, bundle),
    )


def _proved(told: Expired, settings: Settings, bundle: PolicyBundle) -> dg.AssetCheckResult:
    """Read again from the receipts, by the public key."""
    key = public_key_file(settings.signing_key)
    without = sorted({one.tenant for one in told.unproved} - set(told.proofs))
    rows = [(tenant, "", "none was written") for tenant in without]
    for tenant, proof in told.proofs.items():
        file = settings.receipts / proof.receipt
        rows.append((tenant, str(file), why_unproved(file, key, tenant, file.name.partition(".")[0])))
    bad = sorted(tenant for tenant, _, why in rows if why)
    return dg.AssetCheckResult(
        passed=not bad,
        check_name=PROVED,
        description=f"not proved: {', '.join(bad)}" if bad else f"{len(rows)} receipts say verified",
        metadata={"receipts": tenant_table(("receipt", "what is wrong"), rows)} | help_metadata(PAGE, bundle),
    )


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
        "kept_by_holds": _kept(due),
        "counted_from_ingest": tenant_table(
            ("table", "what", "rows"), [(*_place(one), one.undated) for one in plan.lines if one.undated]
        ),
        "never_erased": tenant_table(("dataset",), plan.endless),
        "executed": "nothing: this is a dry run; retention/done does it",
    }


def _kept(lines: Sequence[PlanLine]) -> dg.TableMetadataValue:
    held = [(*_place(one), one.held, ", ".join(one.matters)) for one in lines if one.held]
    return tenant_table(("table", "what", "rows", "matters"), held)


def overdue(plan: RetentionPlan, bundle: PolicyBundle) -> dg.AssetCheckResult:
    """The check `nothing_overdue`; what waits for a steward's review is never overdue."""
    grace_days = bundle.retention.grace_days
    acts = [one for one in plan.lines if not one.standing.reviews]
    late = [one for one in acts if one.overdue_days(plan.at) > grace_days]
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
            "to_mend_it": "see every_tenant_done for what failed, mend that, and run the job retention again",
            **help_metadata(PAGE, bundle),
        },
    )


def _place(line: PlanLine) -> tuple[str, str, str]:
    standing = line.standing
    what = ", ".join(standing.classes) or "rows"
    return standing.tenant, f"{line.layer}/{standing.dataset}", f"{standing.rule.action} {what}"


def _day(moment: datetime | None) -> str:
    return "none" if moment is None else f"{moment:%Y-%m-%d}"
