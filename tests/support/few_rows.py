"""Spark's settings for tables of a few rows: their plans cost more to compile and to spread than to run."""

from __future__ import annotations

FEW_ROWS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}
