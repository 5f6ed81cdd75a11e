"""What a failure may tell: its kind, and never a text that could quote data."""

from __future__ import annotations

import traceback
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import runner, undecided
from dagster_project.defs import delivery, landing
from dagster_project.failures import plainly
from dagster_project.resources import HouseResource
from dagster_project.runner import CheckOutcome, RunSummary, run_pipeline
from dagster_project.settings import Settings
from policy.errors import LakewardError
from transforms.errors import StepFailed

CANARY = "canary-jane.doe@example.com"


def raised(error: BaseException, cause: BaseException | None = None) -> LakewardError:
    @plainly
    def fail() -> None:
        raise error from cause

    with pytest.raises(LakewardError) as told:
        fail()
    return told.value


def whole(error: BaseException) -> str:
    """Everything that a serialiser that follows causes and contexts would store."""
    parts = [str(error), repr(error.__cause__), repr(error.__context__)]
    return "\n".join([*parts, *traceback.format_exception(error)])


def test_a_foreign_error_becomes_its_kind() -> None:
    error = raised(ValueError(CANARY))
    assert isinstance(error, StepFailed)
    assert "ValueError" in str(error)
    assert CANARY not in whole(error)


def test_our_own_error_keeps_its_text_and_loses_its_cause() -> None:
    error = raised(LakewardError("fact and mend"), ValueError(CANARY))
    assert str(error) == "fact and mend"
    assert CANARY not in whole(error)


def test_an_error_raised_while_another_was_handled_loses_that_one() -> None:
    @plainly
    def fail() -> None:
        try:
            raise KeyError(CANARY)
        except KeyError:
            raise LakewardError("fact and mend")  # noqa: B904 - the context is what is tested

    with pytest.raises(LakewardError) as told:
        fail()
    assert CANARY not in whole(told.value)


def test_an_interrupt_passes() -> None:
    @plainly
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()


def test_a_result_passes() -> None:
    assert plainly(lambda: 5)() == 5


def stored(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: HouseResource) -> None:
        try:
            raise KeyError(CANARY)
        except KeyError as inner:
            raise ValueError(f"cannot cast {CANARY}") from inner

    monkeypatch.setattr(HouseResource, "context", fail)


def test_a_failing_step_is_told_and_its_text_is_nowhere_in_dagster_s_home(
    settings: Settings, broken: None, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []
    summary = run_pipeline(settings, lambda step, _done, _all: seen.append(step))
    assert not summary.ok
    assert [step for step, _ in summary.failures] == ["landing__inventory"]
    assert "ValueError" in summary.failures[0][1]
    assert "bronze__orders" in summary.skipped
    assert seen[0] == "landing__inventory"
    assert stored(settings.dagster_home, "landing__inventory")
    assert stored(settings.dagster_home, CANARY) == []
    out = capfd.readouterr()
    assert CANARY not in out.out + out.err


def test_the_same_search_finds_a_text_that_was_let_through(
    settings: Settings, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.failures.told", lambda error: error)
    run_pipeline(settings)
    assert stored(settings.dagster_home, CANARY)


def test_a_run_is_in_the_home_that_the_ui_reads(settings: Settings, broken: None) -> None:
    summary = run_pipeline(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        (run,) = instance.get_runs()
        assert run.run_id == summary.run_id
        assert run.job_name == "lake"
        assert instance.get_dynamic_partitions("tenants") == ["acme", "globex", "northwind"]
    assert (settings.dagster_home / "dagster.yaml").is_file()


def test_a_home_that_has_its_own_settings_keeps_them(settings: Settings, broken: None) -> None:
    settings.dagster_home.mkdir(parents=True)
    (settings.dagster_home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    run_pipeline(settings)
    assert (settings.dagster_home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_lineage_leaves_even_when_the_rest_failed(settings: Settings, broken: None) -> None:
    """The relay hangs on the inventory alone: that is what `deps` promises and priorities order."""
    assert delivery.delivery.asset_deps[delivery.delivery.key] == {landing.INVENTORY}
    assert delivery.delivery.op.tags["dagster/priority"] == "-100"


@pytest.mark.parametrize(
    ("checks", "failures", "ok"),
    [
        ((), (), True),
        ((CheckOutcome("silver/a", "keys_unique", True),), (), True),
        ((CheckOutcome("silver/a", "keys_unique", False),), (), False),
        ((CheckOutcome("bronze/a", "every_tenant_done", False),), (), False),
        ((CheckOutcome("landing/inventory", "no_boundary_violations", False),), (), True),
        ((CheckOutcome("bronze/a", "no_file_refused", False),), (), True),
        ((CheckOutcome("findings/a", "reviews_waiting", False),), (), True),
        ((CheckOutcome("findings/a", "reviews_waiting", False, error=True),), (), False),
        ((), (("bronze__a", "it failed"),), False),
    ],
)
def test_a_run_is_well_unless_a_step_or_a_check_that_counts_failed(
    checks: tuple[CheckOutcome, ...], failures: tuple[tuple[str, str], ...], ok: bool
) -> None:
    assert RunSummary("id", ("acme",), checks, failures, ()).ok is ok


def test_advice_names_checks_that_exist() -> None:
    assert {landing.VIOLATIONS, delivery.ARRIVES, undecided.WAITING, "no_file_refused"} == runner.ADVICE
