"""The whole way, from the outbox to an HTTP endpoint that does what endpoints do on bad days."""

from __future__ import annotations

import threading
import time

import pytest
from lineage_endpoint import PATIENCE, assert_sound, hang_up, raw, silence, status, trickle

from audit.http_sink import HttpSink
from audit.relay import BUDGET, WAITING, RelayLimits, deliver
from audit.sinks import FileSink

HOUR = 3600
SOON = 0.5
"""Seconds after which an answer that never comes is given up."""
TAKEN = status(201)


def of_tenant(tenant):
    """Whether a request is of this tenant."""
    return lambda request: f'"lakeward.{tenant}"'.encode() in request.body


def poison(matches, answer):
    """The endpoint's way to answer: `answer` to what matches, good to the rest."""
    return lambda request: answer if matches(request) else TAKEN


def test_down_for_hours_while_runs_go_on_nothing_is_lost_and_each_run_pays_one_try(
    endpoint, relay_http, work, clock, outbox, http
):
    endpoint.down()
    tries = 0
    for run in range(24):
        work(f"run-{run}", "acme", "globex")
        report = relay_http()
        assert report.delivered == 0
        assert report.failed <= 1
        tries += report.failed
        clock.forward(HOUR / 4)
    assert tries == 24
    assert outbox.lag(http.name).pending == 96
    endpoint.up()
    assert relay_http().delivered == 96
    assert_sound(endpoint, 96)


def test_within_the_wait_a_run_does_not_even_connect(endpoint, relay_http, work, clock):
    endpoint.script.extend([status(503)] * 10)
    work("run-0", "acme")
    for _ in range(10):
        relay_http()
        clock.forward(HOUR)
    asked = len(endpoint.requests)
    endpoint.script.append(status(503))
    relay_http()
    for seconds in (0, 100, 199):
        clock.forward(seconds)
        work(f"run-{seconds}", "globex")
        assert relay_http().stopped_by == WAITING
    assert len(endpoint.requests) == asked + 1
    clock.forward(1)
    assert relay_http().stopped_by is None
    assert_sound(endpoint, 8)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (status(500), "http-500"), (status(502), "http-502"), (status(503), "http-503"),
        (status(401), "http-401"), (status(403), "http-403"), (status(404), "http-404"),
        (status(429, Retry_After="60"), "http-429"), (status(302, Location="/"), "http-302"),
        (silence, "timeout"), (trickle, "timeout"), (hang_up, "ConnectionResetError"),
        (raw(b""), "RemoteDisconnected"), (raw(b"HTTP/1.1 2"), "BadStatusLine"),
        (raw(b"\xff\n"), "BadStatusLine"),
    ],
)  # fmt: skip
def test_whatever_an_outage_looks_like_it_stops_at_once_and_loses_nothing(
    endpoint, relay_http, work, clock, answer, why
):
    work("run-0", "acme", "globex")
    endpoint.script.append(TAKEN)
    endpoint.script.append(answer)
    report = relay_http(SOON if why == "timeout" else PATIENCE)
    assert (report.delivered, report.failed, report.stopped_by) == (1, 1, why)
    assert (report.lag.pending, report.lag.reason) == (3, why)
    clock.forward(60)
    assert relay_http().delivered == 3
    assert_sound(endpoint, 4)


def test_an_event_that_was_taken_and_whose_answer_was_lost_comes_again_byte_for_byte(
    endpoint, relay_http, work, clock
):
    work("run-0", "acme")
    for lost in (raw(b""), hang_up, silence, status(500)):
        endpoint.script.append(lost)
        relay_http(SOON if lost is silence else PATIENCE)
        clock.forward(HOUR)
    relay_http()
    assert len(endpoint.requests) == 6
    assert len({request.body for request in endpoint.requests[:5]}) == 1
    assert len({request.identity for request in endpoint.requests[:5]}) == 1
    assert_sound(endpoint, 2)


