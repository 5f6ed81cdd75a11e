"""The short form of `make faults`, and that its comparison sees what it is there to see."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from own_settings import without_settings

from tests.faults import stand, told

REPOSITORY = Path(__file__).parents[2]


def begin(folder: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults", "--short", "--keep", str(folder / "lakes")]
    return subprocess.Popen(
        command, cwd=REPOSITORY, env=without_settings(), stdout=output, stderr=subprocess.STDOUT
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_lake_that_is_killed_a_dozen_times_and_run_twice_at_once_is_as_if_nothing_had_happened(program):
    printed = program.printed()
    assert program.process.returncode == 0, printed
    assert "Everything held." in printed


@pytest.mark.parametrize(
    "rows", [["a"], ["a", "b", "b"], ["a", "c"], []], ids=["lost", "doubled", "changed", "all lost"]
)
def test_a_lost_a_doubled_and_a_changed_row_are_seen(rows):
    assert len(stand.differences({"eu/bronze/people": ["a", "b"]}, {"eu/bronze/people": rows})) == 1


def test_a_table_that_the_twin_does_not_have_is_seen():
    assert stand.differences({}, {"eu/bronze/people": ["a"]})


def test_equal_lakes_are_equal():
    assert stand.differences({"landing": [("a", "1")]}, {"landing": [("a", "1")]}) == []


@pytest.mark.parametrize(
    "kinds", [["START"], ["COMPLETE"], ["START", "COMPLETE", "ABORT"], ["FAIL", "START"], ["START", "START"]]
)
def test_a_run_that_is_half_told_or_told_twice_is_seen(kinds):
    assert list(told.half_told([("run", kind, "{}") for kind in kinds]))


@pytest.mark.parametrize("end", ["COMPLETE", "FAIL", "ABORT"])
def test_a_run_that_is_told_from_start_to_end_is_whole(end):
    assert list(told.half_told([("run", "START", "{}"), ("run", end, "{}")])) == []
