"""What a deletion keeps right around itself: the note that silver is up to date, and archived deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from policy.contracts import Contract
from tenancy.durable import make_durable
from transforms.context import LakeContext
from transforms.deliveries import record_disposal
from transforms.frozen import without_frozen
from transforms.lake import Table
from transforms.present import count_present
from transforms.protect import (
    doubt_protections,
    doubted_tenants,
    keep_protection,
    last_protections,
)


def has_part(ctx: LakeContext, table: Table, tenant: str) -> bool:
    """Whether the table has a part of this tenant, live or not: told from folders alone."""
    part = ctx.lake.root / table.name / f"tenant_id={tenant}"
    return part.is_dir() and ctx.lake.exists(table)


@contextmanager
def silver_kept_up(
    ctx: LakeContext, contract: Contract, tenants: Collection[str], changed: Collection[Table], doubt: str,
    torn: Collection[str] = (),
) -> Iterator[None]:  # fmt: skip
    """Silver stays what protecting bronze would give; where it does not, the next run makes it anew.

    So it is also of the tenants in `torn`, and where this ends halfway and is not done again under the same
    `doubt`. The tenants are of one region and have this contract. `changed` holds the tables that were
    changed, once this is left.
    """
    known = last_protections(ctx.engine, contract.dataset, doubt)
    doubted = doubted_tenants(ctx.engine, contract.dataset)
    was = {tenant: known[tenant] for tenant in tenants if tenant in known and tenant not in torn}
    doubt_protections(ctx.engine, contract.dataset, tenants, was, doubt)
    yield
    shown = present = {tenant: last.rows for tenant, last in was.items()}
    if was and (changed or doubted & was.keys()):
        shown, present = _counted(ctx, contract, list(was))
    for tenant, last in was.items():
        if shown.get(tenant, 0) == present.get(tenant, 0):
            keep_protection(ctx.engine, last, shown.get(tenant, 0))


def _counted(
    ctx: LakeContext, contract: Contract, tenants: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows each tenant has in silver, and how many protecting its bronze would give."""
    region = ctx.bundle.tenants[tenants[0]].region
    bronze, silver = (Table(region, layer, contract.dataset) for layer in ("bronze", "silver"))
    shown, present = {}, {}
    if ctx.lake.exists(silver):
        counted = ctx.lake.read(silver, tenants).groupBy("tenant_id").count().collect()
        shown = {row.tenant_id: row["count"] for row in counted}
    if ctx.lake.exists(bronze):
        rows = without_frozen(ctx, ctx.lake.read(bronze, tenants), contract, tenants)
        present = count_present(rows, contract)
    return shown, present


def archived(ctx: LakeContext, tenant: str, dataset: str) -> set[int]:
    """The deliveries of a tenant's dataset whose sealed landing file is there, by id."""
    folder = ctx.lake.root / ctx.bundle.tenants[tenant].region / "archive" / dataset / f"tenant_id={tenant}"
    return {int(file.stem) for file in folder.glob("*.sealed")}


def remove_archives(
    ctx: LakeContext, tenant: str, dataset: str, deliveries: Iterable[int], why: str
) -> tuple[int, int]:
    """Remove the sealed landing files of these deliveries; how many there were, and their bytes.

    `why` is what the control database says of the landing file from then on.
    """
    folder = ctx.lake.root / ctx.bundle.tenants[tenant].region / "archive" / dataset / f"tenant_id={tenant}"
    files, size = 0, 0
    for number in sorted(set(deliveries)):
        file = folder / f"{number:012d}.sealed"
        if file.exists():
            record_disposal(ctx.engine, number, why)
            files, size = files + 1, size + file.stat().st_size
            file.unlink()
    if files:
        make_durable([folder], ctx.lake.root)
    return files, size
