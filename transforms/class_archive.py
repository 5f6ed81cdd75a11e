"""Java's classes of Spark and Delta, written down once at set-up: each session later starts sooner.

`python -m transforms.class_archive` lets a session do a little of everything, and Java write down what it
loaded for that (dynamic class data sharing, JEP 350): finding and checking some 15,000 classes is a quarter
of a session's first statements. A later Java that is another one, or has another class path, does without it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from transforms.compiled import end_java
from transforms.frames import frame_of
from transforms.jars import step
from transforms.session import JAVA_OPTIONS, build_session, class_archive

_OPTIONS = f"{JAVA_OPTIONS} -Xlog:cds=off -Xlog:cds+dynamic=off -XX:TieredStopAtLevel=1"


def write_archive() -> bool:
    """Make the archive that `class_archive` names; False where this Java makes none, as one without its own.

    Raises JarsError where a jar is missing.
    """
    place = class_archive()
    with tempfile.TemporaryDirectory(prefix=".classes-", dir=place.parent) as work:
        made = Path(work) / place.name
        options = {"spark.driver.extraJavaOptions": f"{_OPTIONS} -XX:ArchiveClassesAtExit={made}"}
        session = build_session(Path(work) / "spark", options)
        try:
            _practise(session, Path(work))
        finally:
            session.stop()
            end_java(session.sparkContext._gateway)  # noqa: SLF001 - Spark has no word for it
        for old in place.parent.glob("classes-*.jsa"):
            old.unlink()
        if made.is_file():
            made.replace(place)
    return place.is_file()


def _practise(spark: SparkSession, folder: Path) -> None:
    """What a run's steps have Spark do, with next to no rows: its classes are what is wanted."""
    table, files, few = str(folder / "table"), str(folder / "files"), "batch int, tenant string, text string"
    rows = frame_of(spark, [(n, "ab"[n % 2], f"{n}") for n in range(100)], few)
    rows.write.option("header", True).csv(files)
    told = spark.read.schema(few).option("header", True).csv(files)
    told.selectExpr("*", "to_json(struct(*)) AS record").write.format("delta").partitionBy("tenant").save(
        table
    )
    read = spark.read.format("delta").load(table)
    read.selectExpr("*", "from_json(record, 'text string') AS taken").groupBy("tenant").count().toArrow()
    spark.read.text(files).repartition(2).join(
        rows.select("text").toDF("value"), "value", "left_anti"
    ).collect()
    delta = DeltaTable.forPath(spark, table)
    same = "old.batch = new.batch AND old.tenant = 'a'"
    delta.alias("old").merge(read.alias("new"), same).whenMatchedDelete().execute()
    delta.delete("batch = 1")
    delta.optimize().executeCompaction()
    delta.history().collect()


def _make() -> str:
    place = class_archive()
    return (
        f"Java's classes: {f'written to {place}' if write_archive() else 'no archive, this Java makes none'}"
    )


if __name__ == "__main__":
    sys.exit(step(_make))
