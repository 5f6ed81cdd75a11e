"""How many files a tenant's partition has after many small drops, each taken in by a run of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.people import DATASET, HEADER, csv_line, drop_off, write_policies
from benchmarks.world import BRONZE, SILVER, Stage
from dagster_project.house import open_house
from dagster_project.settings import load_settings
from transforms.context import LakeContext
from transforms.delta_log import DeltaLog
from transforms.ingest import ingest_dataset
from transforms.lake import SMALL_FILES, Table
from transforms.landing import take_inventory
from transforms.protect import protect_dataset

PART = "drops"
TENANTS = 3
ROWS = 20


def drops(stage: Stage) -> list[Figure]:
    """`stage.asked.drops` times a small file for each of three tenants, then silver once."""
    folder, many = stage.folder / "drops", stage.asked.drops
    policies = write_policies(folder / "policies", TENANTS)
    landing = folder / "landing"
    landing.mkdir()
    ctx = open_house(load_settings(landing=landing, lake=folder / "lake", policies=policies), "bench")
    most = 0
    for number in range(many):
        stage.tell(f"{PART}: {number + 1} of {many}")
        take_in(ctx, number)
        most = max(most, *live_files(ctx, BRONZE).values())
    ids = sorted(ctx.bundle.tenants)
    protect_dataset(ctx, DATASET, ids)
    silver = max(live_files(ctx, SILVER).values())
    ctx.engine.dispose()
    about = f"live files of a tenant, at most, after each of {many} drops"
    return [
        Figure(PART, "bronze", about, most, "files", aim=SMALL_FILES),
        Figure(
            PART, "silver", "live files of a tenant after the last drop", silver, "files", aim=SMALL_FILES
        ),
    ]


def live_files(ctx: LakeContext, table: Table) -> Counter[str]:
    """How many live files each partition of a table has, told from its log."""
    files = DeltaLog(Path(ctx.lake.path(table))).live() or {}
    return Counter(path.partition("/")[0] for path in files)


def take_in(ctx: LakeContext, number: int) -> None:
    """Drop a small file for every tenant and bring it into bronze."""
    ids = sorted(ctx.bundle.tenants)
    for tenant in ids:
        lines = (csv_line(number * ROWS + row) for row in range(ROWS))
        (drop_off(ctx.landing, tenant) / f"{number}.csv").write_text(HEADER + "".join(lines))
    outcomes = ingest_dataset(ctx, DATASET, ids, take_inventory(ctx.landing, ctx.bundle))
    if any(one.rows_bronze != ROWS for one in outcomes):
        raise RuntimeError(f"a drop did not come in: {outcomes}")
    for tenant in ids:
        (drop_off(ctx.landing, tenant) / f"{number}.csv").unlink()
