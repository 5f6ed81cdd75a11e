"""What a batch left is counted again in the files themselves: which files those are, and how many rows."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.batch import WRITER, stored_rows
from transforms.delta_log import DamagedLog, DeltaLog
from transforms.errors import LakeStateError
from transforms.lake import Table

BRONZE = Table("us", "bronze", "people")


@pytest.fixture
def log(tmp_path):
    (tmp_path / "_delta_log").mkdir()
    return DeltaLog(tmp_path)


def commit(log, version, sequence=None, *, added=(), removed=(), writer=WRITER):
    actions = [{"commitInfo": {}}]
    actions += [] if sequence is None else [{"txn": {"appId": writer, "version": sequence}}]
    actions += [{"add": {"path": path, "size": 1}} for path in added]
    actions += [{"remove": {"path": path}} for path in removed]
    log.commit_file(version).write_text("".join(f"{json.dumps(one)}\n" for one in actions))


def test_the_files_of_a_commit_are_those_that_it_added(log):
    commit(log, 0, 1, added=["a"])
    commit(log, 1, 2, added=["b", "c%20d"])
    assert log.files_since(WRITER, 2) == ["b", "c d"]


def test_a_file_that_a_later_commit_wrote_anew_stands_for_the_one_it_replaced(log):
    commit(log, 0, 1, added=["a"])
    commit(log, 1, 2, added=["b", "c"])
    commit(log, 2, added=["b2"], removed=["b"])
    assert sorted(log.files_since(WRITER, 2)) == ["b2", "c"]


def test_other_writers_commits_are_not_taken_for_the_writer_s(log):
    commit(log, 0, 1, added=["a"])
    commit(log, 1, 2, added=["e"], writer="another")
    assert log.files_since(WRITER, 2) == []
    assert log.files_since("another", 2) == ["e"]


def test_a_table_that_is_not_there_has_no_files(tmp_path):
    assert DeltaLog(tmp_path / "none").files_since(WRITER, 1) == []


def test_a_commit_that_is_cut_stops_the_look(log):
    commit(log, 0, 1, added=["a"])
    commit(log, 1, 2, added=["b"])
    log.commit_file(1).write_text('{"commitInfo": {}}\n{"txn"')
    with pytest.raises(DamagedLog, match="is cut"):
        log.files_since(WRITER, 2)


def lake_of(*files):
    return SimpleNamespace(lake=SimpleNamespace(files_since=lambda *_: files))


def test_rows_are_counted_by_batch_over_all_files(tmp_path):
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for file, ids in zip(files, (["1-x"] * 70_000 + ["2-y"], ["2-y", "2-y"]), strict=True):
        pq.write_table(pa.table({"sealed": [b"s"] * len(ids), "batch_id": ids}), file)
    assert stored_rows(lake_of(*files), BRONZE, 2) == {"1-x": 70_000, "2-y": 3}


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PAR1")])
def test_a_file_that_cannot_be_read_again_is_told_with_the_mend(tmp_path, damage):
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"batch_id": ["1-x"]}), file)
    damage(file)
    with pytest.raises(LakeStateError, match=r"a\.parquet was committed and cannot be read\. To mend it"):
        stored_rows(lake_of(file), BRONZE, 1)
