"""Sends what the outbox holds to the sinks: in order, at least once, and never at the pipeline's cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from audit.clock import Clock, utc_now
from audit.errors import SinkRejected, SinkUnavailable
from audit.outbox import Lag, Outbox
from audit.outbox_events import OutboxEvent
from audit.sinks import Sink
from audit.steps import CODE
from audit.turns import turn

PAGE = 200
"""Events read from the outbox at a time."""

BUSY, WAITING, BUDGET = "busy", "waiting", "budget"


@dataclass(frozen=True)
class RelayLimits:
    """How patient the relay is; times in seconds.

    A failed event waits `first_wait`, then twice as long after each further failure, `longest_wait` at
    most. `rejections_allowed` tries that a sink refuses for the event's own sake set it aside. One call
    of `deliver` starts no send after `budget`, and one send may take `send_timeout`.

    An event that failed `doubted_after` times at a sink which can be reached no longer stops the rest: up to
    `doubted_at_once` such runs are passed by, to see whether the sink or the event is at fault.
    """

    first_wait: float = 1.0
    longest_wait: float = 300.0
    rejections_allowed: int = 3
    doubted_after: int = 3
    doubted_at_once: int = 5
    budget: float = 10.0
    send_timeout: float = 5.0

    def wait(self, attempts: int, asked: float = 0.0) -> timedelta:
        """How long to wait after the `attempts`-th failure (from 1), where the sink asks for `asked`."""
        # The exponent is bounded because an outage of days makes thousands of attempts.
        own = self.first_wait * 2.0 ** min(attempts - 1, 60)
        return timedelta(seconds=min(self.longest_wait, max(own, asked)))


@dataclass(frozen=True)
class SinkReport:
    """What one call did for one sink. `failed`: tries in vain; `set_aside`: events given up in this call.

    `stopped_by` is why it ended early: an error's kind, `waiting` (for the time of the next try), `budget`,
    `busy` (another relay delivers to this sink); None: it went through.
    """

    sink: str
    delivered: int = 0
    failed: int = 0
    set_aside: int = 0
    stopped_by: str | None = None
    lag: Lag = field(default_factory=Lag)


@dataclass(frozen=True)
class DeliveryReport:
    """What one call of `deliver` did, sink by sink."""

    sinks: tuple[SinkReport, ...]

    @property
    def all_delivered(self) -> bool:
        """True if no event waits and none was set aside, at any sink."""
        return all(not one.lag.pending and not one.lag.dead for one in self.sinks)


def deliver(
    outbox: Outbox,
    sinks: Sequence[Sink],
    turns: Path,
    clock: Clock = utc_now,
    limits: RelayLimits | None = None,
) -> DeliveryReport:
    """Send pending events to every sink; a sink's failure is kept in the outbox and reported, never raised.

    Order: a sink gets events in the order of the outbox. If it is unavailable, nothing goes past the
    event that met that, unless that is in doubt (see RelayLimits). If it refuses one event, later events of
    the same run wait for that one until it is set aside; other runs go on. Time: the budget is shared out,
    so that a slow sink leaves the others theirs. Relays that share the folder `turns` take turns at each
    sink, and none waits for another. Raises only what the control database raises.
    """
    limits = limits or RelayLimits()
    end = clock() + timedelta(seconds=limits.budget)
    reports = []
    for place, sink in enumerate(sinks):
        now = clock()
        share = (end - now) / (len(sinks) - place)
        reports.append(_Courier(outbox, sink, clock, limits, now + share).run(turns))
    return DeliveryReport(tuple(reports))


class _Courier:
    """One call's work for one sink."""

    def __init__(
        self,
        outbox: Outbox,
        sink: Sink,
        clock: Clock,
        limits: RelayLimits,
        deadline: datetime,
    ) -> None:
        self._outbox, self._sink, self._clock, self._limits = outbox, sink, clock, limits
        self._deadline = deadline
        self._after = 0
        self._held_runs: set[str] = set()
        self._doubted: list[tuple[OutboxEvent, SinkUnavailable]] = []
        self._report = SinkReport(sink.name)

    def run(self, turns: Path) -> SinkReport:
        """Deliver until nothing is left or something stops it."""
        while True:
            with turn(turns, self._sink.name) as mine:
                stop = self._pages() if mine else BUSY
            # Whoever came meanwhile found us busy and left its events to us: look once more.
            if stop is not None or not self._outbox.pending(self._sink.name, 1, self._after):
                return replace(self._report, stopped_by=stop, lag=self._outbox.lag(self._sink.name))

    def _pages(self) -> str | None:
        stop = None
        while stop is None and (page := self._outbox.pending(self._sink.name, PAGE, self._after)):
            for start in range(0, len(page), self._sink.batch_size):
                stop = self._take(page[start : start + self._sink.batch_size])
                if stop is not None:
                    break
            self._after = page[-1].seq
        # No other event was taken after those that are in doubt: so it was the sink.
        for event, failure in self._doubted:
            self._unavailable(event, failure)
            stop = stop or _code(failure.kind)
        self._doubted.clear()
        return stop

    def _take(self, events: Sequence[OutboxEvent]) -> str | None:
        """Deal with these events; return why to stop, or None to go on."""
        due, stop = self._due(events)
        return (self._send(due) if due else None) or stop

    def _due(self, events: Sequence[OutboxEvent]) -> tuple[list[OutboxEvent], str | None]:
        now, due = self._clock(), []
        # A time further off than any wait was written by a clock that was wrong.
        furthest = now + timedelta(seconds=self._limits.longest_wait)
        for event in events:
            if event.run_id in self._held_runs:
                continue
            if event.next_attempt_at is None or not now < event.next_attempt_at <= furthest:
                due.append(event)
            elif event.last_try_rejected:
                self._held_runs.add(event.run_id)
            else:
                return due, WAITING
        return due, None

    def _send(self, events: Sequence[OutboxEvent]) -> str | None:
        left = (self._deadline - self._clock()).total_seconds()
        if left <= 0:
            return BUDGET
        try:
            self._sink.send([event.payload for event in events], min(left, self._limits.send_timeout))
        except (SinkRejected, SinkUnavailable) as failure:
            return self._not_taken(events, failure)
        except Exception as error:  # noqa: BLE001 - see below
            # A sink of the user's own may raise anything; its fault is kept and shown like an outage.
            return self._not_taken(events, SinkUnavailable(f"fault-{type(error).__name__}"))
        self._outbox.mark_delivered(self._sink.name, *[event.seq for event in events])
        self._report = replace(self._report, delivered=self._report.delivered + len(events))
        self._convict()
        return None

    def _not_taken(
        self, events: Sequence[OutboxEvent], failure: SinkRejected | SinkUnavailable
    ) -> str | None:
        if len(events) > 1 and (isinstance(failure, SinkRejected) or failure.event_may_be_why):
            return self._one_by_one(events)  # to see which of them it is
        if isinstance(failure, SinkUnavailable):
            return self._failed(events[0], failure)
        self._refused(events[0], failure.kind)
        return None

    def _one_by_one(self, events: Sequence[OutboxEvent]) -> str | None:
        for event in events:
            stop = self._take([event])
            if stop is not None:
                return stop
        return None

    def _failed(self, event: OutboxEvent, failure: SinkUnavailable) -> str | None:
        """Stop, unless the event has failed so often that it is in doubt; then the next one tells."""
        tried = bool(self._doubted) or event.attempts + 1 >= self._limits.doubted_after
        if failure.event_may_be_why and tried and len(self._doubted) < self._limits.doubted_at_once:
            self._doubted.append((event, failure))
            self._held_runs.add(event.run_id)
            return None
        self._unavailable(event, failure)
        return _code(failure.kind)

    def _convict(self) -> None:
        """The sink takes other events: what it failed with before is their own fault."""
        for event, failure in self._doubted:
            self._refused(event, failure.kind)
        self._doubted.clear()

    def _unavailable(self, event: OutboxEvent, failure: SinkUnavailable) -> None:
        again_at = self._clock() + self._limits.wait(event.attempts + 1, failure.retry_after or 0.0)
        self._outbox.mark_failed(self._sink.name, event.seq, _code(failure.kind), again_at)
        self._report = replace(self._report, failed=self._report.failed + 1)

    def _refused(self, event: OutboxEvent, kind: str) -> None:
        dead = event.rejections + 1 >= self._limits.rejections_allowed
        again_at = self._clock() + self._limits.wait(event.attempts + 1)
        self._outbox.mark_failed(self._sink.name, event.seq, _code(kind), again_at, rejected=True, dead=dead)
        self._report = replace(
            self._report, failed=self._report.failed + 1, set_aside=self._report.set_aside + dead
        )
        if not dead:
            self._held_runs.add(event.run_id)


def _code(kind: str) -> str:
    # A user's sink names its errors itself; what is no code could be a text that quotes data.
    return kind if CODE.fullmatch(kind) else "unnamed"
