"""Maintenance: rows of bronze lie by person, in few files, and old versions of tables leave the disk.

Delta keeps the first and last subject token of each file, so whoever looks for a person then opens few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from policy.errors import LakewardError
from policy.retention import Period, Store
from retention.plan import LAYERS
from transforms.clustering import SUBJECT, Span, depth, out_of_order, spans_of
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.errors import SPARK_ERRORS, words_of
from transforms.lake import Table
from transforms.purge import Purged, purge
from transforms.recovery import recover

FILES_OF_A_PERSON = 4
"""In more files than these nobody's rows shall lie."""
ENOUGH = 10
"""A partition is rewritten when a tenth of it lies out of order: a large one not for every small batch."""
TARGET = 64 << 20
"""About so many bytes has a file that is written here."""


@dataclass
class Maintained:
    """What maintenance came to: the tenants whose partition was clustered, by table, with the number of files
    that a person's rows could lie in before and after; what left the disk, by table; what failed.
    """

    clustered: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    purged: dict[str, Purged] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)


def maintain(
    ctx: LakeContext, tenants: Sequence[str], at: datetime, progress: Callable[[str], None] = lambda _: None
) -> Maintained:
    """Cluster what changed enough of these tenants' bronze, then end histories older than the policies say.

    A table or tenant that fails stops itself only.
    """
    told = Maintained()
    for region, members in ctx.by_region(tenants).items():
        for dataset in ctx.bundle.datasets:
            progress(f"maintenance of {dataset} in {region}")
            try:
                _maintain(ctx, region, dataset, members, at, told)
            except (*SPARK_ERRORS, LakewardError) as error:
                told.failed[region, dataset] = words_of(error)
    return told


def _maintain(
    ctx: LakeContext, region: str, dataset: str, tenants: Sequence[str], at: datetime, told: Maintained
) -> None:
    tables = [one for one in (Table(region, layer, dataset) for layer in LAYERS) if ctx.lake.exists(one)]
    bronze = Table(region, "bronze", dataset)
    if bronze not in tables:
        return
    with ctx.lake.lease(region, dataset):
        recover(ctx, region, dataset)
        for tenant in tenants:
            contract = ctx.bundle.contract_for(tenant, dataset)
            if contract is None or contract.subject_column is None:
                continue
            try:
                _cluster(ctx, bronze, tenant, told)
            except (*SPARK_ERRORS, LakewardError) as error:
                told.failed[tenant, dataset] = words_of(error)
        period = ctx.bundle.retention.stores.get(Store.VERSIONS)
        for table in tables:
            if period is not None and _is_old(Path(ctx.lake.path(table)), period, at):
                told.purged[table.name] = purge(ctx.lake, table)


def _cluster(ctx: LakeContext, table: Table, tenant: str, told: Maintained) -> None:
    folder = Path(ctx.lake.path(table))
    before = spans_of(folder, tenant)
    if not is_scattered(before):
        return
    files = -(-sum(one.size for one in before) // TARGET)
    rows = ctx.lake.read(table, [tenant]).repartitionByRange(files, SUBJECT).sortWithinPartitions(SUBJECT)
    ctx.lake.rewrite(rows, table, [tenant])
    told.clustered[table.name, tenant] = (depth(before), depth(spans_of(folder, tenant)))


def is_scattered(spans: Sequence[Span]) -> bool:
    """Whether a person's rows can lie in too many files, and enough of the partition is why."""
    too_many = depth(spans) > FILES_OF_A_PERSON
    return too_many and out_of_order(spans) * ENOUGH >= sum(one.size for one in spans)


def _is_old(folder: Path, period: Period, at: datetime) -> bool:
    """Whether the table has a version before the present one that was written a period ago."""
    log = DeltaLog(folder)
    past = [log.commit_file(one) for one in log.commits[:-1]]
    return any(period.end(datetime.fromtimestamp(one.stat().st_mtime, UTC)) <= at for one in past)
