"""The command line: exit codes and messages. 0 done, 1 something failed, 2 wrong use."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dagster_project import runner
from dagster_project.cli import app
from dagster_project.cli.dev import HOST, command, environment
from dagster_project.cli.progress import words
from dagster_project.cli.run import EXAMPLES
from dagster_project.cli.show import near
from dagster_project.runner import CheckOutcome, RunSummary
from dagster_project.settings import Settings
from policy.errors import LakewardError

CANARY = "canary-jane.doe@example.com"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def paths(settings: Settings) -> tuple[object, ...]:
    return ("--landing", settings.landing, "--lake", settings.lake, "--policies", settings.policies)


@pytest.fixture
def ends_as(monkeypatch: pytest.MonkeyPatch):
    """Stand in for the run itself: Spark is not what these tests are about."""

    def set_outcome(outcome: RunSummary | BaseException) -> None:
        def run(_settings: Settings, _progress: object, *, check_all: bool) -> RunSummary:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(runner, "run_pipeline", run)

    return set_outcome


GOOD = CheckOutcome("silver/orders", "keys_unique", passed=True)
BAD = CheckOutcome("silver/orders", "no_residual_personal_data", passed=False)
ADVICE = CheckOutcome("landing/inventory", "no_boundary_violations", passed=False)


def test_a_run_that_is_well_ends_with_0_and_says_where_to_look(settings: Settings, ends_as) -> None:
    ends_as(RunSummary("id", ("acme",), (GOOD, ADVICE), (), ()))
    done = call("run", *paths(settings))
    assert done.exit_code == 0, done.output
    assert "Where to look next" in done.output
    assert f"lakeward status --lake {near(settings.lake)}" in done.output
    assert "(advice)" in done.output


def test_a_failed_check_ends_with_1_and_names_the_place(settings: Settings, ends_as) -> None:
    ends_as(RunSummary("id", ("acme",), (GOOD, BAD), (), ()))
    done = call("run", *paths(settings))
    assert done.exit_code == 1
    assert "no_residual_personal_data" in done.output
    assert "silver/orders" in done.output


def test_a_failed_step_ends_with_1_and_says_what_was_not_run(settings: Settings, ends_as) -> None:
    ends_as(
        RunSummary("id", ("acme",), (), (("landing__inventory", "fact [and] mend"),), ("bronze__orders",))
    )
    done = call("run", *paths(settings))
    assert done.exit_code == 1
    assert "fact [and] mend" in done.output
    assert "bronze__orders" in done.output


def test_our_own_error_is_one_message_without_a_traceback(settings: Settings, ends_as) -> None:
    ends_as(LakewardError("the fact. To mend it: the mend"))
    done = call("run", *paths(settings))
    assert done.exit_code == 1
    assert "lakeward: the fact. To mend it: the mend" in done.output
    assert "Traceback" not in done.output


def test_an_unexpected_error_is_told_by_its_kind_alone(settings: Settings, ends_as) -> None:
    ends_as(ValueError(CANARY))
    done = call("run", *paths(settings))
    assert done.exit_code == 1
    assert "ValueError" in done.output
    assert CANARY not in done.output


def test_debugging_lets_an_unexpected_error_through(settings: Settings, ends_as, monkeypatch) -> None:
    monkeypatch.setenv("LAKEWARD_DEBUG", "1")
    ends_as(ValueError("shown"))
    assert isinstance(call("run", *paths(settings)).exception, ValueError)


def test_an_interrupt_ends_with_1(settings: Settings, ends_as) -> None:
    ends_as(KeyboardInterrupt())
    assert call("run", *paths(settings)).exit_code == 1


@pytest.mark.parametrize("missing", ["landing", "policies"])
def test_a_missing_folder_is_wrong_use(settings: Settings, missing: str) -> None:
    gone = settings.model_copy(update={missing: settings.landing / "none"})
    done = call("run", *paths(gone))
    assert done.exit_code == 2
    assert f"the {missing} folder" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--bad"),
        ("nothing",),
        ("quarantine", "loose"),
        ("detect", "/nowhere/in.jsonl", "out.jsonl"),
        ("dev", "--port", "80"),
        ("dev", "--port", "x"),
        ("policy", "check", "/nowhere"),
    ],
)
def test_what_does_not_fit_is_wrong_use(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).exit_code == 2


def test_a_lake_inside_which_the_control_would_lie_is_refused(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAKEWARD_CONTROL", str(tmp_path / "lake" / "control"))
    done = call("status", "--lake", tmp_path / "lake")
    assert done.exit_code == 1
    assert "LAKEWARD_CONTROL" in done.output


def test_the_example_policies_hold() -> None:
    done = call("policy", "check", EXAMPLES / "policies")
    assert done.exit_code == 0
    assert "3 tenants in 2 regions" in done.output
    assert "sha256:" in done.output


def test_refused_policies_end_with_1_and_every_fault(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "policies", tmp_path / "policies")
    (folder / "tenants.yaml").write_text(
        "tenants:\n  - {id: A!, name: a, region: us, tier: x, calling_code: 1}\n"
    )
    done = call("policy", "check", folder)
    assert done.exit_code == 1
    assert "tenants.yaml" in done.output
    assert "To mend it" in done.output


def test_status_of_a_lake_that_never_ran_makes_nothing(settings: Settings) -> None:
    done = call("status", "--lake", settings.lake, "--policies", settings.policies)
    assert done.exit_code == 0
    assert "Nothing has run yet" in done.output
    assert not settings.control.exists()


@pytest.mark.parametrize("command", ["list", "retry"])
def test_quarantine_of_no_lake_is_wrong_use(settings: Settings, command: str) -> None:
    done = call("quarantine", command, "--lake", settings.lake, "--policies", settings.policies)
    assert done.exit_code == 2
    assert not settings.control.exists()


def test_detect_writes_a_line_for_each_text(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": 7, "text": f"Write to {CANARY} today"}) + "\n")
    done = call("detect", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    (line,) = (tmp_path / "out.jsonl").read_text().splitlines()
    spans = json.loads(line)["spans"]
    assert json.loads(line)["id"] == 7
    assert any((span["start"], span["end"]) == (9, 9 + len(CANARY)) for span in spans)


def test_detect_names_a_bad_line_and_quotes_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(f"{CANARY}\n")
    done = call("detect", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert done.exit_code == 1
    assert "line 1" in done.output
    assert CANARY not in done.output
    assert not (tmp_path / "out.jsonl").exists()


def test_detect_into_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("")
    assert call("detect", tmp_path / "in.jsonl", tmp_path / "none" / "out.jsonl").exit_code == 2


def test_a_taken_port_is_told(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = call("dev", *paths(settings), "--port", taken.getsockname()[1])
    assert done.exit_code == 2
    assert "--port" in done.output


@pytest.mark.parametrize("read_only", [True, False])
def test_both_interfaces_listen_on_loopback_and_one_is_read_only(read_only: bool) -> None:
    words = command(3001, read_only=read_only)
    assert words[words.index("-h") + 1] == HOST == "127.0.0.1"
    assert ("--read-only" in words) is read_only


def test_what_dagster_starts_sees_the_same_lake(settings: Settings) -> None:
    told = environment(settings)
    assert told["LAKEWARD_LAKE"] == str(settings.lake)
    assert told["DAGSTER_HOME"] == str(settings.dagster_home)
    assert told["DAGSTER_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("landing__inventory", "look at inventory"),
        ("bronze__orders", "seal orders"),
        ("silver__order_lines", "protect order_lines"),
        ("silver_order_lines_checks", "check silver order_lines"),
    ],
)
def test_a_step_is_told_in_words(step: str, said: str) -> None:
    assert words(step) == said


def test_help_starts_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from dagster_project.cli import app\n"
        "heavy = {'pyspark', 'dagster', 'presidio_analyzer', 'great_expectations'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_version_is_told() -> None:
    assert call("version").output.startswith("lakeward 0.")
