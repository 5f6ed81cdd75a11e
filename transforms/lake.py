"""The one door to Delta tables: where they are, how they are written, and whose turn it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sqlalchemy import Engine

from transforms import leases
from transforms.commits import Commits
from transforms.delta_log import DeltaLog

SURROGATES = ("record_id", "subject_token", "occurred_at", "ingested_at", "batch_id", "position")
"""Columns that may have statistics in the Delta log: none of them tells a personal value."""
SMALL_FILE = 32 << 20
SMALL_FILES = 16
"""How many files below SMALL_FILE a tenant's partition may have before they are compacted."""
ERASER = "lakeward-erase"
"""The writer whose sequence number tells that an erasure's change to a table took place."""
PURGER = "lakeward-purge"
_METADATA = "spark.databricks.delta.commitInfo.userMetadata"
_WRITER = "spark.databricks.delta.write.txnAppId"
_SEQUENCE = "spark.databricks.delta.write.txnVersion"
_COMPACTION = {
    "spark.databricks.delta.optimize.minFileSize": str(SMALL_FILE),
    "spark.databricks.delta.optimize.maxFileSize": str(4 * SMALL_FILE),
}
_ONE_COMMIT = threading.Lock()  # a session's settings are of all its threads


@dataclass(frozen=True)
class Table:
    """One Delta table: a region, a layer (`bronze`, `quarantine`, `silver`) and a dataset."""

    region: str
    layer: str
    dataset: str

    @property
    def name(self) -> str:
        """`us/bronze/customers`, as people and lineage name it."""
        return f"{self.region}/{self.layer}/{self.dataset}"


