"""Delta tables read without Spark: the log's last checkpoint and its commits, and Parquet files by PyArrow.

It knows what Lakeward writes (plain adds and removes, one partition column) and stops at anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq

PARTITION = "tenant_id"


def active_files(table: Path) -> dict[Path, str]:
    """The data files of the table's present version, each with its partition's tenant."""
    log = table / "_delta_log"
    files, last = _checkpointed(table, max(log.glob("*.checkpoint.parquet"), default=None))
    for commit in sorted(one for one in log.glob("[0-9]*.json") if one.stem > last):
        for line in commit.read_text().splitlines():
            action = json.loads(line)
            if "remove" in action:
                files.pop(table / unquote(action["remove"]["path"]), None)
            if "add" in action:
                assert not action["add"].get("deletionVector"), "this reader knows no deletion vectors"
                path = table / unquote(action["add"]["path"])
                files[path] = action["add"]["partitionValues"][PARTITION]
    return files


def _checkpointed(table: Path, checkpoint: Path | None) -> tuple[dict[Path, str], str]:
    """The data files that a checkpoint names, and its version as names of commits have it."""
    if checkpoint is None:
        return {}, ""
    added = [one for one in pq.read_table(checkpoint).column("add").to_pylist() if one is not None]
    assert not any(one.get("deletionVector") for one in added), "this reader knows no deletion vectors"
    files = {table / unquote(one["path"]): dict(one["partitionValues"])[PARTITION] for one in added}
    return files, checkpoint.name.split(".")[0]


def read_table(table: Path) -> list[dict[str, Any]]:
    """The table's present rows; none where there is no table."""
    blank = dict.fromkeys(_columns(table))  # a file that is older than a column lacks it
    return [
        blank | row | {PARTITION: tenant}
        for path, tenant in active_files(table).items()
        for row in _rows(path)
    ]


def _columns(table: Path) -> list[str]:
    """The names of the table's columns, in order, by the newest metadata in its log."""
    log, schemas = table / "_delta_log", []
    for checkpoint in sorted(log.glob("*.checkpoint.parquet"))[-1:]:
        told = pq.read_table(checkpoint).column("metaData").to_pylist()
        schemas += [one["schemaString"] for one in told if one is not None]
    for commit in sorted(log.glob("[0-9]*.json")):
        actions = map(json.loads, commit.read_text().splitlines())
        schemas += [one["metaData"]["schemaString"] for one in actions if "metaData" in one]
    return [field["name"] for field in json.loads(schemas[-1])["fields"]] if schemas else []


def files_on_disk(table: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every data file in the table's folder, also those of old versions, as folder name and rows."""
    for path in sorted(table.rglob("*.parquet")):
        if "_delta_log" not in path.parts:
            yield path.parent.name, _rows(path)


def _rows(path: Path) -> list[dict[str, Any]]:
    return pq.ParquetFile(path, coerce_int96_timestamp_unit="us").read().to_pylist()
