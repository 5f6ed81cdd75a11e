"""What a deletion keeps right around itself: the note that silver is up to date, and archived deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from policy.contracts import Contract
from tenancy.durable import make_durable
from transforms.context import LakeContext
from transforms.deliveries import record_disposal
from transforms.frozen import without_frozen
from transforms.lake import Table
from transforms.present import count_present
from transforms.protect import forget_protection, keep_protection, last_protection


def has_part(ctx: LakeContext, table: Table, tenant: str) -> bool:
    """Whether the table has a part of this tenant, live or not: told from folders alone."""
    part = ctx.lake.root / table.name / f"tenant_id={tenant}"
    return part.is_dir() and ctx.lake.exists(table)


@contextmanager
def silver_kept_up(
    ctx: LakeContext, contract: Contract, tenant: str, changed: Collection[Table]
) -> Iterator[None]:
    """Silver stays what protecting bronze would give; where it does not, the next run makes it anew.

    So it is also where this ends halfway. `changed` holds the tables that were changed, once this is left.
    """
    region, dataset = ctx.bundle.tenants[tenant].region, contract.dataset
    bronze, silver = (Table(region, layer, dataset) for layer in ("bronze", "silver"))
    last = last_protection(ctx.engine, tenant, dataset)
    forget_protection(ctx.engine, tenant, dataset)
    yield
    if last is None:
        return
    there = bool(changed) and has_part(ctx, silver, tenant)
    rows = ctx.lake.read(silver, [tenant]).count() if there else 0
    present = 0
    if changed and has_part(ctx, bronze, tenant):
        rows_of = without_frozen(ctx, ctx.lake.read(bronze, [tenant]), contract, [tenant])
        present = count_present(rows_of, contract).get(tenant, 0)
    if not changed or rows == present:
        keep_protection(ctx.engine, last, rows if changed else last.rows)


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
