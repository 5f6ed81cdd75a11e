"""The way into bronze, beside Spark's own from the same CSV files to Delta and beside stock Presidio."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import functions as F

from benchmarks.figures import Figure
from benchmarks.measure import Case, measure
from benchmarks.people import TYPES
from benchmarks.stock import stock_figure
from benchmarks.world import BRONZE, Stage, World
from tenancy.control import now
from transforms.bronze import bronze_rows, checked
from transforms.formats import inspect
from transforms.landing import take_inventory
from transforms.readers import StagedFile, read_staged

PART = "ingest"
AIM = 2.0


def ingest(stage: Stage) -> list[Figure]:
    """Spark's way, sealing alone, and the step as the pipeline does it."""
    world = stage.world(stage.asked.rows, stage.asked.tenants)
    ways, rows = _Ways(world), world.rows
    cases = [
        Case("csv to delta", "Spark's reader, typed, 8 columns", ways.plain, rows),
        Case("sealed ingest", "read, checked, sealed", ways.sealed, rows, "csv to delta", AIM),
        Case(
            "ingest step",
            "as the pipeline does: named, counted, settled",
            ways.step,
            rows,
            "csv to delta",
            AIM,
        ),
    ]
    figures = measure(PART, cases, stage.folder, stage.asked.rounds, stage.tell)
    return [*figures, stock_figure(stage, world, figures[-1])]


class _Ways:
    def __init__(self, world: World) -> None:
        self.world, self.ctx = world, world.ctx
        self.files = take_inventory(self.ctx.landing, self.ctx.bundle).files

    def plain(self, folder: Path) -> None:
        paths = [str(file.path) for file in self.files]
        rows = self.world.spark.read.schema(TYPES).option("header", "true").csv(paths)
        tenant = F.element_at(F.split("_metadata.file_path", "/"), -3).alias("tenant_id")
        rows.select(tenant, "*").write.format("delta").partitionBy("tenant_id").save(str(folder))

    def sealed(self, folder: Path) -> None:
        contract, bundle = self.world.contract, self.ctx.bundle
        # All are good, and then the pipeline does not filter either (`transforms.batch.commit_batch`).
        good = checked(read_staged(self.world.spark, self._staged(), contract), contract)
        rows = bronze_rows(good, contract, bundle.taxonomy, self.world.keys, now(), bundle.digest)
        self.world.bare_lake(folder).append(rows, BRONZE, "bench", 1, {})

    def step(self, folder: Path) -> None:
        ctx = self.world.open(folder)
        self.world.ingest(ctx)
        ctx.engine.dispose()

    def _staged(self) -> list[StagedFile]:
        """The files under names of their own, by which readers know a file."""
        staged = []
        for number, file in enumerate(self.files):
            link = self.world.folder / "staged" / f"{number}.csv"
            link.parent.mkdir(exist_ok=True)
            if not link.exists():
                link.symlink_to(file.path)
            shape = inspect(file, self.world.contract)
            staged.append(StagedFile(link, file.tenant, f"{number:012d}-00000000", shape))
        return staged
