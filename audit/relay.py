"""Sends what the outbox holds to the sinks: in order, at least once, and never at the pipeline's cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from audit.clock import Clock, utc_now
from audit.errors import SinkRejected, SinkUnavailable
from audit.outbox import Lag, Outbox, OutboxEvent
from audit.sinks import Sink
from audit.steps import CODE

PAGE = 200
"""Events read from the outbox at a time."""


@dataclass(frozen=True)
class RelayLimits:
    """How patient the relay is; times in seconds.

    A failed event waits `first_wait`, then twice as long after each further failure, `longest_wait` at
    most. `rejections_allowed` tries that a sink refuses for the event's own sake set it aside. One call
    of `deliver` starts no send after `budget`, and one send may take `send_timeout`.
    """

    first_wait: float = 1.0
    longest_wait: float = 300.0
    rejections_allowed: int = 3
    budget: float = 30.0
    send_timeout: float = 5.0

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after the `attempts`-th failure (from 1)."""
        # The exponent is bounded because an outage of days makes thousands of attempts.
        return timedelta(seconds=min(self.longest_wait, self.first_wait * 2.0 ** min(attempts - 1, 60)))


@dataclass(frozen=True)
class SinkReport:
    """What one call did for one sink. `stopped_by`: why it ended early (error kind, `waiting`, `budget`)."""

    sink: str
    delivered: int
    failed: int
    set_aside: int
    stopped_by: str | None
    lag: Lag


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
    clock: Clock = utc_now,
    limits: RelayLimits | None = None,
) -> DeliveryReport:
    """Send pending events to every sink; a sink's failure is kept in the outbox and reported, never raised.

    Order: a sink gets events in the order of the outbox. If it is unavailable, nothing goes past the
    event that met that. If it refuses one event, later events of the same run wait for that one, other
    runs go on. Time: the budget is shared out, so that a slow sink leaves the others theirs.
    Raises only what the control database raises.
    """
    limits = limits or RelayLimits()
    end = clock() + timedelta(seconds=limits.budget)
    reports = []
    for place, sink in enumerate(sinks):
        now = clock()
        share = (end - now) / (len(sinks) - place)
        reports.append(_Courier(outbox, sink, clock, limits, now + share).run())
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
        self._outbox, self._sink, self._clock, self._limits = (
            outbox,
            sink,
            clock,
            limits,
        )
        self._deadline = deadline
        self._held_runs: set[str] = set()
        self._report = SinkReport(sink.name, 0, 0, 0, None, Lag(0, 0, None))

    def run(self) -> SinkReport:
        after = 0
        while self._report.stopped_by is None:
            page = self._outbox.pending(self._sink.name, PAGE, after)
            if not page:
                break
            for event in page:
                stop = self._handle(event)
                if stop is not None:
                    self._report = replace(self._report, stopped_by=stop)
                    break
            after = page[-1].seq
        return replace(self._report, lag=self._outbox.lag(self._sink.name))

    def _handle(self, event: OutboxEvent) -> str | None:
        """Deal with one event; return why to stop, or None to go on."""
        if event.run_id in self._held_runs:
            return None
        now = self._clock()
        if event.next_attempt_at is not None and event.next_attempt_at > now:
            if not event.last_try_rejected:
                return "waiting"
            self._held_runs.add(event.run_id)
            return None
        left = (self._deadline - now).total_seconds()
        if left <= 0:
            return "budget"
        return self._send(event, min(left, self._limits.send_timeout))

    def _send(self, event: OutboxEvent, timeout: float) -> str | None:
        try:
            self._sink.send(event.payload, timeout)
        except SinkRejected as refusal:
            self._refused(event, refusal)
            return None
        except SinkUnavailable as failure:
            return self._unavailable(event, failure.kind)
        except Exception as error:  # noqa: BLE001 - see below
            # A sink of the user's own may raise anything; its fault is kept and shown like an outage.
            return self._unavailable(event, f"fault-{type(error).__name__}")
        self._outbox.mark_delivered(self._sink.name, event.seq)
        self._report = replace(self._report, delivered=self._report.delivered + 1)
        return None

    def _unavailable(self, event: OutboxEvent, kind: str) -> str:
        kind = _code(kind)
        self._fail(event, kind, rejected=False, dead=False)
        return kind

    def _refused(self, event: OutboxEvent, refusal: SinkRejected) -> None:
        dead = event.rejections + 1 >= self._limits.rejections_allowed
        self._fail(event, _code(refusal.kind), rejected=True, dead=dead)
        if dead:
            self._report = replace(self._report, set_aside=self._report.set_aside + 1)
        else:
            self._held_runs.add(event.run_id)

    def _fail(self, event: OutboxEvent, kind: str, *, rejected: bool, dead: bool) -> None:
        again_at = self._clock() + self._limits.wait(event.attempts + 1)
        self._outbox.mark_failed(self._sink.name, event.seq, kind, again_at, rejected=rejected, dead=dead)
        self._report = replace(self._report, failed=self._report.failed + 1)


def _code(kind: str) -> str:
    # A user's sink names its errors itself; what is no code could be a text that quotes data.
    return kind if CODE.fullmatch(kind) else "unnamed"
