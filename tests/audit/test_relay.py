from __future__ import annotations

import json
from datetime import timedelta

import pytest

from audit.errors import SinkRejected, SinkUnavailable
from audit.outbox import Outbox
from audit.relay import PAGE, RelayLimits, deliver
from audit.sinks import MemorySink

LIMITS = RelayLimits(first_wait=1, longest_wait=60, rejections_allowed=3, budget=30, send_timeout=5)


@pytest.fixture
def relay(outbox, clock, turns):
    """Call the relay with these sinks."""
    return lambda *sinks, limits=LIMITS: deliver(outbox, sinks, turns, clock, limits)


@pytest.fixture
def two_runs(outbox, make_step, start, complete):
    """START and COMPLETE of orders, START and COMPLETE of tickets."""
    orders, tickets = make_step(), make_step(dataset="tickets")
    outbox.append([start(orders), complete(orders), start(tickets), complete(tickets)])


IN_ORDER = [
    "protect.orders START",
    "protect.orders COMPLETE",
    "protect.tickets START",
    "protect.tickets COMPLETE",
]


def names(sink):
    return [f"{event['job']['name']} {event['eventType']}" for event in sink.events]


def down(times=1):
    return [SinkUnavailable("http-503")] * times


def refused(times=1):
    return [SinkRejected("http-400")] * times


@pytest.mark.usefixtures("two_runs")
def test_all_events_reach_all_sinks_in_order(relay):
    first, second = MemorySink("first"), MemorySink("second")
    report = relay(first, second)
    assert names(first) == names(second) == IN_ORDER
    assert report.all_delivered
    assert [one.delivered for one in report.sinks] == [4, 4]


@pytest.mark.usefixtures("two_runs")
def test_what_was_delivered_is_not_sent_again(relay):
    sink = MemorySink()
    relay(sink)
    assert relay(sink).sinks[0].delivered == 0
    assert names(sink) == IN_ORDER


@pytest.mark.usefixtures("two_runs")
def test_a_sink_that_is_down_stops_at_once_and_raises_nothing(relay):
    sink = MemorySink()
    sink.fail_next(*down())
    (report,) = relay(sink).sinks
    assert (report.delivered, report.failed, report.stopped_by) == (0, 1, "http-503")
    assert report.lag.pending == 4


@pytest.mark.usefixtures("two_runs")
def test_a_sink_that_was_down_and_is_up_again_has_lost_nothing_and_keeps_the_order(
    relay, clock, outbox, make_step, start
):
    sink = MemorySink()
    sink.fail_next(*down(3))
    for _ in range(3):
        assert relay(sink).sinks[0].stopped_by == "http-503"
        clock.forward(60)
    outbox.append([start(make_step(dataset="customers"))])
    assert relay(sink).all_delivered
    assert names(sink) == [*IN_ORDER, "protect.customers START"]


@pytest.mark.usefixtures("two_runs")
def test_a_sink_that_is_down_does_not_hold_the_others(relay):
    broken, sound = MemorySink("broken"), MemorySink("sound")
    broken.fail_next(*down())
    report = relay(broken, sound)
    assert names(sound) == IN_ORDER
    assert not report.all_delivered


@pytest.mark.usefixtures("two_runs")
def test_before_its_time_a_failed_event_is_not_tried_again(relay, clock):
    sink = MemorySink()
    sink.fail_next(*down())
    relay(sink)
    clock.forward(0.999)
    (report,) = relay(sink).sinks
    assert (report.failed, report.stopped_by) == (0, "waiting")
    clock.forward(0.001)
    assert relay(sink).all_delivered


def test_the_wait_doubles_up_to_the_longest():
    waits = [LIMITS.wait(attempts).total_seconds() for attempts in (1, 2, 3, 6, 7, 8, 100_000)]
    assert waits == [1, 2, 4, 32, 60, 60, 60]


@pytest.mark.usefixtures("two_runs")
def test_the_wait_is_kept_in_the_database_over_a_restart(relay, clock, engine, turns):
    sink = MemorySink()
    sink.fail_next(*down(2))
    relay(sink)
    clock.forward(1)
    relay(sink)
    restarted = Outbox(engine, clock)
    assert restarted.pending("memory")[0].next_attempt_at == clock() + timedelta(seconds=2)
    assert deliver(restarted, [sink], turns, clock, LIMITS).sinks[0].stopped_by == "waiting"