def test_an_endpoint_that_answers_twice_does_not_answer_for_the_next_event(endpoint, relay_http, work, clock):
    work("run-0", "acme")
    endpoint.script.append(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 2))
    endpoint.script.append(status(500))
    assert (relay_http().delivered, len(endpoint.requests)) == (1, 2)
    clock.forward(1)
    assert relay_http().delivered == 1
    assert_sound(endpoint, 2)


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_poison_event_among_good_ones_is_set_aside_and_the_rest_of_its_run_goes_on(
    endpoint, relay_http, work, clock, outbox, http, code
):
    work("run-0", "acme", "globex", "initech")
    first = {}
    endpoint.usual = poison(
        lambda request: of_tenant("globex")(request) and b'"START"' in request.body, status(code)
    )
    first = relay_http()
    assert (first.delivered, first.failed, first.lag.pending) == (4, 1, 2)
    clock.forward(60)
    relay_http()
    clock.forward(60)
    last = relay_http()
    assert (last.delivered, last.set_aside, last.lag.pending, last.lag.dead) == (1, 1, 0, 1)
    (aside,) = outbox.dead_events(http.name)
    assert (aside.tenant_id, aside.event_type, aside.reason) == ("globex", "START", f"http-{code}")
    assert len(endpoint.requests) == 6 + 2


def test_what_was_set_aside_is_kept_and_goes_out_later(endpoint, relay_http, work, clock, outbox, http):
    work("run-0", "acme")
    endpoint.usual = poison(lambda request: b'"START"' in request.body, status(400))
    for _ in range(3):
        relay_http()
        clock.forward(60)
    assert outbox.prune([http.name], keep=0) == 1
    endpoint.usual = lambda _request: TAKEN
    assert relay_http().delivered == 0
    assert outbox.revive(http.name) == 1
    assert relay_http().delivered == 1
    assert {kind for _, kind, _ in endpoint.identities} == {"START", "COMPLETE"}


def test_an_event_that_breaks_the_server_is_told_from_a_server_that_is_broken(
    endpoint, relay_http, work, clock, outbox, http
):
    work("run-0", "acme")
    endpoint.usual = poison(of_tenant("acme"), status(500))
    stops = []
    for run in range(5):
        work(f"run-{run + 1}", "globex")
        stops.append(relay_http().stopped_by)
        clock.forward(HOUR)
    assert stops == ["http-500", "http-500", None, None, None]  # at first it could be the server
    (aside,) = outbox.dead_events(http.name)
    assert (aside.tenant_id, aside.event_type, aside.reason) == ("acme", "START", "http-500")
    assert sum(of_tenant("globex")(request) for request in endpoint.requests) == 10


def test_an_event_that_breaks_the_server_and_has_no_other_to_compare_with_waits(
    endpoint, relay_http, work, clock, outbox, http
):
    work("run-0", "acme")
    endpoint.usual = lambda _request: status(500)
    for _ in range(9):
        assert relay_http().stopped_by == "http-500"
        clock.forward(HOUR)
    assert outbox.lag(http.name).pending == 2


@pytest.mark.parametrize("answer", [silence, hang_up, raw(b""), raw(b"\xff\n")])
def test_an_event_that_makes_the_endpoint_hang_or_hang_up_does_not_stop_the_others_for_ever(
    endpoint, relay_http, work, clock, outbox, http, answer
):
    work("run-0", "acme", "globex")
    endpoint.usual = poison(of_tenant("acme"), answer)
    for _ in range(3):
        relay_http(SOON if answer is silence else PATIENCE)
        clock.forward(HOUR)
    assert sum(of_tenant("globex")(request) for request in endpoint.requests) == 2
    assert outbox.lag(http.name).pending == 2


def test_in_a_long_outage_no_event_is_taken_for_poison(endpoint, relay_http, work, clock, outbox, http):
    for run in range(20):
        work(f"run-{run}", "acme", "globex")
    endpoint.usual = lambda _request: status(500)
    for _ in range(20):
        report = relay_http()
        assert report.stopped_by == "http-500"
        assert report.failed <= 6
        clock.forward(HOUR)
    assert outbox.lag(http.name).dead == 0
    endpoint.usual = lambda _request: TAKEN
    assert relay_http().delivered == 80
    assert_sound(endpoint, 80)


