"""`lakeward receipt verify` says in words what holds, and its exit code says whether to believe it."""

from __future__ import annotations

import pytest
from receipts import written
from typer.testing import CliRunner

from dagster_project.cli import app
from retention.verify import Hit

RUNNER = CliRunner()


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setenv("LAKEWARD_LAKE", str(tmp_path / "lake"))

    def run(path, *more):
        return RUNNER.invoke(app, ["receipt", "verify", str(path), *more])

    return run


def test_a_genuine_receipt_that_says_verified_holds(tmp_path, check):
    result = check(written(tmp_path / "lake-control"))
    assert result.exit_code == 0
    assert "Holds: it is as the lake signed it" in result.output
    assert "Holds: The list of searched files is the one that was signed: 2 files" in result.output
    assert "backups: kept by the storage, until 2026-06-01" in result.output
    assert "Verdict: verified" in result.output


def test_a_changed_receipt_does_not_hold(tmp_path, check):
    path = written(tmp_path / "lake-control")
    path.write_bytes(path.read_bytes().replace(b"acme", b"acmf"))
    result = check(path)
    assert result.exit_code == 1
    assert "Does not hold: its signature does not hold" in result.output


def test_a_genuine_receipt_of_a_failed_erasure_is_no_success(tmp_path, check):
    result = check(written(tmp_path / "lake-control", hits=(Hit("lake", "a", "raw bytes", 0, "text", 2),)))
    assert result.exit_code == 1
    assert "lake/a: raw bytes, needle 0, 2 times" in result.output


def test_a_missing_file_list_is_told_and_the_receipt_still_holds(tmp_path, check):
    path = written(tmp_path / "lake-control")
    next(path.parent.glob("*.jsonl")).unlink()
    result = check(path)
    assert result.exit_code == 0
    assert "Not checked: The list of searched files" in result.output


def test_the_public_key_can_be_given(tmp_path, check):
    path = written(tmp_path / "elsewhere")
    assert check(path, "--public-key", str(tmp_path / "elsewhere" / "signing.pub")).exit_code == 0


def test_a_public_key_that_is_not_there_is_wrong_use(tmp_path, check):
    result = check(written(tmp_path / "elsewhere"))
    assert result.exit_code == 2
    assert "give --public-key" in result.output
