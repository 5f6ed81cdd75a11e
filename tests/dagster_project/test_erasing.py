"""Erasure by command and by job: exit codes, what is shown, and that no value is kept. Spark stands aside."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from dagster_project import erasing, house
from dagster_project.build import build_definitions
from dagster_project.cli import app
from dagster_project.defs import erasure
from dagster_project.erasing import places_of
from dagster_project.settings import Settings, load_settings
from policy import load_policies
from policy.errors import LakewardError
from retention.inbox import Refused, Taken
from retention.requests import Outcome, State, all_requests, move
from tenancy.keyring import open_keyring

CANARY = "canary-jane.doe@example.com"


@pytest.fixture
def lake(settings: Settings) -> Settings:
    """A lake without tables: requests need its control database and keys only."""
    engine = house.open_control_state(settings)
    open_keyring(engine, settings.root_key, settings.lake)
    engine.dispose()
    return settings


@pytest.fixture
def engine(lake: Settings):
    return house.open_control_state(lake)


def call(settings: Settings, *arguments: str, given: str | None = None) -> Result:
    paths = ("--lake", str(settings.lake), "--policies", str(settings.policies))
    return CliRunner().invoke(app, [*arguments, *paths], input=given)


@pytest.fixture
def ends_in(monkeypatch: pytest.MonkeyPatch, lake: Settings, engine):
    """Stand in for the erasure itself: each request moves to a state."""

    def set_end(*way: State, outcome: Outcome | None = None) -> list:
        asked = []

        def step(_ctx, _settings, what, *_):
            asked.append(what)
            for request in all_requests(engine):
                for state in way:
                    move(engine, [request.request_id], state, outcome=outcome, receipt="r.1.json")
            return all_requests(engine)

        monkeypatch.setattr(erasing, "erase_step", step)
        monkeypatch.setattr(erasure, "erase_step", step)
        opened = SimpleNamespace(engine=engine, bundle=load_policies(lake.policies), run_id="run-1")
        monkeypatch.setattr(house, "open_house", lambda *_: opened)
        monkeypatch.setattr(erasing, "inbox_step", lambda *_: Taken())
        monkeypatch.setattr(erasure, "inbox_step", lambda *_: Taken(refused=[Refused("acme", 1, 3, "no")]))
        return asked

    return set_end


DONE = (State.PLANNED, State.ERASING, State.VERIFYING, State.DONE)


def test_a_request_is_taken_by_token_and_listed_with_its_deadline(lake: Settings, engine) -> None:
    done = call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}")
    [request] = all_requests(engine)
    assert done.exit_code == 0, done.output
    assert request.request_id in done.output
    listed = call(lake, "requests")
    assert request.request_id[:8] in listed.output
    assert f"{request.due_at:%Y-%m}" in listed.output
    for file in lake.control.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes()
    assert CANARY not in done.output + listed.output


def test_a_value_may_come_by_standard_input(lake: Settings, engine) -> None:
    call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}")
    call(lake, "subject", "erase", "--tenant", "acme", "--id", "email=-", given=f"{CANARY}\n")
    assert len(all_requests(engine)) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tenant", "umbrella", "--id", f"email={CANARY}"),
        ("--tenant", "acme"),
        ("--tenant", "acme", "--id", CANARY),
        ("--tenant", "acme", "--id", f"{CANARY}=x"),
    ],
)
def test_a_request_that_names_nobody_here_is_wrong_use_and_not_repeated(
    lake: Settings, engine, arguments
) -> None:
    done = call(lake, "subject", "erase", *arguments)
    assert (done.exit_code, all_requests(engine)) == (2, [])
    assert CANARY not in done.output


@pytest.mark.parametrize(
    ("way", "outcome", "code"),
    [
        (DONE, Outcome.ERASED, 0),
        (DONE, Outcome.NOTHING_FOUND, 0),
        ((*DONE[:3], State.FAILED), Outcome.INCOMPLETE, 1),
        ((State.PLANNED, State.HELD), None, 1),
    ],
)
def test_waiting_ends_with_how_the_request_stands(lake: Settings, ends_in, way, outcome, code) -> None:
    asked = ends_in(*way, outcome=outcome)
    done = call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}", "--wait")
    assert done.exit_code == code, done.output
    assert way[-1] in done.output
    assert str(lake.receipts / "r.1.json") in done.output.replace("\n", "")
    assert list(asked[0].values.values()) == [[CANARY]]
    assert CANARY not in done.output


def test_running_requests_ends_with_1_unless_all_are_done(lake: Settings, ends_in) -> None:
    ends_in(*DONE, outcome=Outcome.ERASED)
    assert call(lake, "requests", "run").exit_code == 0
    call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}")
    assert call(lake, "requests", "run").exit_code == 0
    ends_in(State.PLANNED, State.HELD)
    call(lake, "subject", "erase", "--tenant", "acme", "--id", "email=b@example.org")
    assert call(lake, "requests", "run").exit_code == 1


def test_consent_of_somebody_who_is_not_kept_out_changes_nothing(lake: Settings) -> None:
    done = call(lake, "subject", "consent", "--tenant", "acme", "--id", f"email={CANARY}")
    assert (done.exit_code, "Nobody" in done.output) == (0, True)


def job(lake: Settings) -> dg.JobDefinition:
    return build_definitions(lake).resolve_job_def("erasure")


def run_job(lake: Settings, instance: dg.DagsterInstance, monkeypatch, **config) -> dg.ExecuteInProcessResult:
    monkeypatch.setattr(erasure.HouseResource, "context", lambda _self: None)
    told = {"ops": {"answer_requests": {"config": config}}}
    return job(lake).execute_in_process(run_config=told, instance=instance, raise_on_error=False)


def test_the_job_asks_for_what_the_launchpad_names_and_shows_states(
    lake: Settings, engine, ends_in, instance, monkeypatch
) -> None:
    asked = ends_in(*DONE, outcome=Outcome.ERASED)
    call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}")
    result = run_job(lake, instance, monkeypatch, tenant="acme", request_ids=["a" * 32])
    assert result.success
    assert (asked[0].tenant, asked[0].request_ids, dict(asked[0].values)) == ("acme", ["a" * 32], {})


def test_a_request_that_failed_fails_the_job_in_words_of_our_own(
    lake: Settings, ends_in, instance, monkeypatch
) -> None:
    ends_in(State.PLANNED, State.FAILED)
    call(lake, "subject", "erase", "--tenant", "acme", "--id", f"email={CANARY}")
    result = run_job(lake, instance, monkeypatch)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert "1 requests failed" in str(failure.step_failure_data.error)
    assert CANARY not in str(result.all_events)


def test_the_jobs_config_has_no_place_for_a_value() -> None:
    assert set(erasure.ErasureConfig.model_fields) == {"tenant", "request_ids", "retry"}


def test_every_place_is_searched_once_and_a_landing_zone_that_is_gone_is_not_left_out(tmp_path: Path) -> None:
    settings = load_settings(landing=tmp_path / "landing", lake=tmp_path / "lake")
    assert [one.name for one in places_of(settings)] == ["lake", "control", "landing"]
    other = load_settings(
        landing=tmp_path / "landing", lake=tmp_path / "lake", dagster_home=tmp_path / "home",
        requests=tmp_path / "inbox",
    )  # fmt: skip
    for folder in (other.dagster_home, other.requests):
        folder.mkdir()
    assert [one.name for one in places_of(other)] == ["lake", "control", "landing", "requests", "dagster"]


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(LakewardError, match="REQUEST_PERIOD"):
        load_settings(request_period="soon")
