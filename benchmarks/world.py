"""Rows, policies, keys and tables to measure on, made once for all parts that need the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from benchmarks.people import DATASET, REGION, people, write_landing, write_policies
from dagster_project.house import open_house
from dagster_project.settings import Settings, load_settings
from policy.contracts import Contract
from tenancy.control import open_control
from transforms.context import LakeContext
from transforms.ingest import ingest_dataset
from transforms.lake import Lake, Table
from transforms.landing import take_inventory
from transforms.session import build_session

BRONZE = Table(REGION, "bronze", DATASET)
SILVER = Table(REGION, "silver", DATASET)


@dataclass(frozen=True)
class Asked:
    """The sizes that were asked for.

    `memory_mib` is the size of the file that memory is measured with, `erasure_rows` are the sizes of the
    lakes that are erased from; `texts` are unique ones, of tickets there are ten times as many.
    """

    rows: int
    tenants: int
    rounds: int
    many_tenants: int
    stock_rows: int
    drops: int
    memory_mib: int
    erasure_rows: tuple[int, ...]
    texts: int


class World:
    """`rows` people of `tenants` tenants below `folder`: a plain Delta table, landing files, and bronze.

    The same rows in the same order lie in each.
    """

    def __init__(self, spark: SparkSession, folder: Path, rows: int, tenants: int) -> None:
        self.spark, self.folder, self.rows = spark, folder, rows
        self._policies = write_policies(folder / "policies", tenants)
        self._plain = str(folder / "plain")
        people(spark, rows, tenants).write.format("delta").partitionBy("tenant_id").save(self._plain)
        write_landing(self.plain, folder / "landing")
        self.ctx = self.open(folder / "source")
        self.ids = sorted(self.ctx.bundle.tenants)
        self.contract: Contract = self.ctx.bundle.contract_for(self.ids[0], DATASET)  # type: ignore[assignment]
        self.keys = self.ctx.keys(self.ids)

    @property
    def plain(self) -> DataFrame:
        """The plain Delta table."""
        return self.spark.read.format("delta").load(self._plain)

    def settings(self, folder: Path) -> Settings:
        """Those of a new lake in `folder`, with these policies and landing files."""
        return load_settings(landing=self.folder / "landing", lake=folder / "lake", policies=self._policies)

    def open(self, folder: Path) -> LakeContext:
        """A new lake in `folder`."""
        return open_house(self.settings(folder), "bench")

    def bare_lake(self, folder: Path) -> Lake:
        """A lake in `folder` to write tables to, and no more."""
        return Lake(self.spark, folder, folder / "leases", open_control(folder / "control.db"))

    def ingest(self, ctx: LakeContext) -> None:
        """Bring every landing file into the lake. Raises RuntimeError where one does not come in."""
        outcomes = ingest_dataset(ctx, DATASET, self.ids, take_inventory(ctx.landing, ctx.bundle))
        if not sum(one.rows_bronze for one in outcomes) == self.rows:
            raise RuntimeError(f"ingest did not bring in what it should: {outcomes}")

    def with_bronze(self) -> LakeContext:
        """The lake of this world, with the landing files brought into bronze."""
        if not self.ctx.lake.exists(BRONZE):
            self.ingest(self.ctx)
        return self.ctx


@dataclass
class Stage:
    """What a part gets: the session, a folder to work in, the sizes, and whom to tell what goes on."""

    folder: Path
    asked: Asked
    tell: Callable[[str], None]
    _spark: SparkSession | None = None
    _worlds: dict[tuple[int, int], World] = field(default_factory=dict)

    @property
    def spark(self) -> SparkSession:
        """The session, started at first use: the memory of another process is measured without it."""
        if self._spark is None:
            self.tell("starting Spark")
            self._spark = build_session(self.folder / "spark")
        return self._spark

    def world(self, rows: int, tenants: int) -> World:
        """A world of this size; the same one each time."""
        if (rows, tenants) not in self._worlds:
            self.tell(f"making {rows:,} rows of {tenants:,} tenants")
            folder = self.folder / f"world-{rows}-{tenants}"
            self._worlds[rows, tenants] = World(self.spark, folder, rows, tenants)
        return self._worlds[rows, tenants]

    def stop(self) -> None:
        """End the session."""
        if self._spark is not None:
            self._spark.stop()
