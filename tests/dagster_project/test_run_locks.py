"""A run is alive as long as its process holds its lock; a dead one is put in order by the next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.run_locks import dead_runs, end_run, fail_dead_runs, forget_runs, hold_run

HOLD = "import sys, pathlib; from dagster_project.run_locks import hold_run; "
HOLD += "hold_run(pathlib.Path(sys.argv[1]), 'theirs'); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def other(tmp_path: Path):
    """Another process that holds the run `theirs`."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_run_of_a_living_process_is_not_dead(tmp_path, other):
    assert dead_runs(tmp_path) == ()


def test_the_run_of_a_killed_process_is_dead(tmp_path, other):
    other.kill()
    other.wait()
    assert dead_runs(tmp_path) == ("theirs",)


def test_a_run_of_this_process_is_not_dead_and_leaves_nothing_when_it_ends(tmp_path):
    hold_run(tmp_path, "mine")
    hold_run(tmp_path, "mine")
    assert dead_runs(tmp_path) == ()
    end_run(tmp_path, "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_dead_run_is_dead_until_it_is_forgotten(tmp_path):
    (tmp_path / "run.gone.lock").touch()
    assert dead_runs(tmp_path) == dead_runs(tmp_path) == ("gone",)
    forget_runs(tmp_path, ["gone"])
    assert dead_runs(tmp_path) == ()


def started(instance: dg.DagsterInstance) -> str:
    @dg.job
    def nothing():
        pass

    return instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED).run_id


def test_dagster_shows_a_dead_run_as_failed_so_that_its_queue_goes_on(tmp_path, instance):
    run_id = started(instance)
    (tmp_path / f"run.{run_id}.lock").touch()
    fail_dead_runs(instance, tmp_path)
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE


def test_a_living_run_and_one_that_nobody_knows_stay_as_they_are(tmp_path, instance):
    living = started(instance)
    hold_run(tmp_path, living)
    (tmp_path / "run.never-seen-by-dagster.lock").touch()
    fail_dead_runs(instance, tmp_path)
    end_run(tmp_path, living)
    assert instance.get_run_by_id(living).status is dg.DagsterRunStatus.STARTED
