"""What a steward sees of lineage delivery, what the token never shows, and what a bad sink costs a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from lineage_endpoint import Endpoint, Request, raw, silence, status
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from audit.clock import utc_now
from audit.events import complete_event, start_event
from audit.outbox import Lag, Outbox
from audit.relay import DeliveryReport, RelayLimits, SinkReport
from audit.steps import DatasetRef, StepRun
from dagster_project import lineage_delivery
from dagster_project.build import build_definitions
from dagster_project.cli import app
from dagster_project.defs.delivery import ARRIVES, delivery
from dagster_project.house import open_control_state
from dagster_project.lineage_delivery import relay_step, set_aside, troubles
from dagster_project.resources import HouseResource
from dagster_project.settings import Settings, load_settings

TOKEN = "t0ken-canary"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def lake(settings: Settings, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The settings of a lake with an endpoint and a token, as the environment gives them."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("LAKEWARD_LINEAGE_URL", f"{endpoint.url}?key=s3cret")
    monkeypatch.setenv("LAKEWARD_LINEAGE_TOKEN_FILE", str(tmp_path / "token"))
    return load_settings(landing=settings.landing, lake=settings.lake, policies=settings.policies)


@pytest.fixture
def engine(lake: Settings) -> Iterator[Engine]:
    made = open_control_state(lake)
    yield made
    made.dispose()


@pytest.fixture
def work(engine: Engine) -> Callable[..., None]:
    """Store START and COMPLETE of a step for each of these tenants."""

    def store(*tenants: str, run_id: str = "run-0") -> None:
        for tenant in tenants:
            step = StepRun(
                tenant_id=tenant, region="eu", step="protect", dataset="orders", run_id=run_id,
                policy_digest="sha256:" + "ab" * 32, key_epoch=1, contract_version="1.0.0",
                started_at=utc_now(), engine_version="4.2.0",
            )  # fmt: skip
            bronze, silver = (
                DatasetRef(layer=x, dataset="orders", region="eu") for x in ("bronze", "silver")
            )
            Outbox(engine).append(
                [
                    start_event(step, [bronze], [silver]),
                    complete_event(step, [bronze], [silver], at=utc_now()),
                ]
            )

    return store


@pytest.fixture
def poisoned(endpoint: Endpoint, engine: Engine, lake: Settings, work: Callable[..., None]) -> str:
    """A lake of which the endpoint refused globex's START for good; the sink's name."""

    def answer(request: Request):
        bad = b'"lakeward.globex"' in request.body and b'"START"' in request.body
        return status(422) if bad else status(201)

    endpoint.usual = answer
    work("acme", "globex")
    relay_step(engine, lake, RelayLimits(rejections_allowed=1))
    return lineage_delivery.lineage_sinks(lake)[1].name


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "200"})


def materialize(lake: Settings) -> dg.ExecuteInProcessResult:
    return dg.materialize([delivery], resources={"house": HouseResource.of(lake)})


def verdict(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (found,) = [one for one in result.get_asset_check_evaluations() if one.check_name == ARRIVES]
    return found


def test_the_delivery_asset_passes_its_check_while_lineage_arrives(
    lake: Settings, work: Callable[..., None], endpoint: Endpoint
) -> None:
    work("acme")
    result = materialize(lake)
    assert verdict(result).passed
    assert len(endpoint.requests) == 2
    assert len(lake.lineage_file.read_text().splitlines()) == 2


def test_what_was_set_aside_is_told_by_tenant_step_and_reason_and_fails_no_run(
    lake: Settings, poisoned: str
) -> None:
    result = materialize(lake)
    told = verdict(result)
    assert result.success
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    (row,) = told.metadata["set_aside"].records
    assert row.data == {
        "sink": poisoned, "tenant": "globex", "step": "protect.orders",
        "refused with": "http-422", "events": 1,
    }  # fmt: skip
    assert "refuses 1 events" in str(told.metadata["look_at"].value)


def test_status_shows_what_waits_since_when_and_why_and_what_was_set_aside(
    lake: Settings, engine: Engine, poisoned: str, endpoint: Endpoint, work: Callable[..., None]
) -> None:
    endpoint.usual = lambda _request: status(401)
    work("acme", run_id="run-1")
    relay_step(engine, lake)
    shown = call("status", "--lake", lake.lake, "--policies", lake.policies).output
    assert "http-401" in shown
    assert f"{utc_now():%Y-%m-%d}" in shown
    assert [poisoned, "globex", "protect.orders", "http-422", "1"] in [
        line.split() for line in shown.splitlines()
    ]
    assert "lakeward lineage retry" in shown


def test_a_retry_sends_what_was_set_aside_and_ends_with_0(
    lake: Settings, engine: Engine, poisoned: str, endpoint: Endpoint
) -> None:
    endpoint.usual = lambda _request: status(201)
    done = call("lineage", "retry", "--lake", lake.lake)
    assert done.exit_code == 0, done.output
    assert set_aside(engine, lake) == []
    assert len({request.identity for request in endpoint.requests}) == 4


def test_a_retry_that_is_refused_again_sets_aside_again_and_ends_with_1(
    lake: Settings, engine: Engine, poisoned: str
) -> None:
    done = call("lineage", "retry", "--lake", lake.lake)
    assert done.exit_code == 1
    assert "http-422" in done.output
    assert [one.events for one in set_aside(engine, lake)] == [1]


def test_a_retry_does_not_wait_for_the_next_try(
    lake: Settings, engine: Engine, endpoint: Endpoint, work: Callable[..., None]
) -> None:
    endpoint.script.append(status(429, Retry_After="300"))
    work("acme")
    assert relay_step(engine, lake).sinks[1].lag.pending == 2
    assert relay_step(engine, lake).sinks[1].stopped_by == "waiting"
    assert call("lineage", "retry", "--lake", lake.lake).exit_code == 0
    assert Outbox(engine).lag(lineage_delivery.lineage_sinks(lake)[1].name).pending == 0


def test_a_retry_for_no_lake_is_wrong_use_and_makes_none(lake: Settings, tmp_path: Path) -> None:
    assert call("lineage", "retry", "--lake", tmp_path / "none").exit_code == 2
    assert not (tmp_path / "none-control").exists()


def test_delivered_events_stay_up_to_the_number_that_is_set(
    lake: Settings, engine: Engine, work: Callable[..., None]
) -> None:
    work("acme", "globex", "northwind")
    relay_step(engine, lake.model_copy(update={"lineage_keep": 2}))
    assert Outbox(engine).lag("file").delivered == 2
    assert len(lake.lineage_file.read_text().splitlines()) == 6


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        (Lag(), []),
        (Lag(delivered=5, pending=1000, oldest_pending_at=NOW - timedelta(minutes=59)), []),
        (Lag(pending=1, oldest_pending_at=NOW - timedelta(minutes=61)), ["1 events wait"]),
        (Lag(pending=1001, oldest_pending_at=NOW), ["1001 events wait"]),
        (Lag(dead=1), ["refuses 1 events"]),
        (Lag(pending=2, dead=1, oldest_pending_at=NOW - timedelta(days=1), last_error="http-503"),
         ["refuses 1 events", "because of http-503"]),
    ],
)  # fmt: skip
def test_a_steward_is_told_from_these_bounds_on(lag: Lag, told: list[str]) -> None:
    found = troubles(DeliveryReport((SinkReport("http:host", lag=lag),)), NOW)
    assert len(found) == len(told)
    assert all(part in sentence for part, sentence in zip(told, found, strict=True))


@pytest.fixture
def tick(lake: Settings) -> Callable[[str | None], dg.SensorResult]:
    sensor = build_definitions(lake).resolve_sensor_def("lineage_delivery")
    return lambda cursor=None: sensor(dg.build_sensor_context(cursor=cursor))


def test_the_sensor_delivers_what_waits_without_a_run_and_tells_the_asset(
    tick, work: Callable[..., None], endpoint: Endpoint
) -> None:
    work("acme")
    first = tick()
    assert [type(one) for one in first.asset_events] == [dg.AssetMaterialization]
    assert first.run_requests == []
    assert len(endpoint.requests) == 2
    assert tick(first.cursor).asset_events == []


def test_the_sensor_tells_the_check_once_when_something_goes_wrong_and_once_when_it_is_well(
    tick, lake: Settings, engine: Engine, poisoned: str, endpoint: Endpoint
) -> None:
    (bad,), cursor = tick().asset_events, tick().cursor
    assert (bad.check_name, bad.passed) == (ARRIVES, False)
    assert tick(cursor).asset_events == []
    endpoint.usual = lambda _request: status(201)
    call("lineage", "retry", "--lake", lake.lake)
    (good,) = tick(cursor).asset_events
    assert good.passed


def test_the_sensor_of_a_lake_that_never_ran_makes_nothing(tick, lake: Settings) -> None:
    assert isinstance(tick(), dg.SkipReason)
    assert not lake.control.exists()


@pytest.mark.parametrize("way", ["dead", "silent", "slow"])
def test_a_run_with_a_bad_sink_takes_no_longer_than_the_budget_and_the_next_one_nothing(
    lake: Settings, engine: Engine, endpoint: Endpoint, work: Callable[..., None], way: str
) -> None:
    never = threading.Event()

    def slowly(_request: Request):
        return lambda end, connection: (never.wait(0.04), status(201)(end, connection))

    usual = {"dead": lambda _: status(201), "silent": lambda _: silence, "slow": slowly}
    endpoint.usual = usual[way]
    if way == "dead":
        endpoint.down()
    work(*[f"tenant_{number}" for number in range(44)])
    limits, began = RelayLimits(budget=0.8, send_timeout=0.3), time.monotonic()
    report = relay_step(engine, lake, limits)
    assert time.monotonic() - began < limits.budget + 5
    assert report.sinks[0].lag.pending == 0
    assert report.sinks[1].lag.pending > 0
    if way != "slow":
        asked = len(endpoint.requests)
        assert relay_step(engine, lake, limits).sinks[1].stopped_by == "waiting"
        assert len(endpoint.requests) == asked


def test_the_budget_of_a_run_is_the_one_that_the_docs_state() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lineage-delivery.md").read_text()
    assert f"**{RelayLimits().budget:.0f} seconds a run**" in page


def test_the_token_goes_to_the_endpoint_and_nowhere_else(
    lake: Settings, engine: Engine, endpoint: Endpoint, poisoned: str, caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:  # fmt: skip
    caplog.set_level(0)
    endpoint.script.extend([status(401), raw(b"\xff")])
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        house = HouseResource.of(lake)
        result = dg.materialize([delivery], resources={"house": house}, instance=instance)
        told = [str(event) for event in result.all_events]
    shown = call("status", "--lake", lake.lake, "--policies", lake.policies).output
    shown += call("lineage", "retry", "--lake", lake.lake).output
    assert {request.headers["Authorization"] for request in endpoint.requests} == {f"Bearer {TOKEN}"}
    said = " ".join([caplog.text, shown, repr(lake), repr(house), *told])
    (tmp_path / "token").unlink()
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (TOKEN, "s3cret"):
        assert secret not in said
        assert secret.encode() not in stored


@pytest.mark.parametrize("text", ["", "two words", "gehëim"])
def test_a_token_file_without_a_token_costs_the_run_nothing_but_the_endpoints_events(
    lake: Settings, engine: Engine, work: Callable[..., None], tmp_path: Path, text: str
) -> None:
    (tmp_path / "token").write_text(text)
    work("acme")
    file, http = relay_step(engine, lake).sinks
    assert (file.lag.pending, http.lag.pending, http.stopped_by) == (0, 2, "token-malformed")
    (tmp_path / "token").unlink()
    Outbox(engine).revive(http.sink)
    assert relay_step(engine, lake).sinks[1].stopped_by == "token-unreadable"
