"""Local files as Spark writes them: with the permissions Hadoop gives, and without a process for each."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from py4j.protocol import Py4JJavaError


@pytest.fixture(scope="module")
def local(spark):
    """Hadoop's file system for local paths, and a maker of its paths and permissions."""
    jvm = spark._jvm
    home = jvm.java.net.URI("file:///")
    files = jvm.org.apache.hadoop.fs.FileSystem.get(home, spark._jsc.hadoopConfiguration())
    return files, jvm.org.apache.hadoop.fs.Path, jvm.org.apache.hadoop.fs.permission.FsPermission


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_spark_writes_local_files_without_a_process_for_each(local):
    files, _, _ = local
    assert files.getRaw().getClass().getName() == "lakeward.RawLocalFiles"


@pytest.mark.parametrize("asked", ["0640", "0400", "0755", "0777"])
def test_a_file_has_the_permission_that_was_asked_for(local, tmp_path, asked):
    files, path, permission = local
    (tmp_path / "file").write_text("x")
    files.setPermission(path(str(tmp_path / "file")), permission(asked))
    assert mode(tmp_path / "file") == oct(int(asked, 8))


def test_a_folder_can_be_one_in_which_only_owners_delete(local, tmp_path):
    files, path, permission = local
    files.setPermission(path(str(tmp_path)), permission("1777"))
    assert mode(tmp_path) == "0o1777"


def test_a_file_that_is_not_there_has_no_permission_to_set(local, tmp_path):
    files, path, permission = local
    with pytest.raises(Py4JJavaError, match="NoSuchFileException"):
        files.setPermission(path(str(tmp_path / "none")), permission("0640"))


def test_a_link_is_followed(local, tmp_path):
    files, path, _ = local
    (tmp_path / "file").write_text("four")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert files.getFileStatus(path(str(tmp_path / "link"))).getLen() == 4


def test_a_table_has_the_permissions_of_files_that_this_user_makes(spark, tmp_path):
    table, own = tmp_path / "table", tmp_path / "own"
    spark.range(1).write.format("delta").save(str(table))
    own.write_text("x")
    assert {mode(file) for file in table.rglob("*.json")} == {mode(own)}


def test_a_file_is_told_from_a_link_to_it(local, tmp_path):
    files, path, _ = local
    (tmp_path / "file").write_text("four")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    seen = [files.getRaw().getFileLinkStatus(path(str(tmp_path / name))) for name in ("file", "link")]
    assert [(one.isSymlink(), one.getLen()) for one in seen] == [(False, 4), (True, 4)]


def test_a_file_that_is_not_there_is_no_link(local, tmp_path):
    files, path, _ = local
    with pytest.raises(Py4JJavaError, match="FileNotFoundException"):
        files.getRaw().getFileLinkStatus(path(str(tmp_path / "none")))