@pytest.mark.usefixtures("two_runs")
def test_a_500_is_tried_for_as_long_as_it_takes(relay, clock, outbox):
    sink = MemorySink()
    sink.fail_next(*down(20))
    for _ in range(20):
        relay(sink)
        clock.forward(60)
    assert outbox.dead_events("memory") == ()
    assert relay(sink).all_delivered


@pytest.mark.usefixtures("two_runs")
def test_a_refused_event_holds_its_own_run_and_no_other(relay):
    sink = MemorySink()
    sink.fail_next(*refused())
    (report,) = relay(sink).sinks
    assert names(sink) == IN_ORDER[2:]
    assert (report.failed, report.set_aside, report.lag.pending) == (1, 0, 2)


@pytest.mark.usefixtures("two_runs")
def test_a_refused_event_that_is_taken_later_comes_before_the_rest_of_its_run(relay, clock):
    sink = MemorySink()
    sink.fail_next(*refused())
    relay(sink)
    clock.forward(1)
    relay(sink)
    assert names(sink) == IN_ORDER[2:] + IN_ORDER[:2]


@pytest.mark.usefixtures("two_runs")
def test_an_event_that_is_refused_again_and_again_is_set_aside_and_shown(relay, clock, outbox):
    sink = MemorySink()
    sink.fail_next(*refused())
    relay(sink)
    for allowed in (2, 3):
        clock.forward(60)
        sink.fail_next(*refused())
        (report,) = relay(sink).sinks
        assert report.set_aside == (allowed == 3)
    (dead,) = outbox.dead_events("memory")
    assert (dead.event_type, dead.rejections, dead.last_error) == ("START", 3, "rejected:http-400")
    assert names(sink) == [*IN_ORDER[2:], IN_ORDER[1]]
    assert (report.lag.pending, report.lag.dead) == (0, 1)


@pytest.mark.usefixtures("two_runs")
def test_an_outage_does_not_count_towards_setting_aside(relay, clock, outbox):
    sink = MemorySink()
    sink.fail_next(*down(10), *refused())
    for _ in range(11):
        relay(sink)
        clock.forward(60)
    assert outbox.dead_events("memory") == ()


@pytest.mark.usefixtures("two_runs")
def test_what_was_set_aside_can_be_sent_after_the_sink_was_mended(relay, clock, outbox):
    sink = MemorySink()
    sink.fail_next(*refused())
    relay(sink, limits=RelayLimits(rejections_allowed=1))
    assert len(outbox.dead_events("memory")) == 1
    outbox.revive("memory")
    assert relay(sink).all_delivered
    assert names(sink)[-1] == IN_ORDER[0]


class Wrong:
    """A sink that breaks the protocol: it raises what it likes."""

    name = "wrong"
    batch_size = 1

    def __init__(self, error):
        self.error = error

    def send(self, payloads, timeout_seconds):
        raise self.error


@pytest.mark.usefixtures("two_runs")
def test_a_sink_that_raises_anything_is_kept_and_shown_like_an_outage(relay, outbox):
    (report,) = relay(Wrong(KeyError("jane@acme.example"))).sinks
    assert report.stopped_by == "fault-KeyError"
    assert outbox.pending("wrong")[0].last_error == "fault-KeyError"


@pytest.mark.usefixtures("two_runs")
def test_an_error_kind_that_is_a_text_is_neither_stored_nor_shown(relay, outbox):
    (report,) = relay(Wrong(SinkUnavailable("no room for jane@acme.example"))).sinks
    assert report.stopped_by == "unnamed"
    assert outbox.pending("wrong")[0].last_error == "unnamed"


class Slow(MemorySink):
    """Takes every event, after `seconds` on the clock."""

    def __init__(self, clock, seconds, name="slow"):
        super().__init__(name)
        self.clock, self.seconds, self.timeouts = clock, seconds, []

    def send(self, payloads, timeout_seconds):
        self.timeouts.append(timeout_seconds)
        self.clock.forward(self.seconds)
        super().send(payloads, timeout_seconds)


