"""How lineage leaves the lake: the sinks that the settings name, one relay over them, and what is amiss."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from audit.clock import utc_now
from audit.http_sink import HttpSink
from audit.outbox import Outbox
from audit.relay import DeliveryReport, RelayLimits, deliver
from audit.sinks import FileSink, Sink
from dagster_project.settings import Settings

LATE = timedelta(hours=1)
MANY = 1000
"""From here on a steward is warned: the first event waits for longer, or more of them wait."""


@dataclass(frozen=True)
class SetAside:
    """Events that a sink does not take, of one tenant, step and reason (such as `http-400`)."""

    sink: str
    tenant: str
    step: str
    reason: str
    events: int


def lineage_sinks(settings: Settings) -> list[Sink]:
    """The file and, where one is set, the HTTP endpoint. Opens and reads nothing."""
    sinks: list[Sink] = [FileSink(settings.lineage_file)]
    if settings.lineage_url:
        sinks.append(HttpSink(settings.lineage_url, settings.read_lineage_token))
    return sinks


def relay_step(engine: Engine, settings: Settings, limits: RelayLimits | None = None) -> DeliveryReport:
    """Deliver waiting events to every sink, then let go of those that all have taken."""
    outbox, sinks = Outbox(engine), lineage_sinks(settings)
    report = deliver(outbox, sinks, settings.leases, limits=limits)
    outbox.prune([sink.name for sink in sinks], settings.lineage_keep)
    return report


def retry_step(engine: Engine, settings: Settings) -> DeliveryReport:
    """Send what was set aside again, and what waits for its time now; one refusal sets aside again."""
    outbox = Outbox(engine)
    for sink in lineage_sinks(settings):
        outbox.revive(sink.name)
    return relay_step(engine, settings, RelayLimits(rejections_allowed=1, budget=600.0))


def set_aside(engine: Engine, settings: Settings) -> list[SetAside]:
    """What every sink does not take, and why."""
    outbox = Outbox(engine)
    found = Counter(
        (sink.name, event.tenant_id, json.loads(event.payload)["job"]["name"], event.reason)
        for sink in lineage_sinks(settings)
        for event in outbox.dead_events(sink.name)
    )
    return [SetAside(*what, events=number) for what, number in sorted(found.items())]


def troubles(report: DeliveryReport, now: datetime | None = None) -> list[str]:
    """What a steward should look at, a sentence a sink; empty while lineage arrives."""
    limit = (now or utc_now()) - LATE
    told = []
    for one in report.sinks:
        lag = one.lag
        why = f", because of {lag.reason}" if lag.reason else ""
        if lag.dead:
            told.append(f"{one.sink} refuses {lag.dead} events")
        if lag.oldest_pending_at is not None and (lag.oldest_pending_at < limit or lag.pending > MANY):
            since = lag.oldest_pending_at.strftime("%Y-%m-%d %H:%M")
            told.append(f"{lag.pending} events wait for {one.sink} since {since} UTC{why}")
    return told
