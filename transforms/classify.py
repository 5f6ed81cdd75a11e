"""What is personal in bronze: sampled columns, unsealed in memory, profiled, recorded as findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from classifications.columns import ColumnProfile, profile_columns
from classifications.detector import Detector
from classifications.findings import Finding, RunContext, findings_of
from classifications.ledger import FindingsLedger
from policy.contracts import Contract
from tenancy.control import now
from transforms import deliveries, lake
from transforms.context import LakeContext
from transforms.errors import SPARK_ERRORS, error_kind
from transforms.present import unsealed
from transforms.records import raw

metadata = MetaData()

classified = Table(
    "classified",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("dataset", String(60), primary_key=True),
    Column("batch_seq", Integer, nullable=False),
    Column("policy_digest", String(80), nullable=False),
    Column("detector_version", String(80), nullable=False),
)

SAMPLE = 200
"""Distinct values of a column that are looked at, the same ones in every run over the same rows."""


@dataclass(frozen=True)
class TenantClassify:
    """What classifying one tenant's dataset came to: all its current findings and how many are new."""

    tenant: str
    contract: Contract
    findings: tuple[Finding, ...]
    new: int
    failed: str | None = None


def classify_dataset(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], detector: Detector
) -> list[TenantClassify]:
    """Profile every declared column of these tenants' bronze rows and record the findings."""
    outcomes: list[TenantClassify] = []
    for region, members in ctx.by_region(tenants).items():
        for contract, group in ctx.by_contract(dataset, members):
            outcomes.extend(_classify(ctx, region, contract, tenant, detector) for tenant in group)
    return sorted(outcomes, key=lambda outcome: outcome.tenant)


def _classify(
    ctx: LakeContext, region: str, contract: Contract, tenant: str, detector: Detector
) -> TenantClassify:
    ledger = FindingsLedger(ctx.engine)
    known = ledger.current(tenant, contract.dataset)
    mark = _mark(ctx, tenant, contract.dataset, detector)
    if not _is_stale(ctx, tenant, contract.dataset, mark):
        return TenantClassify(tenant, contract, tuple(known), 0)
    try:
        profiles = _profiles(ctx, lake.Table(region, "bronze", contract.dataset), contract, tenant, detector)
    except SPARK_ERRORS as error:
        return TenantClassify(tenant, contract, tuple(known), 0, failed=error_kind(error))
    run = RunContext(tenant, contract.dataset, detector.version, ctx.bundle.digest, ctx.run_id, now())
    declared = {column.name: column.data_class for column in contract.columns}
    prose = frozenset(column.name for column in contract.columns if column.free_text)
    new = ledger.record(findings_of(profiles, declared, run, prose), judged=[(tenant, contract.dataset)])
    _remember(ctx, tenant, contract.dataset, mark)
    return TenantClassify(tenant, contract, tuple(ledger.current(tenant, contract.dataset)), new)


def needs_classify(ctx: LakeContext, dataset: str, tenants: Sequence[str], detector: Detector) -> list[str]:
    """The tenants whose rows, policies or detector are not those of their last classification."""
    return [one for one in tenants if _is_stale(ctx, one, dataset, _mark(ctx, one, dataset, detector))]


def _is_stale(ctx: LakeContext, tenant: str, dataset: str, mark: dict[str, object]) -> bool:
    return bool(mark["batch_seq"]) and mark != _last_mark(ctx, tenant, dataset)


def _mark(ctx: LakeContext, tenant: str, dataset: str, detector: Detector) -> dict[str, object]:
    high = deliveries.high_water(ctx.engine, tenant, dataset)
    return {"batch_seq": high, "policy_digest": ctx.bundle.digest, "detector_version": detector.version}


def _last_mark(ctx: LakeContext, tenant: str, dataset: str) -> dict[str, object] | None:
    same = (classified.c.tenant_id == tenant) & (classified.c.dataset == dataset)
    columns = (classified.c.batch_seq, classified.c.policy_digest, classified.c.detector_version)
    with ctx.engine.connect() as connection:
        row = connection.execute(select(*columns).where(same)).mappings().one_or_none()
    return dict(row) if row is not None else None


def _remember(ctx: LakeContext, tenant: str, dataset: str, mark: dict[str, object]) -> None:
    same = (classified.c.tenant_id == tenant) & (classified.c.dataset == dataset)
    with ctx.engine.begin() as connection:
        connection.execute(classified.delete().where(same))
        connection.execute(classified.insert(), mark | {"tenant_id": tenant, "dataset": dataset})


def _profiles(
    ctx: LakeContext, table: lake.Table, contract: Contract, tenant: str, detector: Detector
) -> list[ColumnProfile]:
    """One pass over the tenant's rows takes a fixed sample of every column at once."""
    rows = unsealed(ctx.lake.read(table, [tenant]), contract, ctx.keys([tenant]))
    samples = [_sample(raw(column)).alias(str(index)) for index, column in enumerate(contract.columns)]
    taken = rows.agg(*samples).first()
    values = (
        {column.name: taken[index] or [] for index, column in enumerate(contract.columns)} if taken else {}
    )
    return profile_columns(values, contract.dataset, detector)


def _sample(value: SparkColumn) -> SparkColumn:
    """The `SAMPLE` distinct values with the smallest hash: no order of rows or files changes them."""
    ranked = F.array_sort(F.collect_set(F.struct(F.xxhash64(value).alias("rank"), value.alias("value"))))
    return F.transform(
        F.slice(F.filter(ranked, lambda one: one["value"].isNotNull()), 1, SAMPLE), lambda one: one["value"]
    )
