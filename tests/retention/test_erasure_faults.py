"""Erasures among faults: a full disk while the past goes, a shallow clone that still points at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from erasures import answer, ask, assert_whole, left, narrowed, tokens, verifier
from leak_scan import find_leaks

from retention import forget
from retention.erasure import Erasure
from retention.requests import State
from transforms.errors import DISK_FULL, LakeStateError
from transforms.lake import Table

WITHOUT_ANA = {"people": (2, 0, 2), "orders": (1, 0, 1), "events": (2, 0, 2)}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of a few MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a full disk needs a file system of its own, and this user may not mount one")
    yield disk
    subprocess.run([shutil.which("umount") or "umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_full_while_the_past_goes_is_no_success_and_space_is_all_it_takes(
    filled, open_lake, small_policies, tmp_path, small_disk, monkeypatch
):
    home = Path(shutil.copytree(filled, tmp_path / "home"))
    shutil.move(home / "lake", small_disk / "lake")
    (home / "lake").symlink_to(small_disk / "lake")
    lake, filler, purge = open_lake(home, small_policies), small_disk / "filler", forget.purge

    def on_a_full_disk(*args):
        there = os.statvfs(small_disk)
        filler.write_bytes(b"x" * (there.f_bavail * there.f_frsize))
        return purge(*args)

    request_id, hers = ask(lake, customer_id="C-1"), tokens(lake, customer_id="C-1").values()
    lake, before = narrowed(lake, "orders"), left(lake)
    with monkeypatch.context() as patched:
        patched.setattr(forget, "purge", on_a_full_disk)
        request = answer(lake, request_id)
    assert (request.state, request.detail) == (State.FAILED, DISK_FULL)
    filler.unlink()
    assert answer(lake, request_id, retry=True).state is State.DONE
    assert find_leaks(small_disk / "lake" / "eu" / "bronze" / "orders", hers) == []
    assert left(lake) == before | {"orders": (1, 0, 1)}
    assert_whole(lake)


def test_a_shallow_clone_that_still_points_at_the_rows_is_told_and_no_success(lake):
    lake.drop("acme", "orders", "b.csv", "order_id,customer_id,amount\n9,C-9,5\n")
    lake.ingest("orders", "acme")
    source, clone = (lake.ctx.lake.path(Table("eu", "bronze", name)) for name in ("orders", "copy"))
    lake.ctx.spark.sql(f"CREATE TABLE delta.`{clone}` SHALLOW CLONE delta.`{source}`")
    ask(lake, customer_id="C-9")
    [request] = Erasure(lake.ctx, verifier(lake), lake.home / "control" / "exports").run()
    assert request.state is State.FAILED
    body = json.loads((lake.home / "control" / "receipts" / request.receipt).read_bytes())["body"]
    assert {one["path"].split("/_delta_log")[0] for one in body["found"]} == {"eu/bronze/copy"}


def test_a_table_that_is_itself_a_shallow_clone_is_not_purged(lake):
    """Its rows lie in the folder of another table, which is not ours to empty."""
    source = lake.ctx.lake.path(Table("eu", "bronze", "orders"))
    clone = Table("eu", "bronze", "copy")
    lake.ctx.spark.sql(f"CREATE TABLE delta.`{lake.ctx.lake.path(clone)}` SHALLOW CLONE delta.`{source}`")
    with pytest.raises(LakeStateError, match="never heard of it"):  # nothing of ours wrote it
        forget.purge(lake.ctx.lake, clone)
    with pytest.raises(LakeStateError, match="shallow clone"):
        forget.has_past(lake.ctx.lake, clone, ["acme"])
    assert len(lake.rows("bronze", "orders", "acme")) == 3
