"""What must hold of bronze and silver, tenant by tenant. Results carry counts and names, never values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import functions as F
from sqlalchemy import func, select

from classifications.detector import Detector
from classifications.residual import residual_spans
from policy.contracts import Contract
from transforms.batch import Places
from transforms.context import LakeContext
from transforms.deliveries import deliveries
from transforms.expectations import failed_expectations, silver_expectations
from transforms.lake import Table
from transforms.plan import ColumnPlan
from transforms.present import count_present
from transforms.protect import last_protection, plan_for
from transforms.seal import unseal_row
from transforms.tokens import with_keys

BRONZE_CHECKS = ("counts_reconcile", "tenant_isolation")
SILVER_CHECKS = (
    "contract_holds",
    "keys_unique",
    "no_residual_personal_data",
    "tenant_isolation",
    "counts_reconcile",
)
RESIDUAL_SAMPLE = 300


@dataclass(frozen=True)
class CheckResult:
    """One check of one tenant's part of a table. `detail` holds counts, checks and column names only."""

    name: str
    layer: str
    dataset: str
    tenant: str
    success: bool
    detail: str
    counts: Mapping[str, int]


def check_bronze(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[CheckResult]:
    """Rows landed are rows in bronze plus rows in quarantine; every row opens under its tenant's key."""
    results: list[CheckResult] = []
    for region, members in ctx.by_region(tenants).items():
        places = Places.of(region, dataset)
        if not ctx.lake.exists(places.bronze):
            continue
        rows = with_keys(ctx.lake.read(places.bronze, members).drop("key_id"), ctx.keys(members))
        shut = F.count_if(unseal_row("bronze", dataset).isNull()).alias("shut")
        stored = {
            row.tenant_id: row
            for row in rows.groupBy("tenant_id").agg(F.count(F.lit(1)).alias("rows"), shut).collect()
        }
        held = _rows(ctx, places.quarantine, members)
        strangers = _strangers(ctx, places.bronze, region)
        landed = _landed(ctx, region, dataset)
        for tenant in sorted(set(stored) | (set(landed) & set(members))):
            kept, closed = (stored[tenant].rows, stored[tenant].shut) if tenant in stored else (0, 0)
            counts = {"landed": landed.get(tenant, 0), "bronze": kept, "quarantined": held.get(tenant, 0)}
            whole = counts["landed"] == counts["bronze"] + counts["quarantined"]
            detail = "{landed} landed = {bronze} in bronze + {quarantined} in quarantine".format_map(counts)
            results.append(_result("counts_reconcile", "bronze", dataset, tenant, whole, detail, counts))
            told = (
                f"{closed} of {kept} rows do not open under the tenant's key; {strangers} foreign partitions"
            )
            apart = {"rows": kept, "closed": closed, "foreign_partitions": strangers}
            results.append(
                _result("tenant_isolation", "bronze", dataset, tenant, not closed + strangers, told, apart)
            )
    return results


def check_silver(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], detector: Detector
) -> list[CheckResult]:
    """The five promises of silver for every tenant that has been protected."""
    results: list[CheckResult] = []
    for region, members in ctx.by_region(tenants).items():
        table = Table(region, "silver", dataset)
        done = [tenant for tenant in members if last_protection(ctx.engine, tenant, dataset) is not None]
        if not done or not ctx.lake.exists(table):
            continue
        for contract, group in ctx.by_contract(dataset, done):
            results.extend(_structure(ctx, table, contract, group))
            results.extend(_against_bronze(ctx, table, contract, group))
            results.extend(_residual(ctx, table, contract, tenant, detector) for tenant in group)
    return results


def _structure(ctx: LakeContext, table: Table, contract: Contract, tenants: list[str]) -> list[CheckResult]:
    """One Great Expectations run for tenants of one plan; where it fails, one a tenant tells whose it is."""
    results = []
    for plan, group in _by_plan(ctx, contract, tenants):
        promises = silver_expectations(plan, group)
        broken = failed_expectations(ctx.lake.read(table, group), promises)
        for tenant in group:
            own = broken
            if broken and len(group) > 1:
                own = failed_expectations(ctx.lake.read(table, [tenant]), silver_expectations(plan, [tenant]))
            for name in ("contract_holds", "keys_unique"):
                asked = [one for one in promises if one.check == name]
                failed = [one.about for one in own if one.check == name]
                detail = f"{len(asked) - len(failed)} of {len(asked)} expectations hold"
                detail += f"; broken: {', '.join(failed)}" if failed else ""
                counts = {"expectations": len(asked), "broken": len(failed)}
                results.append(_result(name, "silver", table.dataset, tenant, not failed, detail, counts))
    return results


