"""The way into silver, beside a plain Delta copy of the same rows and beside stock Presidio."""

from __future__ import annotations

from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from benchmarks.figures import Figure
from benchmarks.measure import Case, measure
from benchmarks.stock import stock_figure
from benchmarks.world import BRONZE, SILVER, Stage, World
from transforms.plan import plan_columns
from transforms.present import unsealed
from transforms.protect import silver_rows
from transforms.records import RECORD
from transforms.tokens import with_keys
from transforms.treatments import treat
from transforms.treatments.cell import Cell

PART = "protect"
AIM = 1.5


def protect(stage: Stage) -> list[Figure]:
    """Each step on the way into silver, from what costs least to the whole."""
    world = stage.world(stage.asked.rows, stage.asked.tenants)
    world.with_bronze()
    ways, rows = _Ways(world), world.rows
    cases = [
        Case("delta copy", "8 plain columns, Delta to Delta", ways.copy, rows),
        Case("treatments", "4 of 8 columns tokenised, no seal", ways.treatments, rows, "delta copy"),
        Case("unseal and treat", "bronze opened, 4 of 8 tokenised", ways.unseal, rows, "delta copy"),
        Case("protect", "as the pipeline does: present state too", ways.whole, rows, "delta copy", AIM),
    ]
    figures = measure(PART, cases, stage.folder, stage.asked.rounds, stage.tell)
    return [*figures, stock_figure(stage, world, figures[-1])]


class _Ways:
    def __init__(self, world: World) -> None:
        self.world, bundle = world, world.ctx.bundle
        self.rules = world.ctx.rules_of(world.ids[0])
        self.plan = plan_columns(bundle, world.ids[0], world.contract, {})
        self.cells = [Cell(column, world.contract.dataset, self.rules) for column in self.plan]

    def copy(self, folder: Path) -> None:
        self.world.plain.write.format("delta").partitionBy("tenant_id").save(str(folder))

    def treatments(self, folder: Path) -> None:
        world = self.world
        texts = [F.col(one.name).cast("string").alias(one.name) for one in world.contract.columns]
        rows = with_keys(world.plain.withColumn(RECORD, F.struct(*texts)), world.keys)
        self._save(treat(rows, self.cells, ["tenant_id"]), folder)

    def unseal(self, folder: Path) -> None:
        world = self.world
        rows = unsealed(world.ctx.lake.read(BRONZE, world.ids), world.contract, world.keys)
        self._save(
            treat(rows, self.cells, ["tenant_id", "record_id", "subject_token", "occurred_at"]), folder
        )

    def whole(self, folder: Path) -> None:
        world, ctx = self.world, self.world.ctx
        bronze = ctx.lake.read(BRONZE, world.ids)
        self._save(silver_rows(bronze, world.contract, self.plan, world.keys, self.rules), folder)

    def _save(self, rows: DataFrame, folder: Path) -> None:
        self.world.bare_lake(folder).replace_tenants(rows, SILVER, self.world.ids, {})
