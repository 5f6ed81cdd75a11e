"""The same rows in the hands of many tenants and of few: what a tenant costs beside its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import Case, measure
from benchmarks.people import DATASET
from benchmarks.world import Stage, World
from transforms.protect import protect_dataset

PART = "tenants"
AIM = 2.0


def many_tenants(stage: Stage) -> list[Figure]:
    """Ingest and protect as the pipeline does them, in a new lake each time."""
    asked = stage.asked
    few, many = (f"{count:,} tenants" for count in (asked.tenants, asked.many_tenants))
    about = "steps ingest and protect, a new lake"
    cases = [
        Case(few, about, _both(stage.world(asked.rows, asked.tenants)), asked.rows),
        Case(many, about, _both(stage.world(asked.rows, asked.many_tenants)), asked.rows, few, AIM),
    ]
    return measure(PART, cases, stage.folder, asked.rounds, stage.tell)


def _both(world: World) -> Callable[[Path], None]:
    def run(folder: Path) -> None:
        ctx = world.open(folder)
        world.ingest(ctx)
        failed = [one.failed for one in protect_dataset(ctx, DATASET, world.ids) if one.failed]
        ctx.engine.dispose()
        if failed:
            raise RuntimeError(f"protect failed for {len(failed)} tenants: {set(failed)}")

    return run
