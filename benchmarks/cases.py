"""What is measured: the way into silver and the way into bronze, each beside plain Spark and Delta."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from benchmarks.measure import Case
from benchmarks.people import CONTRACT, DATASET, REGION, TYPES, people, policies, write_landing
from policy.bundle import PolicyBundle
from tenancy.control import open_control
from tenancy.keyring import open_keyring
from transforms import deliveries, violations
from transforms.bronze import bronze_rows, checked
from transforms.context import LakeContext
from transforms.formats import inspect
from transforms.ingest import ingest_dataset
from transforms.lake import Lake, Table
from transforms.landing import take_inventory
from transforms.plan import plan_columns
from transforms.present import unsealed
from transforms.protect import silver_rows
from transforms.readers import StagedFile, read_staged
from transforms.records import RECORD
from transforms.tokens import with_keys
from transforms.treatments import treat
from transforms.treatments.cell import Cell

WRITER = "bench"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)  # a time that bronze carries; any will do
BRONZE = Table(REGION, "bronze", DATASET)
SILVER = Table(REGION, "silver", DATASET)


class Bench:
    """Rows, keys and tables to measure on, all below `work`."""

    def __init__(self, spark: SparkSession, work: Path, rows: int, tenants: int) -> None:
        self.spark = spark
        self.work = work
        self.bundle: PolicyBundle = policies(tenants)
        self.ids = sorted(self.bundle.tenants)
        self.plan = plan_columns(self.bundle, self.ids[0], CONTRACT, {})
        self.ctx = self._context(work / "source")
        self.keys = self.ctx.keys(self.ids)
        frame = people(spark, rows, tenants)
        self._plain = str(work / "plain")
        # The same rows in the same order lie in both sources, so that both sides read alike.
        frame.write.format("delta").partitionBy("tenant_id").save(self._plain)
        write_landing(spark.read.format("delta").load(self._plain), work / "landing")
        self._to_bronze(self.ctx.lake)

    def cases(self) -> list[Case]:
        """All cases; those that are compared come after what they are compared with."""
        return [
            Case("delta copy", "8 plain columns, Delta to Delta", self._copy),
            Case("treatments", "4 of 8 columns tokenised, no seal", self._treat, "delta copy"),
            Case("unseal and treat", "bronze opened, 4 of 8 tokenised", self._unseal, "delta copy"),
            Case("protect", "as the pipeline does: present state too", self._protect, "delta copy", 1.5),
            Case("csv to delta", "Spark's reader, typed, 8 columns", self._csv),
            Case("sealed ingest", "read, checked, sealed", self._ingest, "csv to delta", 2.0),
            Case("ingest step", "as the pipeline does: counted and settled too", self._step, "csv to delta"),
        ]

    def _context(self, folder: Path) -> LakeContext:
        folder.mkdir(parents=True)
        engine = open_control(folder / "control" / "control.db")
        for metadata in (deliveries.metadata, violations.metadata):
            metadata.create_all(engine)
        ring = open_keyring(engine, folder / "control" / "root.key", folder / "lake")
        lake = Lake(self.spark, folder / "lake", folder / "control" / "leases", engine)
        return LakeContext(self.spark, lake, self.bundle, ring, engine, self.work / "landing", "bench")

    def _lake(self, folder: Path) -> Lake:
        return Lake(self.spark, folder, folder / "leases", open_control(folder / "control.db"))

    def _plain_rows(self) -> DataFrame:
        return self.spark.read.format("delta").load(self._plain)

    def _copy(self, folder: Path) -> None:
        self._plain_rows().write.format("delta").partitionBy("tenant_id").save(str(folder))

    def _treat(self, folder: Path) -> None:
        texts = [F.col(column.name).cast("string").alias(column.name) for column in CONTRACT.columns]
        rows = with_keys(self._plain_rows().withColumn(RECORD, F.struct(*texts)), self.keys)
        self._save(treat(rows, self._cells(), ["tenant_id"]), folder)

    def _unseal(self, folder: Path) -> None:
        rows = unsealed(self.ctx.lake.read(BRONZE, self.ids), CONTRACT, self.keys)
        surrogates = ["tenant_id", "record_id", "subject_token", "occurred_at"]
        self._save(treat(rows, self._cells(), surrogates), folder)

    def _protect(self, folder: Path) -> None:
        bronze = self.ctx.lake.read(BRONZE, self.ids)
        digest = self.bundle.digest
        self._save(silver_rows(bronze, CONTRACT, self.plan, self.keys, self.bundle.taxonomy, digest), folder)

    def _save(self, rows: DataFrame, folder: Path) -> None:
        self._lake(folder).replace_tenants(rows, SILVER, self.ids, {})

    def _cells(self) -> list[Cell]:
        return [Cell(column, DATASET, self.bundle.taxonomy) for column in self.plan]

    def _csv(self, folder: Path) -> None:
        paths = [str(file.path) for file in take_inventory(self.work / "landing", self.bundle).files]
        rows = self.spark.read.schema(TYPES).option("header", "true").csv(paths)
        tenant = F.element_at(F.split("_metadata.file_path", "/"), -3).alias("tenant_id")
        rows.select(tenant, "*").write.format("delta").partitionBy("tenant_id").save(str(folder))

    def _ingest(self, folder: Path) -> None:
        self._to_bronze(self._lake(folder))

    def _to_bronze(self, lake: Lake) -> None:
        found = take_inventory(self.work / "landing", self.bundle).files
        staged = []
        for number, file in enumerate(found):
            # Readers know a file by its last name, so each needs its own.
            link = self.work / "staged" / f"{number}.csv"
            if not link.exists():
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(file.path)
            staged.append(StagedFile(link, file.tenant, f"{number:012d}-00000000", inspect(file, CONTRACT)))
        good = checked(read_staged(self.spark, staged, CONTRACT), CONTRACT).where(F.size("reasons") == 0)
        rows = bronze_rows(good, CONTRACT, self.bundle.taxonomy, self.keys, MOMENT, self.bundle.digest)
        lake.append(rows, BRONZE, WRITER, 1, {})

    def _step(self, folder: Path) -> None:
        ctx = self._context(folder)
        outcomes = ingest_dataset(ctx, DATASET, self.ids, take_inventory(ctx.landing, self.bundle))
        failed = [outcome.failed for outcome in outcomes if outcome.failed]
        if failed or not all(outcome.rows_bronze for outcome in outcomes):
            raise RuntimeError(f"the ingest step did not bring in what it should: {failed}")
        ctx.engine.dispose()
