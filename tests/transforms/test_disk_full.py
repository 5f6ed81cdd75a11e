"""A really full disk: who is concerned fails by name, nothing half-done shows, free space mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenancy.errors import ControlStateError
from transforms import deliveries
from transforms.errors import DISK_FULL
from transforms.lake import Table

PEOPLE = "customer_id,name,level,changed\n"
GOOD = "C-1,Maria Anders,1,2024-01-01\n"
BAD = "C-3,Ana Trujillo,9,2024-01-01\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or "mount"
    command = [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a full disk needs a file system of its own, and this user may not mount one")
    yield disk
    subprocess.run([shutil.which("umount") or "umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill the disk up to `leave` bytes; the file whose removal frees it."""
    filler = disk / "filler"
    there = os.statvfs(disk)
    filler.write_bytes(b"x" * (there.f_bavail * there.f_frsize - leave))
    return filler


@pytest.fixture
def on_small_disk(open_lake, small_policies, tmp_path, small_disk):
    """`on_small_disk("lake")`: a small lake whose lake or control folder lies on the small disk."""

    def make(part: str):
        home = tmp_path / "home"
        home.mkdir()
        (small_disk / part).mkdir()
        (home / part).symlink_to(small_disk / part)
        lake = open_lake(home, small_policies)
        for tenant in ("globex", "initech"):
            lake.ctx.keyring.tenant_keys(tenant)
            lake.drop(tenant, "people", "a.csv", PEOPLE + GOOD + BAD)
        return lake

    return make


def rows(lake, layer):
    tenants = ("globex", "initech")
    return {tenant: len(lake.rows(layer, "people", tenant)) for tenant in tenants}


def test_ingest_and_protect_on_a_full_lake_disk_fail_by_name_and_go_on_when_there_is_space(
    on_small_disk, small_disk
):
    lake = on_small_disk("lake")
    filler = fill(small_disk, 8 << 10)
    outcomes = lake.ingest("people")
    assert {id_: outcomes[id_].failed for id_ in lake.ctx.bundle.tenants} == {
        "acme": None, "globex": DISK_FULL, "initech": DISK_FULL,
    }  # fmt: skip
    assert rows(lake, "bronze") == rows(lake, "quarantine") == {"globex": 0, "initech": 0}
    filler.unlink()
    outcomes = lake.ingest("people")
    assert [outcomes[id_].failed for id_ in ("globex", "initech")] == [None, None]
    assert rows(lake, "bronze") == rows(lake, "quarantine") == {"globex": 1, "initech": 1}
    assert Counter(row.state for row in deliveries.all_deliveries(lake.ctx.engine)) == {"ingested": 2}

    filler = fill(small_disk, 8 << 10)
    outcomes = lake.protect("people")
    assert [outcomes[id_].failed for id_ in ("globex", "initech")] == [DISK_FULL, DISK_FULL]
    assert lake.ctx.lake.version(Table("us", "silver", "people")) is None
    filler.unlink()
    assert [lake.protect("people")[id_].rows for id_ in ("globex", "initech")] == [1, 1]
    assert rows(lake, "silver") == {"globex": 1, "initech": 1}


def test_a_full_control_disk_stops_the_run_with_what_to_do_and_the_next_one_goes_on(
    on_small_disk, small_disk
):
    lake = on_small_disk("control")
    filler = fill(small_disk, 0)
    with pytest.raises(ControlStateError, match=r"disk is full or fails\. To mend it: free space"):
        lake.ingest("people")
    filler.unlink()
    outcomes = lake.ingest("people")
    assert [outcomes[id_].failed for id_ in ("globex", "initech")] == [None, None]
    assert rows(lake, "bronze") == rows(lake, "quarantine") == {"globex": 1, "initech": 1}
