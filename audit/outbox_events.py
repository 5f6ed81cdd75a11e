"""An event of the outbox as one sink sees it, and the query that reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select

from audit.clock import moment
from audit.ledger_entry import EVENT, Fact
from audit.outbox_tables import PENDING, deliveries, events

REJECTED = "rejected:"


@dataclass(frozen=True)
class OutboxEvent:
    """A stored event as one sink sees it. `rejections`: tries refused for the event's own sake."""

    seq: int
    event_id: str
    tenant_id: str
    run_id: str
    event_type: str
    payload: str
    created_at: datetime
    attempts: int = 0
    rejections: int = 0
    next_attempt_at: datetime | None = None
    last_error: str | None = None
    last_try_rejected: bool = False

    @property
    def reason(self) -> str:
        """The code of its last failure, such as `http-400`; empty where there was none."""
        return reason(self.last_error)


def reason(last_error: str | None) -> str:
    """The code in a stored error, which also says whether it was a refusal."""
    return (last_error or "").removeprefix(REJECTED)


def of_sink(sink: str) -> Select[Any]:
    """Every event with `sink`'s state of it."""
    return select(
        events,
        func.coalesce(deliveries.c.attempts, 0).label("attempts"),
        func.coalesce(deliveries.c.rejections, 0).label("rejections"),
        deliveries.c.next_attempt_at,
        deliveries.c.last_error,
        case((deliveries.c.last_error.startswith(REJECTED), 1), else_=0).label("last_try_rejected"),
    ).select_from(
        events.outerjoin(deliveries, and_(deliveries.c.seq == events.c.seq, deliveries.c.sink == sink))
    )


def is_pending() -> Any:
    """The condition that the sink still waits for the event."""
    return or_(deliveries.c.state.is_(None), deliveries.c.state == PENDING)


def event_of(row: Row[Any]) -> OutboxEvent:
    """The event in a row of `of_sink`."""
    return OutboxEvent(
        seq=row.seq,
        event_id=row.event_id,
        tenant_id=row.tenant_id,
        run_id=row.run_id,
        event_type=row.event_type,
        payload=row.payload,
        created_at=moment(row.created_at),
        attempts=row.attempts,
        rejections=row.rejections,
        next_attempt_at=moment(row.next_attempt_at) if row.next_attempt_at else None,
        last_error=row.last_error,
        last_try_rejected=bool(row.last_try_rejected),
    )


def fact_of(row: Mapping[str, Any], region: str) -> Fact:
    """What the ledger says of an event: the event itself, and the digest of its bytes as they are sent."""
    payload: str = row["payload"]
    body = {
        "event_id": row["event_id"],
        "sha256": hashlib.sha256(payload.encode()).hexdigest(),
        EVENT: json.loads(payload),
    }
    return Fact("lineage", row["event_id"], body, row["tenant_id"], region)
