"""Bronze becomes silver: the present rows of each tenant, unsealed in memory, treated column by column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    bindparam,
    func,
    select,
    update,
)

from policy import contracts
from policy.contracts import Contract
from policy.treatments import TreatmentKind
from tenancy.control import now
from transforms import deliveries, lake
from transforms.alike import alike_together
from transforms.context import LakeContext
from transforms.emptied import EMPTIED
from transforms.errors import DISK_FULL, SPARK_ERRORS, error_kind
from transforms.frozen import without_frozen
from transforms.plan import ColumnPlan, plan_digest, plan_now
from transforms.present import present_rows, unsealed
from transforms.restrictions import frozen_tokens, with_frozen
from transforms.risks import asked_of, group_sizes, record_risks
from transforms.treatments import treat
from transforms.treatments.cell import Cell, Rules

MANY_ROWS = 1_000
"""From so many rows on, prose is read on all cores; fewer stay in the files that they would lie in anyway."""
metadata = MetaData()

protections = Table(
    "protections",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("dataset", String(60), primary_key=True),
    Column("batch_seq", Integer, nullable=False),
    Column("plan_digest", String(32), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("policy_digest", String(80), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False),
)
in_doubt = Table(
    "protections_in_doubt",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("dataset", String(60), primary_key=True),
    Column("doubt", String(80), nullable=False),
)
"""Whose silver a deletion is changing, and which: a row of `protections` counts for none meanwhile."""


@dataclass(frozen=True)
class TenantProtect:
    """What protecting one tenant's dataset came to. `rows` is None where there is nothing to protect."""

    tenant: str
    contract: Contract
    plan: tuple[ColumnPlan, ...]
    rows: int | None
    changed: bool
    failed: str | None = None


