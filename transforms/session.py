"""The Spark session: small-machine defaults that a cluster's own settings override."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

from transforms.compiled import CATALOG, functions_jar
from transforms.jars import jar_folder, jar_paths

# Throughput counts, not pauses: a fifth less work for the same rows than with G1.
JAVA_OPTIONS = (
    f"-XX:+UseParallelGC -Dlog4j2.configurationFile={files('transforms') / 'log4j2.properties'} "
    "-Duser.timezone=UTC"
)


def build_session(work_dir: Path, overrides: Mapping[str, str] | None = None) -> SparkSession:
    """The process's Spark session with Delta, made on first call.

    `work_dir` gets Spark's scratch files, which are encrypted under a key that lives only in
    memory; `overrides` (`spark.*` keys) win over the defaults, so that the same code runs on a
    cluster by settings only.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    builder = SparkSession.builder.appName("lakeward")
    own, given = _defaults(work_dir), dict(overrides or {})
    local = (own | given)["spark.master"].startswith("local")
    settings = own | (_on_this_machine() if local else {"spark.jars": ",".join(class_path())}) | given
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel(os.environ.get("LAKEWARD_SPARK_LOG_LEVEL", "OFF"))
    return session


def class_path() -> list[str]:
    """The jars of Delta and of Lakeward's own functions. Raises JarsError where one is missing."""
    return [*jar_paths(), str(functions_jar())]


def class_archive() -> Path:
    """Where the classes of a session lie that `transforms.class_archive` wrote down, or would lie."""
    told = "\n".join((pyspark.__version__, *class_path()))
    return jar_folder().parent / f"classes-{hashlib.sha256(told.encode()).hexdigest()[:16]}.jsa"


def _on_this_machine() -> dict[str, str]:
    """Jars of the class path, which `class_archive` can hold; local files without a process for each.

    Hadoop's own way to files starts four (see `transforms/jvm`).
    """
    archive = class_archive()
    # Java says nothing where the archive is not of its own kind, and loads as it always did.
    shared = (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
    return {
        "spark.driver.extraClassPath": ":".join(class_path()),
        "spark.driver.extraJavaOptions": " ".join((JAVA_OPTIONS, *(shared if archive.is_file() else ()))),
        "spark.hadoop.fs.file.impl": "lakeward.LocalFiles",
        "spark.hadoop.fs.AbstractFileSystem.file.impl": "lakeward.LocalContext",
    }


def _defaults(work_dir: Path) -> dict[str, str]:
    return {
        "spark.master": f"local[{min(os.cpu_count() or 1, 8)}]",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalog.lakeward": CATALOG,
        "spark.python.daemon.module": "transforms.worker_parent",
        "spark.driver.memory": os.environ.get("LAKEWARD_DRIVER_MEMORY", "2g"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        "spark.local.dir": str(work_dir),
        "spark.sql.warehouse.dir": str(work_dir / "warehouse"),
        # Shuffle and spill files may hold plain rows for a moment.
        "spark.io.encryption.enabled": "true",
        "spark.eventLog.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        # A run has more generated classes than the default of 100; one that is dropped is compiled again.
        "spark.sql.codegen.cache.maxEntries": "1000",
        # What never stands twice gains nothing from a dictionary, and building one costs a fifth of a write.
        "spark.hadoop.parquet.enable.dictionary#sealed": "false",
        "spark.hadoop.parquet.enable.dictionary#record_id": "false",
        # Of other columns it is given up after some thousand values and not after some ten thousand.
        "spark.hadoop.parquet.dictionary.page.size": str(64 << 10),
        # A table of a few files must not cost fifty tasks to open or ten thousand to list.
        "spark.sql.shuffle.partitions": "4",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    }