class Lake:
    """The tables of one lake under `root`; `lease_folder` holds its locks, `engine` is its control database.

    Every commit goes by way of `transforms.commits`: announced, made, on the disk, recorded.
    """

    def __init__(self, spark: SparkSession, root: Path, lease_folder: Path, engine: Engine) -> None:
        self.spark = spark
        self.root = root
        self._leases = lease_folder
        self._commits = Commits(engine, root)

    def path(self, table: Table) -> str:
        """Where the table lies: the region is the first folder under the root."""
        return str(self.root / table.region / table.layer / table.dataset)

    def exists(self, table: Table) -> bool:
        """Whether the table has been written before."""
        return any(
            (Path(self.path(table)) / "_delta_log").glob("*.json")
        )  # a failed first write leaves the folder

    def read(self, table: Table, tenants: Sequence[str]) -> DataFrame:
        """The table's present rows of these tenants; a tenant's partition is never opened for another."""
        return self.spark.read.format("delta").load(self.path(table)).where(F.col("tenant_id").isin(*tenants))

    def tenants(self, table: Table) -> list[str]:
        """Every tenant that has a partition in the table, told from the log alone."""
        rows = self.spark.read.format("delta").load(self.path(table)).select("tenant_id").distinct().collect()
        return sorted(row.tenant_id for row in rows)

    def version(self, table: Table) -> int | None:
        """The table's present Delta version; None where there is no table."""
        return int(self._snapshot(table).version()) if self.exists(table) else None

    def committed(self, table: Table, writer: str) -> int:
        """The last sequence number that `writer` committed to the table; 0 where none."""
        return self._commits.writers(table.name).get(writer, 0)

    def files_since(self, table: Table, writer: str, sequence: int) -> list[Path]:
        """The live files since `writer`'s commit of this number, its own included; empty where it made none.

        Raises LakeStateError where the log is not whole.
        """
        return self._commits.files_since(table.name, writer, sequence)

    def append(
        self, frame: DataFrame, table: Table, writer: str, sequence: int, note: dict[str, str]
    ) -> None:
        """Add rows once: a second append with the same or a lower `sequence` has no effect.

        `note` goes into the commit (run id, policy digest): surrogates only.
        """
        options = {"txnAppId": writer, "txnVersion": str(sequence)}
        self._write(frame, table, note, options, "append")

    def replace_tenants(
        self, frame: DataFrame, table: Table, tenants: Sequence[str], note: dict[str, str]
    ) -> None:
        """Make `frame` the whole content of these tenants' partitions; others stay untouched."""
        options = {"replaceWhere": _partitions(tenants)} if self.exists(table) else {}
        self._write(frame, table, note, options, "overwrite")

    def delete_batches(self, table: Table, tenants: Sequence[str], batch_ids: Sequence[str]) -> None:
        """Remove the rows of these batches: what a commit left behind that will be made anew."""
        if self.exists(table):
            rows = F.col("tenant_id").isin(*tenants) & F.col("batch_id").isin(*batch_ids)
            self._change(table, lambda target: target.delete(rows))

    def delete_places(self, table: Table, places: DataFrame) -> None:
        """Remove the rows whose `tenant_id, batch_id, position` stand in `places`."""
        same = "t.tenant_id = p.tenant_id AND t.batch_id = p.batch_id AND t.position = p.position"
        gone = places.distinct().alias("p")
        self._change(table, lambda target: target.alias("t").merge(gone, same).whenMatchedDelete().execute())

    def delete_matching(
        self, table: Table, keys: DataFrame, on: Sequence[str], numbers: Mapping[str, int]
    ) -> None:
        """Remove the rows of some tenants whose columns `on` stand in `keys`, in one commit, once.

        `numbers` are the change's by tenant, of `erased.begin_change`. Where there are several tenants, `on`
        has `tenant_id`. The keys are rows of a frame, never literals: no predicate, log or plan shows one.
        """
        gone, same = keys.select(*on).distinct().alias("k"), _same(list(numbers), on)
        self._erase(table, numbers, lambda t: t.merge(gone, same).whenMatchedDelete().execute())

    def update_matching(
        self, table: Table, rows: DataFrame, on: Sequence[str], numbers: Mapping[str, int]
    ) -> None:
        """Give rows that share the columns `on` with one of `rows` that one's other columns.

        `on` and `numbers` are as in `delete_matching`. A column that the table lacks is added to it.
        """
        tenants, values = list(numbers), {n: F.col(f"k.{n}") for n in rows.columns if n not in on}
        new, widens = rows.alias("k"), not values.keys() <= set(self.read(table, tenants).columns)

        def change(t: DeltaTable) -> None:
            merge = t.merge(new, _same(tenants, on)).whenMatchedUpdate(set=values)  # type: ignore[arg-type]
            (merge.withSchemaEvolution() if widens else merge).execute()

        self._erase(table, numbers, change)

    def _erase(
        self, table: Table, numbers: Mapping[str, int], change: Callable[[DeltaTable], object]
    ) -> None:
        once = {_WRITER: ERASER, _SEQUENCE: str(max(numbers.values()))}
        self._change(table, lambda target: change(target.alias("t")), **once)

    def commit_nothing(self, table: Table) -> None:
        """A commit without rows: the log of the one before it can then go."""
        following = self.committed(table, PURGER) + 1  # without a number Delta would leave the commit out
        self.append(self.read(table, []).limit(0), table, PURGER, following, {})

    def checkpoint(self, table: Table) -> None:
        """Have Delta write the table's present state into one file of the log."""
        self._log(table).checkpoint()

    def forget(self, table: Table) -> None:
        """Have Delta read the table's log anew: what it keeps in memory may name files that are gone."""
        jvm = self.spark._jvm  # noqa: SLF001 - PySpark's door to the JVM
        delta_log = jvm.org.apache.spark.sql.delta.DeltaLog  # type: ignore[union-attr]
        place = jvm.org.apache.hadoop.fs.Path(self.path(table))  # type: ignore[union-attr]
        delta_log.invalidateCache(self.spark._jsparkSession, place)  # noqa: SLF001 - the session of the JVM

    def has_deletion_vectors(self, table: Table) -> bool:
        """Whether the table may have files with rows that are only marked as deleted."""
        return "deletionVectors" in str(self._snapshot(table).protocol().toString())

    def compact(self, table: Table, tenants: Sequence[str]) -> list[str]:
        """Put the small files of those of these tenants that have many into few; returns who they are.

        Rows, statistics and writers' sequence numbers stay. The old files stay on the disk until the table
        is vacuumed.
        """
        sizes: dict[str, list[int]] = {}
        for path, size in (DeltaLog(Path(self.path(table))).live() or {}).items():
            sizes.setdefault(path.split("/")[0].removeprefix("tenant_id="), []).append(size)
        crowded = [
            tenant
            for tenant in sorted(set(tenants) & set(sizes))
            if sum(size < SMALL_FILE for size in sizes[tenant]) > SMALL_FILES
        ]
        little = [tenant for tenant in crowded if sum(sizes[tenant]) < SMALL_FILE]
        if little:
            self._rewrite(table, little)
        if large := sorted(set(crowded) - set(little)):
            where = _partitions(large)
            self._change(
                table, lambda target: target.optimize().where(where).executeCompaction(), **_COMPACTION
            )
        return crowded

    def _rewrite(self, table: Table, tenants: Sequence[str]) -> None:
        """These partitions in a file each, in one job; OPTIMIZE starts one for each of them."""
        rows = self.read(table, tenants).repartition("tenant_id")
        order = [name for name in ("tenant_id", "subject_token") if name in rows.columns]
        self.rewrite(rows.sortWithinPartitions(*order), table, tenants)

    def rewrite(self, frame: DataFrame, table: Table, tenants: Sequence[str]) -> None:
        """Have the rows of these tenants lie as `frame` has them: the very same rows, in other files."""
        options = {"replaceWhere": _partitions(tenants), "dataChange": "false"}
        self._write(frame, table, {}, options, "overwrite")

    def _write(
        self, frame: DataFrame, table: Table, note: dict[str, str], options: dict[str, str], mode: str
    ) -> None:
        writer = frame.write.format("delta").mode(mode).partitionBy("tenant_id").options(**options)
        writer = writer.option("mergeSchema", "true")
        if not self.exists(table):
            stats = ",".join(name for name in SURROGATES if name in frame.columns)
            writer = writer.option("delta.dataSkippingStatsColumns", stats)
        with self._commits.commit(table.name, note) as metadata:
            writer.option("userMetadata", metadata).save(self.path(table))

    def _change(self, table: Table, change: Callable[[DeltaTable], object], **settings: str) -> None:
        """A commit by Delta's own commands, which take their metadata and settings from the session."""
        with (
            _ONE_COMMIT,
            self._commits.commit(table.name, {}) as metadata,
            self._session(settings | {_METADATA: metadata}),
        ):
            change(DeltaTable.forPath(self.spark, self.path(table)))

    @contextmanager
    def _session(self, settings: Mapping[str, str]) -> Iterator[None]:
        before = {key: self.spark.conf.get(key, None) for key in settings}
        try:
            for key, value in settings.items():
                self.spark.conf.set(key, value)
            yield
        finally:
            for key, was in before.items():
                if was is None:
                    self.spark.conf.unset(key)
                else:
                    self.spark.conf.set(key, was)

    def _snapshot(self, table: Table) -> Any:
        """Delta's own snapshot of the table: the public API tells neither version nor transactions."""
        return self._opened(table)._2()  # noqa: SLF001 - Scala's second

    def _log(self, table: Table) -> Any:
        """Delta's own log of the table, brought up to date."""
        return self._opened(table)._1()  # noqa: SLF001 - Scala's first

    def _opened(self, table: Table) -> Any:
        jvm, session = self.spark._jvm, self.spark._jsparkSession  # noqa: SLF001 - PySpark's door to the JVM
        delta_log = jvm.org.apache.spark.sql.delta.DeltaLog  # type: ignore[union-attr]
        return delta_log.forTableWithSnapshot(session, self.path(table))

    @contextmanager
    def lease(self, region: str, dataset: str) -> Iterator[None]:
        """Hold the right to write a dataset's tables in a region; waits until it is free.

        What a dead run committed there is recorded first. Raises LakeStateError where one of the tables is of
        another time than the control database.
        """
        jvm = self.spark._jvm  # noqa: SLF001 - PySpark's door to the JVM
        with leases.lease(self._leases, region, dataset, jvm):
            self._commits.catch_up_dataset(region, dataset)
            yield

    @contextmanager
    def erasing(self, tenant: str) -> Iterator[None]:
        """Hold the right to work on the tenant's erasure requests; waits until it is free."""
        # A hyphen, which no region's name has.
        with leases.lease(self._leases, "erasure-of", tenant, self.spark._jvm):  # noqa: SLF001 - as in `lease`
            yield


def _same(tenants: Sequence[str], on: Sequence[str]) -> str:
    """`t` is the table's row, `k` the key's; the tenants' partitions alone are opened."""
    return " AND ".join([f"t.{_partitions(tenants)}", *(f"t.{name} = k.{name}" for name in on)])


def _partitions(tenants: Sequence[str]) -> str:
    listed = ", ".join(f"'{tenant}'" for tenant in tenants)  # ids are [a-z0-9_] only
    return f"tenant_id IN ({listed})"