def protect_dataset(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[TenantProtect]:
    """Bring the silver rows of these tenants up to bronze and policy. One outcome a tenant.

    A tenant whose bronze rows and plan are those of its last time is left as it is. Tenants with
    one plan share one Spark job; where that fails, each gets its own, so that one stops itself only.
    """
    outcomes: list[TenantProtect] = []
    for region, members in ctx.by_region(tenants).items():
        with ctx.lake.lease(region, dataset):
            for contract, group in ctx.by_contract(dataset, members):
                plans = {tenant: plan_for(ctx, tenant, contract) for tenant in group}
                outcomes.extend(_protect_group(ctx, region, contract, plans))
    return sorted(outcomes, key=lambda outcome: outcome.tenant)


def plan_for(ctx: LakeContext, tenant: str, contract: Contract) -> tuple[ColumnPlan, ...]:
    """The tenant's plan from contract, findings and verdicts as they stand now."""
    return plan_now(ctx.engine, ctx.bundle, tenant, contract)


def digest_for(ctx: LakeContext, tenant: str, contract: Contract, plan: tuple[ColumnPlan, ...]) -> str:
    """`plan_digest`, of this plan for this tenant as its prose is read now."""
    return plan_digest(plan, contract, ctx.detector_of(tenant).version)


def silver_rows(
    bronze: DataFrame,
    contract: Contract,
    plan: tuple[ColumnPlan, ...],
    keys: DataFrame,
    rules: Rules,
    prose: Sequence[contracts.Column] = (),
) -> DataFrame:
    """Rows of `silver.<dataset>`: surrogates, policy digest, and one treated column a contract column.

    Rows are dealt out over all cores by the texts of the columns `prose`, if any. Where retention took values
    from rows of the table, also `emptied`, the names of what it took.
    """
    present = present_rows(bronze, contract, keys)
    if prose:
        present = alike_together(present, contract, keys, prose)
    rows = unsealed(present, contract, keys)
    cells = [Cell(column, contract.dataset, rules) for column in plan]
    surrogates = ["tenant_id", "record_id", "subject_token", "occurred_at"]
    surrogates += [EMPTIED] if EMPTIED in bronze.columns else []
    return treat(rows, cells, [*surrogates, F.lit(rules.policy_digest).alias("policy_digest")])


def _protect_group(
    ctx: LakeContext, region: str, contract: Contract, plans: Mapping[str, tuple[ColumnPlan, ...]]
) -> list[TenantProtect]:
    outcomes: list[TenantProtect] = []
    todo: dict[str, list[str]] = {}
    frozen = frozen_tokens(ctx.engine, list(plans))
    marks = deliveries.high_waters(ctx.engine, contract.dataset)
    known = last_protections(ctx.engine, contract.dataset)
    for tenant, plan in plans.items():
        digest = with_frozen(frozen, tenant, digest_for(ctx, tenant, contract, plan))
        last = known.get(tenant)
        if tenant not in marks:
            outcomes.append(TenantProtect(tenant, contract, plan, None, changed=False))
        elif last is not None and _same(last, marks[tenant], digest):
            outcomes.append(TenantProtect(tenant, contract, plan, last.rows, changed=False))
        else:
            todo.setdefault(digest, []).append(tenant)
    for digest, group in todo.items():
        own = {tenant: marks[tenant] for tenant in group}
        outcomes.extend(_protect_alike(ctx, region, contract, plans[group[0]], digest, own))
    return outcomes


def _protect_alike(
    ctx: LakeContext,
    region: str,
    contract: Contract,
    plan: tuple[ColumnPlan, ...],
    digest: str,
    marks: Mapping[str, int],
) -> list[TenantProtect]:
    """Tenants of one plan, each with its newest batch (`marks`), in one job."""
    tenants = list(marks)
    source = lake.Table(region, "bronze", contract.dataset)
    target = lake.Table(region, "silver", contract.dataset)
    try:
        bronze = without_frozen(ctx, ctx.lake.read(source, tenants), contract, tenants)
        prose = _prose_of_many(ctx, region, contract.dataset, plan, tenants)
        # Tenants whose prose is read in different ways have different digests, and so other jobs.
        rules = ctx.rules_of(tenants[0])
        rows = silver_rows(bronze, contract, plan, ctx.keys(tenants), rules, prose)
        ctx.lake.replace_tenants(rows, target, tenants, ctx.note)
        silver = ctx.lake.read(target, tenants)
        counted = silver.groupBy("tenant_id").count().collect()
        columns = asked_of(plan)
        sizes = group_sizes(silver, columns).collect() if columns else []
    except SPARK_ERRORS as error:
        kind = error_kind(error)
        # On a full disk every further try would only leave more half-written files.
        if len(tenants) > 1 and kind != DISK_FULL:
            return [
                one
                for tenant, mark in marks.items()
                for one in _protect_alike(ctx, region, contract, plan, digest, {tenant: mark})
            ]
        return [TenantProtect(id_, contract, plan, None, changed=False, failed=kind) for id_ in tenants]
    counts = {row.tenant_id: row["count"] for row in counted}
    record_risks(ctx.engine, contract.dataset, tenants, columns, sizes)
    _remember(ctx, contract.dataset, marks, digest, counts)
    return [TenantProtect(tenant, contract, plan, counts.get(tenant, 0), changed=True) for tenant in tenants]


def _prose_of_many(
    ctx: LakeContext, region: str, dataset: str, plan: tuple[ColumnPlan, ...], tenants: Sequence[str]
) -> list[contracts.Column]:
    """The columns to redact, if these tenants have many rows: few stay in few files."""
    prose = [one.column for one in plan if one.treatment.kind is TreatmentKind.REDACT]
    if not prose:
        return []
    known = deliveries.row_sums(ctx.engine, region, dataset)
    return prose if sum(known[one][1] for one in tenants if one in known) >= MANY_ROWS else []


def needs_protect(ctx: LakeContext, dataset: str, tenants: Sequence[str]) -> list[str]:
    """The tenants whose bronze rows or plan are not those of their last protect."""
    stale = []
    frozen = frozen_tokens(ctx.engine, tenants)
    marks = deliveries.high_waters(ctx.engine, dataset)
    known = last_protections(ctx.engine, dataset)
    for tenant in tenants:
        contract = ctx.bundle.contract_for(tenant, dataset)
        if contract is None or tenant not in marks:
            continue
        plan = plan_for(ctx, tenant, contract)
        digest = with_frozen(frozen, tenant, digest_for(ctx, tenant, contract, plan))
        last = known.get(tenant)
        if last is None or not _same(last, marks[tenant], digest):
            stale.append(tenant)
    return stale


def _same(last: Row[Any], mark: int, digest: str) -> bool:
    """Whether a protect was of the rows up to this batch, and of this plan."""
    return (last.batch_seq, last.plan_digest) == (mark, digest)


def last_protections(engine: Engine, dataset: str, doubt: str | None = None) -> dict[str, Row[Any]]:
    """Rows of `protections` by tenant: its last protect of a dataset. Of those in doubt, only in this one."""
    here = (in_doubt.c.tenant_id == protections.c.tenant_id) & (in_doubt.c.dataset == protections.c.dataset)
    sure = in_doubt.c.doubt.is_(None) if doubt is None else func.coalesce(in_doubt.c.doubt, doubt) == doubt
    query = select(protections).join(in_doubt, here, isouter=True)
    with engine.connect() as connection:
        found = connection.execute(query.where(protections.c.dataset == dataset, sure)).all()
    return {row.tenant_id: row for row in found}


def doubted_tenants(engine: Engine, dataset: str) -> set[str]:
    """The tenants whose last protect of a dataset is in doubt."""
    with engine.connect() as connection:
        return set(connection.scalars(select(in_doubt.c.tenant_id).where(in_doubt.c.dataset == dataset)))


def doubt_protections(
    engine: Engine, dataset: str, tenants: Collection[str], keep: Collection[str], doubt: str
) -> None:
    """Have these tenants' silver made anew by the next run, unless `keep_protection` comes before it.

    That can come for those in `keep` only. `doubt` names who may call it after a kill, by way of
    `last_protections`.
    """
    with engine.begin() as connection:
        _delete(connection, in_doubt, dataset, tenants)
        _delete(connection, protections, dataset, set(tenants) - set(keep))
        if keep:
            rows = [{"tenant_id": one, "dataset": dataset, "doubt": doubt} for one in sorted(keep)]
            connection.execute(in_doubt.insert(), rows)


def keep_protection(engine: Engine, last: Row[Any], rows: int, digest: str | None = None) -> None:
    """Let what `last_protections` gave count again; `rows`: that silver has now, `digest`: made of what."""
    own = (protections.c.tenant_id == last.tenant_id) & (protections.c.dataset == last.dataset)
    now_is = {"rows": rows, "plan_digest": digest or last.plan_digest}
    with engine.begin() as connection:
        connection.execute(update(protections).where(own).values(now_is))
        _delete(connection, in_doubt, last.dataset, [last.tenant_id])


def _delete(connection: Connection, table: Table, dataset: str, tenants: Collection[str]) -> None:
    own = (table.c.tenant_id == bindparam("tenant")) & (table.c.dataset == dataset)
    if tenants:
        connection.execute(table.delete().where(own), [{"tenant": one} for one in tenants])


def _remember(
    ctx: LakeContext, dataset: str, marks: Mapping[str, int], digest: str, counts: Mapping[str, int]
) -> None:
    """Note what silver was made from: `marks` has each tenant's newest batch, `counts` its rows."""
    alike: dict[str, object] = {"dataset": dataset, "plan_digest": digest, "done_at": now()}
    alike |= {"policy_digest": ctx.bundle.digest, "run_id": ctx.run_id}
    rows = [
        {"tenant_id": tenant, "batch_seq": high, "rows": counts.get(tenant, 0)} | alike
        for tenant, high in marks.items()
    ]
    # In one transaction, because the disk is waited for at the end of each.
    with ctx.engine.begin() as connection:
        for table in (in_doubt, protections):
            _delete(connection, table, dataset, marks)
        connection.execute(protections.insert(), rows)