def test_several_events_that_break_the_server_do_not_hide_behind_each_other(
    endpoint, relay_http, work, clock, outbox, http
):
    work("run-0", "acme", "globex", "initech")
    endpoint.usual = poison(lambda request: not of_tenant("umbrella")(request), status(500))
    for run in range(8):
        work(f"run-{run}", "umbrella")
        relay_http()
        clock.forward(HOUR)
    assert [event.event_type for event in outbox.dead_events(http.name)] == ["START"] * 3
    assert sum(of_tenant("umbrella")(request) for request in endpoint.requests) == 16


@pytest.mark.parametrize(("asked", "seconds"), [("120", 120), ("0", 1), ("86400", 300)])
def test_an_endpoint_that_asks_for_a_pause_gets_it_up_to_the_longest_wait(
    endpoint, relay_http, work, clock, asked, seconds
):
    work("run-0", "acme")
    endpoint.script.append(status(429, Retry_After=asked))
    relay_http()
    clock.forward(seconds - 0.001)
    assert relay_http().stopped_by == WAITING
    clock.forward(0.001)
    assert relay_http().delivered == 2


def test_a_clock_that_was_wrong_does_not_make_events_wait_for_it(endpoint, relay_http, work, clock):
    work("run-0", "acme")
    clock.forward(365 * 24 * HOUR)
    endpoint.script.append(status(503))
    relay_http()
    clock.forward(-365 * 24 * HOUR)
    assert relay_http().delivered == 2


@pytest.mark.parametrize("answer", [silence, trickle])
def test_a_sink_that_does_not_answer_holds_a_run_for_one_limit_and_then_for_nothing(
    endpoint, relay_http, work, answer
):
    work("run-0", *[f"tenant_{n}" for n in range(44)])
    endpoint.usual = lambda _request: answer
    began = time.monotonic()
    relay_http(SOON)
    for _ in range(20):
        assert relay_http().stopped_by == WAITING
    assert time.monotonic() - began < 5
    assert len(endpoint.requests) == 1


def test_a_sink_that_is_slow_but_in_time_holds_a_run_for_its_budget(endpoint, outbox, http, turns, work):
    work("run-0", *[f"tenant_{n}" for n in range(44)])
    limits = RelayLimits(budget=0.3, send_timeout=5)
    never = threading.Event()
    endpoint.usual = lambda _request: lambda *given: (never.wait(0.04), TAKEN(*given))
    began = time.monotonic()
    (report,) = deliver(outbox, [http], turns, limits=limits).sinks
    assert time.monotonic() - began < limits.budget + 5
    assert report.stopped_by in {BUDGET, "timeout"}  # the last one gets what is left of the budget
    assert 0 < report.delivered < 88
    assert report.lag.pending == 88 - report.delivered


def test_a_dead_endpoint_does_not_keep_the_file_from_its_events(
    endpoint, outbox, http, turns, work, tmp_path
):
    work("run-0", "acme")
    endpoint.down()
    file = tmp_path / "events.jsonl"
    report = deliver(outbox, [FileSink(file), http], turns)
    assert [one.lag.pending for one in report.sinks] == [0, 2]
    assert len(file.read_text().splitlines()) == 2


def test_events_arrive_in_the_order_of_the_outbox(endpoint, relay_http, work, outbox, http):
    work("run-0", "acme", "globex")
    expected = [event.payload.encode() for event in outbox.pending(http.name)]
    relay_http()
    assert [request.body for request in endpoint.requests] == expected


def test_no_token_is_in_the_database_the_report_or_the_file(
    endpoint, outbox, turns, work, tmp_path, caplog, clock
):
    caplog.set_level(0)
    work("run-0", "acme")
    http = HttpSink(f"{endpoint.url}?key=s3cret", lambda: "t0ken-canary")
    endpoint.script.extend([status(401), status(400), hang_up])
    reports = []
    for _ in range(4):
        reports.append(deliver(outbox, [FileSink(tmp_path / "events.jsonl"), http], turns, clock))
        clock.forward(HOUR)
    assert endpoint.requests[0].headers["Authorization"] == "Bearer t0ken-canary"
    said = repr(reports) + caplog.text + repr(http)
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in ("t0ken-canary", "s3cret"):
        assert secret not in said
        assert secret.encode() not in stored
