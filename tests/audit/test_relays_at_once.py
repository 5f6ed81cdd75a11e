"""Relays beside each other: a run's, a sensor's, a steward's."""

from __future__ import annotations

import threading

from lineage_endpoint import after, assert_sound, status

from audit.http_sink import HttpSink
from audit.outbox import Outbox
from audit.relay import BUSY, RelayLimits, deliver

TAKEN = status(201)


def test_while_one_relay_delivers_another_gives_way_and_nothing_comes_twice(
    endpoint, relay_http, work, outbox, http, turns
):
    work("run-0", "acme", "globex")
    gate = threading.Event()
    endpoint.script.append(after(gate, TAKEN))
    limits = RelayLimits(send_timeout=20, budget=60)
    first = threading.Thread(target=deliver, args=(outbox, [http], turns), kwargs={"limits": limits})
    first.start()
    assert endpoint.came.acquire(timeout=20)
    assert relay_http().stopped_by == BUSY
    gate.set()
    first.join()
    assert len(endpoint.requests) == 4
    assert_sound(endpoint, 4)


def test_what_the_one_that_gave_way_had_stored_is_delivered_by_the_other(
    endpoint, relay_http, work, outbox, http, turns, monkeypatch
):
    """It may be stored after the other has read for the last time, and before it lets go."""
    work("run-0", "acme")
    gave_way = []

    def last_look(sink, limit=100, after=0):
        found = Outbox.pending(outbox, sink, limit, after)
        if not found and not gave_way:
            work("run-1", "globex")
            gave_way.append(relay_http().stopped_by)
        return found

    monkeypatch.setattr(outbox, "pending", last_look)
    assert relay_http().delivered == 4
    assert gave_way == [BUSY]


def test_many_relays_at_once_deliver_each_event_once_and_in_order(endpoint, engine, http, turns, work):
    def run(number):
        for n in range(5):
            work(f"run-{n}", f"tenant_{number}")
            deliver(Outbox(engine), [HttpSink(endpoint.url)], turns)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (report,) = deliver(Outbox(engine), [http], turns).sinks
    assert (report.delivered, report.lag.pending) == (0, 0)
    assert len(endpoint.requests) == 40
    assert_sound(endpoint, 40)


class Overtaken(HttpSink):
    """Before its first event leaves, another relay has come and gone."""

    other = None

    def send(self, payloads, timeout_seconds):
        other, self.other = self.other, None
        if other is not None:
            other()
        super().send(payloads, timeout_seconds)


def test_a_relay_that_holds_an_old_list_delivers_nothing_out_of_order(endpoint, outbox, http, turns, work):
    """Should two relays ever share no folder for their turns: duplicates, and the order of first arrivals."""
    work("run-0", "acme", "globex")
    slow = Overtaken(endpoint.url)
    slow.other = lambda: deliver(outbox, [http], turns.with_name("elsewhere"))
    deliver(outbox, [slow], turns)
    assert len(endpoint.requests) == 8
    assert_sound(endpoint, 4)
