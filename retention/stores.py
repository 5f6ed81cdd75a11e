"""What retention does beside the tables: sealed archives and landing files whose period is over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table

from audit.ledger import Fact, Ledger
from policy.retention import Period, Store
from retention.holds import Hold, all_holds
from retention.kept_up import archived, remove_archives
from retention.plan import delivered
from tenancy.control import now
from transforms.context import LakeContext
from transforms.deliveries import all_deliveries, record_disposal
from transforms.formats import content_token
from transforms.landing import GONE, LandingFile, Stamp, changed_from, take_inventory

EXPIRED = "expired"


metadata = MetaData()

retention_stores = Table(
    "retention_stores",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("store", String(20), nullable=False),
    Column("gone", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class StoreResult:
    """What a store came to: what went, in things and bytes, and how many things a hold keeps.

    `failed` is what stopped it, in words that tell no value.
    """

    store: Store
    gone: int = 0
    bytes: int = 0
    held: int = 0
    failed: str | None = None


def note_store(ctx: LakeContext, told: StoreResult) -> None:
    """Write down what went from a store; nothing where nothing did."""
    if told.gone:
        row = {"store": str(told.store), "gone": told.gone, "bytes": told.bytes}
        ledger, moment = Ledger(ctx.engine), now()
        with ctx.engine.begin() as connection:
            done = connection.execute(
                retention_stores.insert(), row | {"run_id": ctx.run_id, "done_at": moment}
            )
            number = int(done.inserted_primary_key[0])  # type: ignore[index]
            fact = Fact("retention", f"store/{number}", row | {"run_id": ctx.run_id})
            ledger.append([fact], connection)


def expire_archive(ctx: LakeContext, tenants: Sequence[str], period: Period, at: datetime) -> StoreResult:
    """Remove sealed landing files whose rows came in so long ago. A hold over the dataset keeps them.

    What a sealed file holds of whom cannot be told without opening it, so it counts as covered.
    """
    holds, files, size, held = all_holds(ctx.engine), 0, 0, 0
    for tenant, dataset in delivered(ctx.bundle, tenants):
        there = archived(ctx, tenant, dataset)
        due = there & set(_settled_before(ctx, tenant, dataset, period, at).values()) if there else set()
        if due and _held(holds, tenant, dataset, at):
            held += len(due)
        elif due:
            with ctx.lake.lease(ctx.bundle.tenants[tenant].region, dataset):
                gone, freed = remove_archives(ctx, tenant, dataset, due, EXPIRED)
            files, size = files + gone, size + freed
    return StoreResult(Store.ARCHIVE, files, size, held)


def expire_landing(ctx: LakeContext, tenants: Sequence[str], period: Period, at: datetime) -> StoreResult:
    """Remove landing files whose content was taken in, or refused, so long ago. Holds keep them.

    A file that waits, is new, or was changed is never touched.
    """
    holds, files, size, held = all_holds(ctx.engine), 0, 0, 0
    inventory = take_inventory(ctx.landing, ctx.bundle)
    for tenant, dataset in delivered(ctx.bundle, tenants):
        found = inventory.of(dataset, [tenant])
        settled = _settled_before(ctx, tenant, dataset, period, at) if found else {}
        if not settled:
            continue
        kept = _held(holds, tenant, dataset, at)
        with ctx.lake.lease(ctx.bundle.tenants[tenant].region, dataset):
            for file in found:
                freed = _removed(ctx, file, settled, only_look=kept)
                if freed is None:
                    continue
                files, size, held = (files, size, held + 1) if kept else (files + 1, size + freed, held)
    return StoreResult(Store.LANDING, files, size, held)


def _removed(ctx: LakeContext, file: LandingFile, settled: dict[str, int], *, only_look: bool) -> int | None:
    """The bytes of the file where it is due, None where not; removed unless it is only looked at."""
    try:
        stamp = Stamp.of(file.path)
        if not file.in_its_place:
            return None
        delivery = settled.get(content_token(file, ctx.keyring.tenant_keys(file.tenant).token_key))
        if delivery is None or changed_from(stamp.mark, file.path):
            return None
        if not only_look:
            record_disposal(ctx.engine, delivery, EXPIRED)
            file.path.unlink()
    except GONE:
        return None
    return stamp.size


def _held(holds: Collection[Hold], tenant: str, dataset: str, at: datetime) -> bool:
    return any(one.in_force(at) and one.scope.meets(tenant, dataset) for one in holds)


def _settled_before(
    ctx: LakeContext, tenant: str, dataset: str, period: Period, at: datetime
) -> dict[str, int]:
    """Content and id of each delivery that was taken in or refused a period ago, at least."""
    return {
        row.content_token: row.id
        for row in all_deliveries(ctx.engine, dataset)
        if row.tenant_id == tenant
        and row.state in ("ingested", "refused")
        and row.settled_at is not None
        and period.end(row.settled_at.replace(tzinfo=UTC)) <= at
    }
