"""Runs, relays, kills and a sink with moods, in any order: the promises of docs/lineage-delivery.md hold."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from audit.errors import SinkRejected, SinkUnavailable
from audit.outbox import Outbox
from audit.relay import RelayLimits, deliver

LIMITS = RelayLimits(first_wait=1, longest_wait=4, doubted_after=2, doubted_at_once=2)
MOODS = {
    "up": None,
    "down": SinkUnavailable("ConnectionRefusedError"),
    "full": SinkUnavailable("http-503", retry_after=3),
    "broken": SinkUnavailable("http-500", event_may_be_why=True),
    "slow": SinkUnavailable("timeout", event_may_be_why=True),
    "answer lost": SinkUnavailable("RemoteDisconnected", event_may_be_why=True),
}


POISON = [SinkRejected("http-400"), SinkUnavailable("http-500", event_may_be_why=True)]


class Killed(BaseException):
    """The process of the relay is gone."""


class Receiver:
    """A sink with moods. What it has taken is in `arrived`, whatever the relay was told."""

    name = "http"

    def __init__(self, batch_size):
        self.batch_size, self.mood, self.poison = batch_size, "up", {}
        self.arrived, self.before, self.behind = [], None, None

    def send(self, payloads, timeout_seconds):
        self._interrupted("before")
        if self.mood in ("slow", "answer lost"):  # slow: it takes the event after all, too late
            self.arrived.extend(payloads)
        if MOODS[self.mood] is not None:
            raise MOODS[self.mood]
        for payload in payloads:
            if identity(payload) in self.poison:
                raise self.poison[identity(payload)]
        self.arrived.extend(payloads)
        self._interrupted("behind")

    def _interrupted(self, when):
        act = getattr(self, when)
        setattr(self, when, None)
        if act is not None:
            act()


def identity(payload):
    event = json.loads(payload)
    return event["run"]["runId"], event["eventType"]


class Delivery(RuleBasedStateMachine):
    make_step = start = complete = make_clock = None

    @initialize(batch_size=st.sampled_from([1, 3]))
    def begin(self, batch_size):
        self.clock = self.make_clock()
        self.turns = Path(tempfile.mkdtemp())
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self.outbox, self.sink = Outbox(self.engine, self.clock), Receiver(batch_size)
        self.stored, self.ever_poison, self.once_aside = {}, set(), set()

    def relay(self, turns=None):
        deliver(Outbox(self.engine, self.clock), [self.sink], turns or self.turns, self.clock, LIMITS)

    @rule(run=st.integers(0, 4), poison=st.sampled_from([None] * 4 + POISON))
    def emit(self, run, poison):
        step = self.make_step(run_id=f"run-{run}")
        event = self.start(step)
        if (event.run.runId, "START") in self.stored:
            event = self.complete(step, self.clock())
        if self.outbox.append([event]):
            payload = self.outbox.pending("http", limit=10_000)[-1].payload
            self.stored[identity(payload)] = payload
            if poison is not None:
                self.sink.poison[identity(payload)] = poison
                self.ever_poison.add(identity(payload))

    @rule(mood=st.sampled_from(sorted(MOODS)))
    def change_mood(self, mood):
        self.sink.mood = mood

    @rule(seconds=st.integers(0, 5))
    def time_passes(self, seconds):
        self.clock.forward(seconds)

    @rule()
    def run_relay(self):
        self.relay()

    @rule(when=st.sampled_from(["before", "behind"]))
    def kill_relay(self, when):
        def die():
            raise Killed

        setattr(self.sink, when, die)
        try:
            self.relay()
        except Killed:
            self.outbox = Outbox(self.engine, self.clock)
        self.sink.before = self.sink.behind = None

    @rule(when=st.sampled_from(["before", "behind"]), apart=st.booleans())
    def two_relays(self, when, apart):
        other = self.turns / "apart" if apart else None
        setattr(self.sink, when, lambda: self.relay(other))
        self.relay()
        self.sink.before = self.sink.behind = None

    @rule(keep=st.integers(0, 3))
    def prune(self, keep):
        self.outbox.prune(["http"], keep)

    @rule()
    def steward_retries(self):
        self.outbox.revive("http")

    @precondition(lambda self: self.sink.poison)
    @rule()
    def steward_mends(self):
        self.sink.poison.popitem()

    @invariant()
    def nothing_is_lost_and_only_poison_is_set_aside(self):
        waiting = {identity(event.payload) for event in self.outbox.pending("http", limit=10_000)}
        aside = {identity(event.payload) for event in self.outbox.dead_events("http")}
        assert set(self.stored) == waiting | aside | {identity(payload) for payload in self.sink.arrived}
        assert aside <= self.ever_poison
        self.once_aside |= aside

    @invariant()
    def what_arrived_is_what_was_stored(self):
        assert all(self.stored[identity(payload)] == payload for payload in self.sink.arrived)

    @invariant()
    def each_run_is_in_order(self):
        self.nothing_is_lost_and_only_poison_is_set_aside()
        seen = set()
        for payload in self.sink.arrived:
            run, kind = identity(payload)
            seen.add((run, kind))
            assert kind == "START" or (run, "START") in seen | self.once_aside

    def teardown(self):
        if not hasattr(self, "engine"):
            return
        self.sink.mood = "up"
        self.sink.poison.clear()
        self.outbox.revive("http")
        self.relay()
        lag = self.outbox.lag("http")
        assert (lag.pending, lag.dead) == (0, 0)
        self.nothing_is_lost_and_only_poison_is_set_aside()
        self.engine.dispose()
        shutil.rmtree(self.turns)


@pytest.fixture
def machine(make_step, start, complete, make_clock):
    parts = {"make_step": make_step, "start": start, "complete": complete, "make_clock": make_clock}
    return type("Delivery", (Delivery,), {name: staticmethod(part) for name, part in parts.items()})


def test_whatever_happens_each_event_arrives_in_the_order_of_its_run_and_always_the_same(machine):
    run_state_machine_as_test(
        machine, settings=settings(max_examples=50, stateful_step_count=30, deadline=None)
    )
