"""Policies are kept as they were, and a bundle holds those of its time."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from evidence import BEGIN, EXAMPLES, EvidenceLake, fill, open_lake

from audit import kept_policies
from audit.evidence.export import export_evidence
from audit.evidence.reading import Scope
from audit.kept_policies import CHANGED, DRAFT, KEPT, NOT_KEPT, UNREAD, keep_policies, older_policies
from audit.ledger import Fact
from audit.standalone.verify_bundle import Zip, verify
from policy import PolicyBundle, load_policies
from policy.errors import LakewardError
from policy.load_folder import read_folder
from policy.load_node import Faults

GONE = {
    "id": "initech", "name": "Initech Incorporated", "region": "us", "tier": "standard", "calling_code": 1,
}  # fmt: skip


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The example policies of an earlier time: another tenant, and another rule."""
    folder = shutil.copytree(EXAMPLES, tmp_path / "older")
    tenants = yaml.safe_load((folder / "tenants.yaml").read_text())
    tenants["tenants"].append(GONE)
    (folder / "tenants.yaml").write_text(yaml.safe_dump(tenants))
    text = (folder / "treatments.yaml").read_text()
    (folder / "treatments.yaml").write_text(text.replace("user.name: token", "user.name: drop"))
    return folder


def kept(older: Path, tmp_path: Path) -> tuple[PolicyBundle, Path]:
    bundle = load_policies(older)
    keep_policies(older, bundle, tmp_path / "kept")
    return bundle, tmp_path / "kept" / bundle.digest.removeprefix("sha256:")


def test_every_file_is_kept_as_it_was_under_the_digest(older, tmp_path) -> None:
    bundle, place = kept(older, tmp_path)
    assert read_folder(place, Faults()) == read_folder(older, Faults())
    found = older_policies(tmp_path / "kept", bundle.digest)
    assert (found.state, found.bundle.digest) == (KEPT, bundle.digest)


def test_what_is_kept_is_not_written_again(older, tmp_path, monkeypatch) -> None:
    bundle, _ = kept(older, tmp_path)
    monkeypatch.setattr(kept_policies, "read_folder", lambda *_: pytest.fail("it was read again"))
    keep_policies(older, bundle, tmp_path / "kept")


def test_a_copy_that_a_killed_run_left_half_done_is_made_anew(older, tmp_path) -> None:
    (tmp_path / "kept" / DRAFT).mkdir(parents=True)
    (tmp_path / "kept" / DRAFT / "half.yaml").write_text("x: 1")
    _, place = kept(older, tmp_path)
    assert not (place / "half.yaml").exists()
    assert not (tmp_path / "kept" / DRAFT).exists()


def test_policies_that_change_while_they_are_read_are_not_kept_under_a_wrong_digest(older, tmp_path) -> None:
    bundle = load_policies(older)
    (older / "tiers.yaml").write_text((older / "tiers.yaml").read_text() + "# later\n")
    with pytest.raises(LakewardError, match="To mend it"):
        keep_policies(older, bundle, tmp_path / "kept")
    assert older_policies(tmp_path / "kept", bundle.digest).state == NOT_KEPT


def test_a_copy_that_was_changed_since_is_told_and_not_taken(older, tmp_path) -> None:
    bundle, place = kept(older, tmp_path)
    (place / "tiers.yaml").write_text((place / "tiers.yaml").read_text().replace("2 GB", "3 GB"))
    assert older_policies(tmp_path / "kept", bundle.digest) == replace(
        older_policies(tmp_path / "nowhere", bundle.digest), state=CHANGED
    )


def test_a_copy_that_no_longer_loads_is_told_and_not_taken(older, tmp_path, monkeypatch) -> None:
    bundle, _ = kept(older, tmp_path)
    monkeypatch.setattr("policy.load_retention.LONGEST_YEARS", 0)
    assert older_policies(tmp_path / "kept", bundle.digest).state == UNREAD


@pytest.fixture
def lake(older, tmp_path):
    """A ledger whose first run worked under the older policies, and its last under those of today."""
    lake = open_lake(tmp_path / "lake")
    bundle = load_policies(older)
    keep_policies(older, bundle, lake.sources.kept_policies)
    for run, digest in (("old", bundle.digest), ("new", lake.sources.bundle.digest)):
        lake.ledger.append([Fact("policy", f"run/{run}", {"digest": digest, "run_id": run})])
    yield lake
    lake.engine.dispose()


def unpacked(lake: EvidenceLake, name: str, scope: Scope) -> dict[str, str]:
    made = export_evidence(lake.sources, scope, lake.folder / name)
    with made.path.open("rb") as stream:
        assert verify(Zip(stream), lake.public_key.read_bytes()).holds
    with zipfile.ZipFile(made.path) as packed:
        return {one: packed.read(one).decode() for one in packed.namelist()}


def test_a_bundle_holds_the_tenant_s_part_of_the_policies_of_each_time(lake) -> None:
    files = unpacked(lake, "all.zip", Scope("acme"))
    [one] = json.loads(files["policy/versions.json"])["older"]
    assert one["copy"] == KEPT
    assert "user.name: drop" in files[f"{one['folder']}/treatments.yaml"]
    assert "user.name: token" in files["policy/current/treatments.yaml"]
    assert one["files"]["datasets/orders.yaml"]["how"] == "whole"
    own = yaml.safe_load(files[f"{one['folder']}/tenants.yaml"])["tenants"]
    assert [tenant["id"] for tenant in own] == ["acme"]
    assert one["folder"] in files["report.html"]


def test_a_tenant_whom_only_older_policies_know_is_in_no_file(lake) -> None:
    lake.ledger.append([Fact("hold", "x", {"hold_id": "x", "state": "placed", "dataset": "initech"}, "acme")])
    files = unpacked(lake, "all.zip", Scope("acme"))
    assert not [name for name, text in files.items() if "initech" in f"{name} {text}".lower()]


def test_policies_of_which_no_copy_is_kept_are_told_by_digest(lake) -> None:
    fill(lake, 1)
    older = {
        one["digest"]: one
        for one in json.loads(unpacked(lake, "x.zip", Scope("acme"))["policy/versions.json"])["older"]
    }
    assert sorted(one["copy"] for one in older.values()) == [KEPT, NOT_KEPT]


@pytest.mark.parametrize(("minutes", "told"), [(1, 1), (2, 1), (3, 0)])
def test_a_period_has_the_policies_that_were_in_force_in_it(lake, minutes, told) -> None:
    scope = Scope("acme", begin=BEGIN + timedelta(minutes=minutes))
    files = unpacked(lake, "period.zip", scope)
    assert len(json.loads(files["policy/versions.json"])["older"]) == told