@pytest.mark.usefixtures("two_runs")
def test_a_slow_sink_ends_with_its_budget_and_goes_on_in_the_next_call(relay, clock):
    slow = Slow(clock, 11)
    (report,) = relay(slow).sinks
    assert (report.delivered, report.stopped_by, report.lag.pending) == (3, "budget", 1)
    assert relay(slow).all_delivered
    assert names(slow) == IN_ORDER


@pytest.mark.usefixtures("two_runs")
def test_a_slow_sink_leaves_the_next_one_its_share_of_the_budget(relay, clock):
    slow, quick = Slow(clock, 14), MemorySink()
    report = relay(slow, quick)
    assert report.sinks[0].stopped_by == "budget"
    assert names(quick) == IN_ORDER


@pytest.mark.usefixtures("two_runs")
def test_one_send_may_take_the_send_timeout_or_what_is_left_of_the_budget(relay, clock):
    slow = Slow(clock, 4)
    relay(slow, limits=RelayLimits(budget=10, send_timeout=5))
    assert slow.timeouts == [5, 5, 2]


@pytest.mark.usefixtures("two_runs")
def test_an_event_that_comes_twice_has_the_same_identity(relay, outbox, clock, monkeypatch):
    sink = MemorySink()
    monkeypatch.setattr(outbox, "mark_delivered", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):  # killed after the sink took the event, before that was noted
        relay(sink)
    monkeypatch.undo()
    relay(sink)
    first, again = sink.events[:2]
    assert first == again
    assert names(sink) == [IN_ORDER[0], *IN_ORDER]


def test_more_than_a_page_is_delivered_in_one_call(outbox, relay, make_step, start):
    outbox.append(start(make_step(run_id=f"run-{n}")) for n in range(PAGE + 5))
    sink = MemorySink()
    relay(sink)
    assert len(sink.payloads) == PAGE + 5


def test_a_page_full_of_refused_events_does_not_hold_what_is_behind_it(outbox, relay, make_step, start):
    outbox.append(start(make_step(run_id=f"run-{n}")) for n in range(PAGE + 1))
    sink = MemorySink()
    sink.fail_next(*refused(PAGE))
    relay(sink)
    assert len(sink.payloads) == 1


def test_no_sink_and_no_event_is_no_work(relay):
    assert relay().all_delivered
    assert relay(MemorySink()).all_delivered


def test_a_payload_in_the_sink_is_the_event_as_built(outbox, relay, make_step, complete):
    outbox.append([complete(make_step())])
    sink = MemorySink()
    relay(sink)
    assert json.loads(sink.payloads[0])["run"]["facets"]["lakeward_governance"]["tenant"] == "acme"


def picky(failure, matches):
    """A sink that takes three at once, or fails with all of them because of one."""

    class Picky(MemorySink):
        def send(self, payloads, timeout_seconds):
            if any(matches in payload for payload in payloads):
                raise failure
            super().send(payloads, timeout_seconds)

    return Picky(batch_size=3)


def test_a_sink_that_takes_many_at_once_gets_them_in_order(outbox, relay, make_step, start, complete):
    for dataset in ("orders", "tickets", "customers"):
        outbox.append([start(make_step(dataset=dataset)), complete(make_step(dataset=dataset))])
    sink = MemorySink(batch_size=4)
    assert relay(sink).all_delivered
    assert names(sink) == [*IN_ORDER, "protect.customers START", "protect.customers COMPLETE"]


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(
    "failure", [SinkRejected("http-400"), SinkUnavailable("http-500", event_may_be_why=True)]
)
def test_of_many_at_once_only_the_one_at_fault_is_held_against_its_run(relay, clock, failure):
    sink = picky(failure, '"protect.tickets"')
    for _ in range(4):
        relay(sink)
        clock.forward(60)
    assert names(sink) == IN_ORDER[:2]


@pytest.mark.usefixtures("two_runs")
def test_an_outage_with_many_at_once_counts_against_the_first_alone(relay, outbox):
    sink = MemorySink(batch_size=3)
    sink.fail_next(*down())
    (report,) = relay(sink).sinks
    assert (report.failed, report.stopped_by) == (1, "http-503")
    assert [event.attempts for event in outbox.pending("memory")] == [1, 0, 0, 0]
