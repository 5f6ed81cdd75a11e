"""Classifying the columns of a table, beside a scan of it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import Case, measure
from benchmarks.people import DATASET
from benchmarks.world import BRONZE, Stage, World
from transforms.classify import classified, classify_dataset
from transforms.present import unsealed

PART = "classify"
AIM = 2.0


def classify(stage: Stage) -> list[Figure]:
    """Reading every column of bronze; the same opened; and what the step does, as if never done before."""
    ways = _Ways(stage.world(stage.asked.rows, stage.asked.tenants))
    rows = ways.world.rows
    cases = [
        Case("scan", "every column of bronze read, sealed", ways.scan, rows),
        Case("scan and open", "and every row opened", ways.open, rows, "scan"),
        Case("classify", "the columns of every tenant", ways.classify, rows, "scan", AIM),
    ]
    return measure(PART, cases, stage.folder, stage.asked.rounds, stage.tell)


class _Ways:
    def __init__(self, world: World) -> None:
        self.world, self.ctx = world, world.with_bronze()

    def scan(self, _: Path) -> None:
        self.ctx.lake.read(BRONZE, self.world.ids).write.format("noop").mode("overwrite").save()

    def open(self, _: Path) -> None:
        rows = unsealed(self.ctx.lake.read(BRONZE, self.world.ids), self.world.contract, self.world.keys)
        rows.write.format("noop").mode("overwrite").save()

    def classify(self, _: Path) -> None:
        with self.ctx.engine.begin() as connection:
            connection.execute(classified.delete())
        outcomes = classify_dataset(self.ctx, DATASET, self.world.ids)
        if failed := {one.failed for one in outcomes if one.failed}:
            raise RuntimeError(f"classify failed: {failed}")
