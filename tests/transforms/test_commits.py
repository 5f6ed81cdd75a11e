"""A commit is announced, made, on the disk, recorded: in this order, so that any instant can be the last."""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import DataFrameWriter

from tenancy import durable
from tenancy.control import open_control
from transforms.errors import LakeStateError
from transforms.health import check_lake
from transforms.lake import Lake, Table
from transforms.table_versions import TableVersions

BRONZE = Table("us", "bronze", "people")
SILVER = Table("us", "silver", "people")


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code under test handles it."""


@pytest.fixture
def engine(tmp_path):
    return open_control(tmp_path / "control" / "control.db")


@pytest.fixture
def lake(spark, tmp_path, engine):
    return Lake(spark, tmp_path / "lake", tmp_path / "control" / "leases", engine)


@pytest.fixture
def row(spark):
    return spark.sql("SELECT 'globex' AS tenant_id, 'r' AS record_id, 'b' AS batch_id").coalesce(1)


def known(engine):
    return TableVersions(engine).of(BRONZE.name)


def forget_caches(spark):
    """As a new process begins: Delta keeps what it has read of a table."""
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def dies_at_the_record(monkeypatch):
    def dies(*_args):
        raise Killed

    monkeypatch.setattr(TableVersions, "record", dies)


def test_all_that_a_commit_wrote_is_on_the_disk_before_the_control_database_knows_it(lake, row, monkeypatch):
    done: list[Path | str] = []
    sync, record = durable._sync, TableVersions.record
    monkeypatch.setattr(durable, "_sync", lambda path: (sync(path), done.append(path)))
    monkeypatch.setattr(TableVersions, "record", lambda *args: (record(*args), done.append("recorded")))
    lake.append(row, BRONZE, "writer", 1, {})
    table = lake.root / BRONZE.name
    wanted = {path for path in table.rglob("*") if path.is_file() and path.suffix != ".tmp"}
    folders = {
        lake.root,
        table.parents[1],
        table.parent,
        table,
        table / "_delta_log",
        table / "tenant_id=globex",
    }
    assert done[-1] == "recorded"
    assert set(done[:-1]) == wanted | folders
    assert max(map(done.index, wanted)) < min(map(done.index, folders))


def test_what_the_disk_does_not_keep_is_not_recorded_and_the_next_lease_asks_again(
    lake, engine, row, monkeypatch
):
    def fails(path):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(durable, "_sync", fails)
        with pytest.raises(LakeStateError, match="does not keep what was written"):
            lake.append(row, BRONZE, "writer", 1, {})
    assert known(engine).version == -1
    with lake.lease("us", "people"):
        assert known(engine).version == 0


def test_a_commit_that_is_followed_by_an_error_is_recorded(lake, engine, row, monkeypatch):
    lake.append(row, BRONZE, "writer", 1, {})
    save = DataFrameWriter.save

    def fails_late(*args):
        save(*args)
        raise OSError("the disk went away")

    monkeypatch.setattr(DataFrameWriter, "save", fails_late)
    with pytest.raises(OSError, match="went away"):
        lake.append(row, BRONZE, "writer", 2, {})
    assert (known(engine).version, known(engine).files) == (1, 2)


def test_a_run_that_dies_before_the_record_is_recorded_by_the_next_lease(
    lake, engine, row, monkeypatch, tmp_path
):
    lake.append(row, BRONZE, "writer", 1, {})
    with monkeypatch.context() as patched:
        dies_at_the_record(patched)
        with pytest.raises(Killed):
            lake.append(row, BRONZE, "writer", 2, {})
    check_lake(TableVersions(engine), lake.root, tmp_path / "control" / "leases")
    assert known(engine).version == 0
    with lake.lease("us", "people"):
        assert known(engine).version == 1
    lake.delete_batches(BRONZE, ["globex"], ["b"])
    assert (known(engine).version, known(engine).files) == (2, 0)


def test_a_dead_runs_cut_commit_moved_away_is_made_again(spark, lake, engine, row, monkeypatch, tmp_path):
    """Part 2 of docs/power-loss.md."""
    leases = tmp_path / "control" / "leases"
    lake.append(row, BRONZE, "writer", 1, {})
    with monkeypatch.context() as patched:
        dies_at_the_record(patched)
        with pytest.raises(Killed):
            lake.append(row, BRONZE, "writer", 2, {})
    log = lake.root / BRONZE.name / "_delta_log"
    (log / f"{1:020d}.json").write_bytes(b"")
    with pytest.raises(LakeStateError, match="move the files of version 1"):
        check_lake(TableVersions(engine), lake.root, leases)
    for file in [*log.glob(f"{1:020d}.*"), *log.glob(f".{1:020d}.*")]:
        shutil.move(file, tmp_path)
    forget_caches(spark)
    check_lake(TableVersions(engine), lake.root, leases)
    lake.append(row, BRONZE, "writer", 2, {})
    check_lake(TableVersions(engine), lake.root, leases)
    assert (lake.read(BRONZE, ["globex"]).count(), lake.committed(BRONZE, "writer")) == (2, 2)


def test_a_table_that_something_else_wrote_to_is_not_written_again(lake, row):
    lake.append(row, BRONZE, "writer", 1, {})
    row.write.format("delta").mode("append").save(lake.path(BRONZE))
    with pytest.raises(LakeStateError, match="no run of its own has made the rest"):
        lake.append(row, BRONZE, "writer", 2, {})
    with pytest.raises(LakeStateError, match="no run of its own"), lake.lease("us", "people"):
        pass
    assert lake.version(BRONZE) == 1


def test_each_commit_carries_its_announced_id_and_no_session_setting_stays(spark, lake, engine, row):
    lake.append(row, BRONZE, "writer", 1, {"run_id": "run-1"})
    notes = [known(engine).commit_id]
    lake.delete_batches(BRONZE, ["globex"], ["b"])
    notes.append(known(engine).commit_id)
    found = []
    for file in sorted((lake.root / BRONZE.name / "_delta_log").glob("*.json")):
        info = json.loads(file.read_text().splitlines()[0])["commitInfo"]
        found.append(json.loads(info["userMetadata"]))
    assert [note["commit"] for note in found] == notes
    assert (found[0]["run_id"], spark.conf.get("spark.databricks.delta.commitInfo.userMetadata", None)) == (
        "run-1",
        None,
    )


def test_delta_itself_takes_an_empty_commit_for_one_that_did_nothing(spark, lake, row):
    """Why the check is ours: rows are lost and no error comes."""
    for number in (1, 2):
        lake.append(row, BRONZE, "writer", number, {})
    newest = lake.root / BRONZE.name / "_delta_log" / f"{1:020d}.json"
    newest.write_bytes(b"")
    forget_caches(spark)
    assert (lake.version(BRONZE), lake.read(BRONZE, ["globex"]).count()) == (1, 1)


def test_a_lease_is_held_by_the_java_process_too(lake, tmp_path):
    """It writes the tables, and can outlive a killed Python by a moment."""
    lock = tmp_path / "control" / "leases" / "us.people.lock"
    take = f"import fcntl; fcntl.lockf(open({str(lock)!r}, 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"

    def taken() -> bool:
        return subprocess.run([sys.executable, "-c", take], capture_output=True, check=False).returncode != 0

    with lake.lease("us", "people"):
        assert taken()
    assert not taken()


def test_silver_that_is_lost_is_made_anew(small_lake, spark):
    """Part 4 of docs/power-loss.md."""
    small_lake.drop("globex", "people", "a.csv", "customer_id,name,changed\nC-1,Maria Anders,2024-01-01\n")
    small_lake.ingest("people")
    small_lake.protect("people")
    before = small_lake.rows("silver", "people", "globex")
    shutil.rmtree(small_lake.home / "lake" / SILVER.name)
    with sqlite3.connect(small_lake.home / "control" / "control.db") as control:
        control.execute("DELETE FROM protections WHERE dataset = 'people'")
        control.execute("DELETE FROM table_versions WHERE name = 'us/silver/people'")
    forget_caches(spark)
    small_lake.protect("people")
    assert small_lake.rows("silver", "people", "globex") == before != []
