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
from audit.events import to_json
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
        self.steps = []

    def relay(self, turns=None):
        deliver(Outbox(self.engine, self.clock), [self.sink], turns or self.turns, self.clock, LIMITS)

    @rule(poison=st.sampled_from([None, None, *POISON]), whole=st.booleans())
    def begin_step(self, poison, whole):
        self.steps.append(self.make_step(run_id=f"run-{len(self.steps)}"))
        self.emit(self.start(self.steps[-1]), poison)
        if whole:
            self.emit(self.complete(self.steps[-1], self.clock()))

    @precondition(lambda self: self.steps)
    @rule(which=st.integers(0), poison=st.sampled_from([None, None, *POISON]))
    def end_step(self, which, poison):
        self.emit(self.complete(self.steps[which % len(self.steps)], self.clock()), poison)

    def emit(self, event, poison=None):
        # Once: what is stored anew after it was pruned is another event, of another time.
        if identity(to_json(event)) not in self.stored:
            self.outbox.append([event])
            payload = self.outbox.pending("http", limit=10_000)[-1].payload
            self.stored[identity(payload)] = payload
            if poison is not None:
                self.sink.poison[identity(payload)] = poison
                self.ever_poison.add(identity(payload))

    @rule(mood=st.sampled_from(["up"] * 5 + sorted(MOODS)))
    def change_mood(self, mood):
        self.sink.mood = mood

    @rule(seconds=st.integers(0, 5))
    def run_relay(self, seconds):
        self.clock.forward(seconds)
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
    def promises_hold(self):
        waiting = {identity(event.payload) for event in self.outbox.pending("http", limit=10_000)}
        aside = {identity(event.payload) for event in self.outbox.dead_events("http")}
        self.once_aside |= aside
        arrived = [identity(payload) for payload in self.sink.arrived]
        assert set(self.stored) == waiting | aside | set(arrived), "an event is lost"
        assert aside <= self.ever_poison, "a good event was set aside"
        same = [payload == self.stored[one] for payload, one in zip(self.sink.arrived, arrived, strict=True)]
        assert all(same), "a duplicate differs"
        for place, (run, kind) in enumerate(arrived):
            begun = (run, "START") in arrived[:place] or (run, "START") in self.once_aside
            assert kind == "START" or begun, "a run is out of order"

    def teardown(self):
        if not hasattr(self, "engine"):
            return
        self.sink.mood = "up"
        self.sink.poison.clear()
        self.outbox.revive("http")
        self.relay()
        lag = self.outbox.lag("http")
        assert (lag.pending, lag.dead) == (0, 0)
        self.promises_hold()
        self.engine.dispose()
        shutil.rmtree(self.turns)


@pytest.fixture
def machine(make_step, start, complete, make_clock):
    parts = {"make_step": make_step, "start": start, "complete": complete, "make_clock": make_clock}
    return type("Delivery", (Delivery,), {name: staticmethod(part) for name, part in parts.items()})


def test_whatever_happens_each_event_arrives_in_the_order_of_its_run_and_always_the_same(machine):
    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None)
    )
