"""What is personal in bronze: sampled columns, unsealed in memory, profiled, recorded as findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from sqlalchemy import Column, Integer, MetaData, String, Table, select

from classifications.columns import ColumnProfile
from classifications.detector import Detector
from classifications.errors import DetectionError
from classifications.findings import Finding, RunContext, findings_of
from classifications.ledger import FindingsLedger
from policy.contracts import Contract
from tenancy.control import now
from transforms import deliveries, lake
from transforms.context import LakeContext
from transforms.errors import SPARK_ERRORS, error_kind
from transforms.frozen import without_frozen
from transforms.present import unsealed
from transforms.profiling import Profiler
from transforms.records import raw
from transforms.samples import distinct_values, groups, in_sample

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

VALUES = 200
"""Distinct values of a column that are looked at, of the tenant's sample of rows: always the same ones."""
IN_WORKERS = 10_000
"""From about so many values on Spark's Python workers read them; loading the model takes each seconds."""
Begin = Callable[[Sequence[str]], None]
"""Told the tenants whose rows are about to be read."""


@dataclass(frozen=True)
class TenantClassify:
    """What classifying one tenant's dataset came to: all its current findings and how many are new.

    `skipped` says which recognizers of the policies failed on values of which column; None where nothing was
    looked at.
    """

    tenant: str
    contract: Contract
    findings: tuple[Finding, ...]
    new: int
    failed: str | None = None
    skipped: tuple[str, ...] | None = None


def classify_dataset(
    ctx: LakeContext, dataset: str, tenants: Sequence[str], begin: Begin = lambda _: None
) -> list[TenantClassify]:
    """Profile every declared column of these tenants' bronze rows and record the findings.

    A tenant whose rows, policies and detector are those of its last time is left as it is, unless a
    recognizer failed then.
    """
    newest, known = deliveries.high_waters(ctx.engine, dataset), _last_marks(ctx, dataset)
    marks: dict[str, dict[str, object]] = {
        tenant: {
            "batch_seq": newest.get(tenant, 0),
            "policy_digest": ctx.bundle.digest,
            "detector_version": ctx.detector_of(tenant).version,
        }
        for tenant in tenants
    }
    due = [tenant for tenant in tenants if tenant in newest and marks[tenant] != known.get(tenant)]
    begin(due)
    outcomes: list[TenantClassify] = []
    for region, members in ctx.by_region(tenants).items():
        for contract, sharing in ctx.by_contract(dataset, members):
            for detector, own in ctx.by_detector(sharing):
                look = _Look(ctx, lake.Table(region, "bronze", dataset), contract, detector)
                stale = [tenant for tenant in own if tenant in due]
                profiles = {
                    one: seen for group in groups(stale) for one, seen in look.profiles(group).items()
                }
                outcomes.extend(look.outcome(tenant, profiles.get(tenant), marks[tenant]) for tenant in own)
    return sorted(outcomes, key=lambda outcome: outcome.tenant)


@dataclass(frozen=True)
class _Look:
    """One table, looked into for the tenants that share a contract."""

    ctx: LakeContext
    table: lake.Table
    contract: Contract
    detector: Detector

    def profiles(self, tenants: list[str]) -> dict[str, list[ColumnProfile] | str]:
        """Each tenant's profiles, or the kind of error: read alone, a tenant that fails stops no other."""
        try:
            sums = deliveries.row_sums(self.ctx.engine, self.table.region, self.table.dataset)
            rows = {tenant: sums[tenant][1] if tenant in sums else 0 for tenant in tenants}
            samples = self._samples(rows)
            names = [column.name for column in self.contract.columns]
            profiler = Profiler(names, self.contract.dataset, self.detector)
            seen = profiler.in_workers(samples, len(rows)) if self._are_many(rows) else profiler.here(samples)
            return {one: seen[one] if one in seen else profiler.of([()] * len(names)) for one in tenants}
        except (*SPARK_ERRORS, DetectionError) as error:
            if len(tenants) == 1:
                return {tenants[0]: error_kind(error)}
            return {one: seen for tenant in tenants for one, seen in self.profiles([tenant]).items()}

    def outcome(
        self, tenant: str, seen: list[ColumnProfile] | str | None, mark: dict[str, object]
    ) -> TenantClassify:
        """What a tenant came to. `seen`, where something was looked at, is recorded."""
        ledger, dataset = FindingsLedger(self.ctx.engine), self.contract.dataset
        new, failed, skipped = 0, seen if isinstance(seen, str) else None, None
        if isinstance(seen, list):
            skipped = _skipped(seen)
            run = RunContext(
                tenant, dataset, self.detector.version, self.ctx.bundle.digest, self.ctx.run_id, now()
            )
            declared = {column.name: column.data_class for column in self.contract.columns}
            prose = frozenset(column.name for column in self.contract.columns if column.free_text)
            new = ledger.record(findings_of(seen, declared, run, prose), judged=[(tenant, dataset)])
            if not skipped:  # else whoever mends the recognizer would have to change the policies too
                _remember(self.ctx, tenant, dataset, mark)
        findings = tuple(ledger.current(tenant, dataset))
        return TenantClassify(tenant, self.contract, findings, new, failed, skipped)

    def _are_many(self, rows: Mapping[str, int]) -> bool:
        """Whether there are enough values for workers. One tenant is read here, which tells why it fails."""
        most = sum(min(count, VALUES) for count in rows.values()) * len(self.contract.columns)
        return len(rows) > 1 and most >= IN_WORKERS

    def _samples(self, counts: Mapping[str, int]) -> DataFrame:
        """`tenant_id`, and an array of values for each column, `v0` and on: a fixed sample of every tenant.

        One pass takes them all; only sampled rows are opened. `counts`: the rows of each tenant.
        """
        tenants = list(counts)
        rows = without_frozen(self.ctx, self.ctx.lake.read(self.table, tenants), self.contract, tenants)
        rows = rows.where(in_sample(counts))
        opened = unsealed(rows, self.contract, self.ctx.keys(tenants))
        samples = [distinct_values(raw(column), VALUES) for column in self.contract.columns]
        return opened.groupBy("tenant_id").agg(*[one.alias(f"v{n}") for n, one in enumerate(samples)])


def _skipped(seen: list[ColumnProfile]) -> tuple[str, ...]:
    return tuple(
        f"{one.column}: {told} on {count} values" for one in seen for told, count in one.skipped.items()
    )


def _last_marks(ctx: LakeContext, dataset: str) -> dict[str, dict[str, object]]:
    """What each tenant's last look was of, as `_remember` was given it."""
    columns = (classified.c.batch_seq, classified.c.policy_digest, classified.c.detector_version)
    query = select(classified.c.tenant_id, *columns).where(classified.c.dataset == dataset)
    with ctx.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return {str(row.pop("tenant_id")): row for row in rows}


def _remember(ctx: LakeContext, tenant: str, dataset: str, mark: dict[str, object]) -> None:
    same = (classified.c.tenant_id == tenant) & (classified.c.dataset == dataset)
    with ctx.engine.begin() as connection:
        connection.execute(classified.delete().where(same))
        connection.execute(classified.insert(), mark | {"tenant_id": tenant, "dataset": dataset})