def _against_bronze(
    ctx: LakeContext, table: Table, contract: Contract, tenants: list[str]
) -> list[CheckResult]:
    bronze = ctx.lake.read(Table(table.region, "bronze", table.dataset), tenants)
    silver = ctx.lake.read(table, tenants)
    orphans = (
        silver.join(bronze, ["tenant_id", "record_id"], "left_anti").groupBy("tenant_id").count().collect()
    )
    foreign = {row.tenant_id: row["count"] for row in orphans}
    present, stored = count_present(bronze, contract), _rows(ctx, table, tenants)
    strangers = _strangers(ctx, table, table.region)
    results = []
    for tenant in tenants:
        lost = foreign.get(tenant, 0)
        told = f"{lost} rows have no record of the tenant in bronze; {strangers} foreign partitions"
        counts = {"orphans": lost, "foreign_partitions": strangers}
        results.append(
            _result("tenant_isolation", "silver", table.dataset, tenant, not lost + strangers, told, counts)
        )
        now, there = present.get(tenant, 0), stored.get(tenant, 0)
        same = {"present_in_bronze": now, "silver": there}
        detail = f"{now} records present in bronze = {there} rows in silver"
        results.append(
            _result("counts_reconcile", "silver", table.dataset, tenant, now == there, detail, same)
        )
    return results


def _residual(
    ctx: LakeContext, table: Table, contract: Contract, tenant: str, detector: Detector
) -> CheckResult:
    """The detector over a fixed sample of every text column of silver."""
    plan = [one for one in plan_for(ctx, tenant, contract) if one.silver_type == "string"]
    rows = ctx.lake.read(table, [tenant])
    samples = [F.slice(F.array_sort(F.collect_set(one.column.name)), 1, RESIDUAL_SAMPLE) for one in plan]
    taken = (
        rows.agg(*[sample.alias(str(number)) for number, sample in enumerate(samples)]).first()
        if plan
        else None
    )
    counts: dict[str, int] = {"columns": len(plan), "values": 0}
    readable: list[str] = []
    for number, one in enumerate(plan):
        values = list(taken[number]) if taken else []
        counts["values"] += len(values)
        found = residual_spans(values, detector)
        if found:
            readable.append(f"{one.column.name} ({', '.join(found)})")
            counts["readable"] = counts.get("readable", 0) + sum(found.values())
    detail = f"{counts['values']} distinct values of {counts['columns']} text columns looked at"
    detail += f"; readable: {'; '.join(readable)}" if readable else ""
    return _result("no_residual_personal_data", "silver", table.dataset, tenant, not readable, detail, counts)


def _by_plan(
    ctx: LakeContext, contract: Contract, tenants: list[str]
) -> list[tuple[tuple[ColumnPlan, ...], list[str]]]:
    groups: dict[tuple[ColumnPlan, ...], list[str]] = {}
    for tenant in tenants:
        groups.setdefault(plan_for(ctx, tenant, contract), []).append(tenant)
    return list(groups.items())


def _rows(ctx: LakeContext, table: Table, tenants: Sequence[str]) -> dict[str, int]:
    if not ctx.lake.exists(table):
        return {}
    return {
        row.tenant_id: row["count"]
        for row in ctx.lake.read(table, tenants).groupBy("tenant_id").count().collect()
    }


def _strangers(ctx: LakeContext, table: Table, region: str) -> int:
    """Partitions of a region's table that belong to no tenant of that region."""
    own = {tenant.id for tenant in ctx.bundle.tenants.values() if tenant.region == region}
    return len(set(ctx.lake.tenants(table)) - own)


def _landed(ctx: LakeContext, region: str, dataset: str) -> dict[str, int]:
    query = (
        select(deliveries.c.tenant_id, func.sum(deliveries.c.rows_landed))
        .where(
            deliveries.c.region == region, deliveries.c.dataset == dataset, deliveries.c.state == "ingested"
        )
        .group_by(deliveries.c.tenant_id)
    )
    with ctx.engine.connect() as connection:
        return {tenant: int(rows or 0) for tenant, rows in connection.execute(query)}


def _result(
    name: str, layer: str, dataset: str, tenant: str, success: bool, detail: str, counts: Mapping[str, int]
) -> CheckResult:
    return CheckResult(name, layer, dataset, tenant, bool(success), detail, counts)
