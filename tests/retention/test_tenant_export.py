"""A tenant takes its data along: every present record, readable with its key alone, and nobody else's."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pyrage
import pytest
import yaml
from leak_scan import find_leaks
from small_lake import POLICIES

from dagster_project.exporting import export_tenant
from dagster_project.settings import load_settings
from retention import tenant_export
from retention.age_file import ExportError, read_recipient
from retention.exports import all_exports
from retention.standalone import verify_receipt
from tenancy.signing import open_signing_key

IDENTITY = pyrage.x25519.Identity.generate()
KEY = read_recipient(str(IDENTITY.to_public()))


@pytest.fixture(scope="module")
def left(filled, open_lake, small_policies, tmp_path_factory):
    """A lake of which acme was exported, and the folder."""
    home = Path(shutil.copytree(filled, tmp_path_factory.mktemp("left") / "home"))
    lake = open_lake(home, small_policies)
    policies = home / "policies" / "datasets"
    policies.mkdir(parents=True)
    for name, text in POLICIES.items():
        (policies.parent / name).write_text(text)
    folder = home / "export"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tenant_export, "ROWS", 1)  # row groups and pieces of Spark, many of each
        patched.setattr(tenant_export, "PIECE", 1000)
        export_tenant(lake.ctx, settings_of(lake), "acme", KEY, folder)
    return lake, folder


def settings_of(lake):
    return load_settings(
        landing=lake.home / "landing", lake=lake.home / "lake", control=lake.home / "control",
        policies=lake.home / "policies",
    )  # fmt: skip


def rows(folder: Path, dataset: str) -> list[dict]:
    plain = pyrage.decrypt((folder / f"{dataset}.parquet.age").read_bytes(), [IDENTITY])
    return pq.read_table(io.BytesIO(plain)).to_pylist()


def test_every_present_record_is_there_with_its_types_and_as_it_arrived(left):
    _, folder = left
    people = {one["customer_id"]: one for one in rows(folder, "people")}
    assert sorted(people) == ["C-1", "C-2", "C-3"]
    assert people["C-1"]["email"] == "ana@example.org"
    assert people["C-1"]["changed"].isoformat() == "2024-01-01T00:00:00+00:00"
    assert json.loads(people["C-1"]["_record"])["phone"] == "030 1234567"
    assert sorted(one["amount"] for one in rows(folder, "orders")) == [5.0, 6.0, 7.0]
    assert rows(folder, "staff") == []


def test_the_manifest_names_each_file_with_rows_and_hash_and_no_value(left):
    _, folder = left
    manifest = json.loads((folder / "manifest.json").read_text())["body"]
    assert {one["dataset"]: one["rows"] for one in manifest["datasets"]} == {
        "events": 2, "orders": 3, "people": 3, "staff": 0, "visits": 0,
    }  # fmt: skip
    for one in manifest["datasets"]:
        data = (folder / one["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["bytes"], one["sha256"])
        assert yaml.safe_load((folder / one["contract"]).read_text())["id"] == one["dataset"]
    # Not "C-1": in so many encrypted bytes, three characters turn up by chance.
    assert find_leaks(folder, ["ana@example.org", "Ana Trujillo"]) == []


def test_the_manifest_is_signed_and_a_second_party_can_check_it_and_every_file(left):
    lake, folder = left
    holds, told = verify_receipt.check(folder / "manifest.json", lake.home / "control" / "signing.pub")
    assert holds, told
    assert "so are the 10 files it names" in told[0]
    assert "people 3" in told[2]
    assert told[-1].endswith("nobody signed: 0.")


@pytest.mark.parametrize("name", ["manifest.json", "people.parquet.age", "contracts/people.yaml"])
def test_an_export_with_a_changed_byte_is_refused(left, tmp_path, name):
    lake, folder = left
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    holds, told = verify_receipt.check(copy / "manifest.json", lake.home / "control" / "signing.pub")
    assert not holds
    assert told[0].startswith("REFUSED: ")
    assert name == "manifest.json" or f"{name} is not the one that was signed" in told[0]


def test_an_export_without_one_of_its_files_or_of_another_lake_is_refused(left, tmp_path):
    lake, folder = left
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "orders.parquet.age").unlink()
    told = verify_receipt.check(copy / "manifest.json", lake.home / "control" / "signing.pub")
    assert told == (False, ["REFUSED: orders.parquet.age is missing"])
    open_signing_key(tmp_path / "signing.key")
    told = verify_receipt.check(folder / "manifest.json", tmp_path / "signing.pub")
    assert told == (False, ["REFUSED: it names another key"])


def test_what_was_added_to_an_export_is_counted_as_unsigned(left, tmp_path):
    lake, folder = left
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "people.parquet").write_text("opened by the tenant")
    holds, told = verify_receipt.check(copy / "manifest.json", lake.home / "control" / "signing.pub")
    assert holds
    assert told[-1].endswith("nobody signed: 1.")


def test_nothing_is_in_the_clear_and_nobody_elses_key_opens_it(left):
    lake, folder = left
    assert find_leaks(lake.home, ["ana@example.org", "Ana Trujillo", "030 1234567"]) == []
    assert {file.stat().st_mode & 0o777 for file in folder.glob("*.age")} == {0o600}
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((folder / "people.parquet.age").read_bytes(), [pyrage.x25519.Identity.generate()])
    [told] = all_exports(lake.ctx.engine)
    assert (told.tenant, told.kind, told.expires) == ("acme", "tenant", None)


def test_a_folder_that_holds_something_is_refused(left, tmp_path):
    lake, _ = left
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(ExportError, match="holds something"):
        export_tenant(lake.ctx, settings_of(lake), "acme", KEY, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_that_breaks_leaves_no_folder_that_looks_whole(left, tmp_path, monkeypatch):
    lake, _ = left
    other = replace(lake.ctx.bundle, contracts=lake.ctx.bundle.contracts[:1])
    broken = replace(lake.ctx, bundle=other)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dagster_project.exporting.export_dataset", full)
    with pytest.raises(OSError, match="space"):
        export_tenant(broken, settings_of(lake), "acme", KEY, tmp_path / "out")
    assert not (tmp_path / "out").exists()
