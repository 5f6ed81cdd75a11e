"""The lineage outbox: events are stored with the caller's own rows, in one transaction, and sent on later.

So an event exists exactly when the work it tells of is committed, and a sink that is down costs nothing
but rows here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from openlineage.client.event_v2 import RunEvent
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from audit.clock import Clock, moment, stamp, utc_now
from audit.errors import LineageError
from audit.events import to_json
from audit.facets import GOVERNANCE_KEY, LakewardGovernanceRunFacet
from audit.outbox_tables import (
    DEAD,
    DELIVERED,
    PENDING,
    create_tables,
    deliveries,
    events,
)


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


@dataclass(frozen=True)
class Lag:
    """How far a sink is behind: events waiting, events set aside, since when the oldest waits."""

    pending: int
    dead: int
    oldest_pending_at: datetime | None


def event_id(event: RunEvent) -> str:
    """SHA-256, in hex, of what an event is: run, event type and job. Its time and facets do not count."""
    identity = [event.run.runId, _event_type(event), event.job.namespace, event.job.name]
    return hashlib.sha256(rfc8785.dumps(identity)).hexdigest()


class Outbox:
    """The outbox in a control database (SQLite or PostgreSQL). Makes its tables where they are missing."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock
        create_tables(engine)

    def append(self, run_events: Iterable[RunEvent], connection: Connection | None = None) -> int:
        """Store events in order and return how many are new; one that is there already stays as it is.

        With `connection` they are written in the caller's open transaction, and gone if that rolls
        back; without, in one of their own. Raises LineageError for an event without our run facet.
        """
        rows = [self._row(event) for event in run_events]
        if connection is not None:
            return _insert_new(connection, rows)
        with self._engine.begin() as own:
            return _insert_new(own, rows)

    def pending(self, sink: str, limit: int = 100, after: int = 0) -> tuple[OutboxEvent, ...]:
        """The first `limit` events above seq `after` that `sink` still waits for."""
        query = (
            _with_deliveries(sink)
            .where(_is_pending(), events.c.seq > after)
            .order_by(events.c.seq)
            .limit(limit)
        )
        return self._read(query)

    def dead_events(self, sink: str) -> tuple[OutboxEvent, ...]:
        """The events that were set aside for `sink`, in order."""
        return self._read(_with_deliveries(sink).where(deliveries.c.state == DEAD).order_by(events.c.seq))

    def mark_delivered(self, sink: str, seq: int) -> None:
        """`sink` has taken the event. Saying so twice changes nothing."""
        self._save(sink, seq, state=DELIVERED, next_attempt_at=None, last_error=None)

    def mark_failed(
        self,
        sink: str,
        seq: int,
        error: str,
        next_attempt_at: datetime,
        *,
        rejected: bool = False,
        dead: bool = False,
    ) -> None:
        """A try failed, with the kind `error`. Not again before `next_attempt_at`, or never if `dead`."""
        self._save(
            sink,
            seq,
            state=DEAD if dead else PENDING,
            next_attempt_at=None if dead else stamp(next_attempt_at),
            last_error=("rejected:" if rejected else "") + error,
            rejections=int(rejected),
        )

    def revive(self, sink: str) -> int:
        """Make the events that were set aside for `sink` pending again; return how many."""
        with self._engine.begin() as connection:
            result = connection.execute(
                update(deliveries)
                .where(deliveries.c.sink == sink, deliveries.c.state == DEAD)
                .values(
                    state=PENDING,
                    rejections=0,
                    next_attempt_at=None,
                    last_error=None,
                    updated_at=stamp(self._clock()),
                )
            )
            return int(result.rowcount)

    def lag(self, sink: str) -> Lag:
        """How far `sink` is behind."""
        joined = events.outerjoin(deliveries, _same_event(sink))
        waiting = select(func.count(), func.min(events.c.created_at)).select_from(joined).where(_is_pending())
        dead = select(func.count()).where(deliveries.c.sink == sink, deliveries.c.state == DEAD)
        with self._engine.connect() as connection:
            count, oldest = connection.execute(waiting).one()
            return Lag(
                count,
                connection.execute(dead).scalar_one(),
                moment(oldest) if oldest else None,
            )

    def _row(self, event: RunEvent) -> dict[str, Any]:
        governance = (event.run.facets or {}).get(GOVERNANCE_KEY)
        if not isinstance(governance, LakewardGovernanceRunFacet):
            raise LineageError("an event does not say whose it is. To mend it: build it with audit.events.")
        return {
            "event_id": event_id(event),
            "tenant_id": governance.tenant,
            "run_id": event.run.runId,
            "event_type": _event_type(event),
            "payload": to_json(event),
            "created_at": stamp(self._clock()),
        }

    def _read(self, query: Select[Any]) -> tuple[OutboxEvent, ...]:
        with self._engine.connect() as connection:
            return tuple(_event_of(row) for row in connection.execute(query))

    def _save(self, sink: str, seq: int, *, rejections: int = 0, **values: str | None) -> None:
        now = stamp(self._clock())
        with self._engine.begin() as connection:
            statement = _insert(connection)(deliveries).values(
                sink=sink,
                seq=seq,
                attempts=1,
                rejections=rejections,
                updated_at=now,
                **values,
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["sink", "seq"],
                    set_={
                        "attempts": deliveries.c.attempts + 1,
                        "rejections": deliveries.c.rejections + rejections,
                        "updated_at": now,
                        **values,
                    },
                    # What is delivered stays so, even if a second relay has failed with it meanwhile.
                    where=deliveries.c.state != DELIVERED,
                )
            )


def _event_type(event: RunEvent) -> str:
    if event.eventType is None:
        raise LineageError("an event without a type has no identity. To mend it: build it with audit.events.")
    return event.eventType.value


def _insert(connection: Connection) -> Any:
    """The dialect's own insert, for the sake of ON CONFLICT, which plain SQL lacks."""
    makers = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    name = connection.dialect.name
    if name not in makers:
        raise LineageError(f"the control database is {name}. To mend it: use SQLite or PostgreSQL.")
    return makers[name]


def _insert_new(connection: Connection, rows: list[dict[str, Any]]) -> int:
    insert = _insert(connection)
    return sum(
        connection.execute(
            insert(events).values(**row).on_conflict_do_nothing(index_elements=["event_id"])
        ).rowcount
        for row in rows
    )


def _same_event(sink: str) -> Any:
    return and_(deliveries.c.seq == events.c.seq, deliveries.c.sink == sink)


def _is_pending() -> Any:
    return or_(deliveries.c.state.is_(None), deliveries.c.state == PENDING)


def _with_deliveries(sink: str) -> Select[Any]:
    return select(
        events,
        func.coalesce(deliveries.c.attempts, 0).label("attempts"),
        func.coalesce(deliveries.c.rejections, 0).label("rejections"),
        deliveries.c.next_attempt_at,
        deliveries.c.last_error,
        case((deliveries.c.last_error.startswith("rejected:"), 1), else_=0).label("last_try_rejected"),
    ).select_from(events.outerjoin(deliveries, _same_event(sink)))


def _event_of(row: Row[Any]) -> OutboxEvent:
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
