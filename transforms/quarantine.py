"""Records that broke their contract: what waits there and why, and another try after a policy fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from policy.bundle import PolicyBundle
from policy.contracts import Contract
from transforms import deliveries
from transforms.batch import WRITER, Places
from transforms.bronze import bronze_rows, checked
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.errors import DISK_FULL, SPARK_ERRORS, error_kind
from transforms.recovery import recover, release_accepted
from transforms.seal import opened_row
from transforms.suppressions import with_suppressed
from transforms.tokens import with_keys, without_keys


@dataclass(frozen=True)
class QuarantineGroup:
    """Records of one tenant's dataset that wait for one reason. A record can have several reasons."""

    region: str
    dataset: str
    tenant: str
    reason: str
    rows: int


@dataclass(frozen=True)
class RetryOutcome:
    """What a retry came to for one tenant's dataset. `failed` is the kind of error that stopped it."""

    tenant: str
    dataset: str
    retried: int
    accepted: int
    failed: str | None = None

    @property
    def remaining(self) -> int:
        """Records that still break the contract."""
        return self.retried - self.accepted


def list_quarantine(ctx: LakeContext) -> list[QuarantineGroup]:
    """Everything in quarantine by region, dataset, tenant and reason; reads no sealed cell."""
    groups: list[QuarantineGroup] = []
    for region, tenants in ctx.by_region(list(ctx.bundle.tenants)).items():
        for dataset in ctx.bundle.datasets:
            table = Places.of(region, dataset).quarantine
            if not ctx.lake.exists(table):
                continue
            rows = ctx.lake.read(table, tenants).select("tenant_id", F.explode("reasons").alias("reason"))
            counted = rows.groupBy("tenant_id", "reason").count().orderBy("tenant_id", "reason").collect()
            groups.extend(
                QuarantineGroup(region, dataset, row.tenant_id, row.reason, row["count"]) for row in counted
            )
    return groups


def quarantine_of(root: Path, bundle: PolicyBundle, tenants: Collection[str]) -> list[QuarantineGroup]:
    """What `list_quarantine` tells of these tenants, read from the tables' files without Spark.

    Each table's log is read once, however many tenants there are. Raises DamagedLog where it is not whole.
    """
    groups: list[QuarantineGroup] = []
    for region in sorted({bundle.tenants[tenant].region for tenant in tenants}):
        own = [tenant for tenant in sorted(tenants) if bundle.tenants[tenant].region == region]
        for dataset in bundle.datasets:
            counted = _reasons(root / Places.of(region, dataset).quarantine.name, own)
            groups += [
                QuarantineGroup(region, dataset, tenant, reason, rows)
                for (tenant, reason), rows in sorted(counted.items())
            ]
    return groups


def _reasons(folder: Path, tenants: Collection[str], *, again: bool = True) -> Counter[tuple[str, str]]:
    """Rows by tenant and reason."""
    live = [
        (path.partition("/")[0].removeprefix("tenant_id="), path) for path in DeltaLog(folder).live() or ()
    ]
    counted: Counter[tuple[str, str]] = Counter()
    try:
        for tenant, path in live:
            if tenant in tenants:
                rows = pq.ParquetFile(folder / path).read(columns=["reasons"]).column("reasons")
                counted.update((tenant, reason) for reasons in rows.to_pylist() for reason in reasons)
    except FileNotFoundError:  # replaced and purged since its name was read
        if again:
            return _reasons(folder, tenants, again=False)
        raise
    return counted


def retry_quarantine(
    ctx: LakeContext, dataset: str | None = None, tenants: Sequence[str] | None = None
) -> list[RetryOutcome]:
    """Check quarantined records against the contracts of today; those that hold move to bronze, once.

    Bronze is written first under a batch number; then the records that bronze holds leave quarantine.
    A kill in between is mended by the next retry or ingest of the dataset. Where the tenants of one
    contract fail together, each is tried on its own, so that only those stop whose own records do it.
    """
    outcomes: list[RetryOutcome] = []
    wanted = list(ctx.bundle.tenants) if tenants is None else list(tenants)
    for region, members in ctx.by_region(wanted).items():
        for name in ctx.bundle.datasets if dataset is None else (dataset,):
            places = Places.of(region, name)
            if not ctx.lake.exists(places.quarantine):
                continue
            with ctx.lake.lease(region, name):
                recover(ctx, region, name)
                for contract, group in ctx.by_contract(name, members):
                    outcomes.extend(_retry_or_split(ctx, region, places, contract, group))
    return outcomes


def _retry_or_split(
    ctx: LakeContext, region: str, places: Places, contract: Contract, tenants: list[str]
) -> list[RetryOutcome]:
    try:
        return _retry(ctx, region, places, contract, tenants)
    except SPARK_ERRORS as error:
        kind = error_kind(error)
        recover(ctx, region, contract.dataset)  # the batch that failed may be in, or not
    if len(tenants) == 1 or kind == DISK_FULL:
        return [RetryOutcome(tenant, contract.dataset, 0, 0, kind) for tenant in tenants]
    return [one for id_ in tenants for one in _retry_or_split(ctx, region, places, contract, [id_])]


def _retry(
    ctx: LakeContext, region: str, places: Places, contract: Contract, tenants: list[str]
) -> list[RetryOutcome]:
    again = checked(_reopened(ctx, places, contract, tenants), contract, placed=True)
    frame = with_suppressed(ctx, again, contract, tenants)
    good = F.size("reasons") == 0
    counted = (
        frame.groupBy("tenant_id")
        .agg(F.count(F.lit(1)).alias("rows"), F.count_if(good).alias("good"))
        .collect()
    )
    outcomes = [RetryOutcome(row.tenant_id, contract.dataset, row.rows, row.good) for row in counted]
    gaining = [outcome.tenant for outcome in outcomes if outcome.accepted]
    if gaining:
        digest = ctx.bundle.digest
        seq = deliveries.open_batch(
            ctx.engine, region, contract.dataset, "retry", [], gaining, digest, ctx.run_id
        )
        batch = deliveries.open_batches(ctx.engine, region, contract.dataset)[-1]
        keys, moment = ctx.keys(gaining), deliveries.created_at(batch)
        rows = bronze_rows(frame.where(good), contract, ctx.bundle.taxonomy, keys, moment, digest)
        ctx.lake.append(rows, places.bronze, WRITER, seq, ctx.note)
        release_accepted(ctx, places, gaining)
        deliveries.settle(ctx.engine, seq, {}, digest)
    return sorted(outcomes, key=lambda outcome: outcome.tenant)


def _reopened(ctx: LakeContext, places: Places, contract: Contract, tenants: list[str]) -> DataFrame:
    rows = with_keys(ctx.lake.read(places.quarantine, tenants).drop("key_id"), ctx.keys(tenants))
    opened = opened_row("quarantine", contract.dataset)
    broken = F.array_contains("reasons", "unreadable").alias("broken")
    opened_rows = rows.select("*", opened.alias("payload"), broken)
    return without_keys(opened_rows).select("tenant_id", "batch_id", "position", "payload", "broken")
