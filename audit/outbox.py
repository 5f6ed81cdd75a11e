"""The lineage outbox: events are stored with the caller's own rows, in one transaction, and sent on later.

So an event exists exactly when the work it tells of is committed, and a sink that is down costs nothing
but rows here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import rfc8785
from openlineage.client.event_v2 import RunEvent
from sqlalchemy import Connection, Engine, Select, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from audit.clock import Clock, stamp, utc_now
from audit.errors import LineageError
from audit.events import to_json
from audit.facets import GOVERNANCE_KEY, LakewardGovernanceRunFacet
from audit.ledger import Ledger
from audit.outbox_events import REJECTED, OutboxEvent, event_of, fact_of, is_pending, of_sink, reason
from audit.outbox_tables import DEAD, DELIVERED, PENDING, create_tables, deliveries, events

PRUNED_AT_ONCE = 1000
"""Events that leave in one transaction, so that whoever stores new ones does not wait long."""
SINK_IN_USE = timedelta(days=30)
"""A sink that no relay has worked for in this time is not waited for."""


@dataclass(frozen=True)
class Lag:
    """How far a sink is: events delivered and still kept, waiting, set aside; since when the first waits.

    `last_error` is the kind of that one's last failure, None where it was not tried yet.
    """

    delivered: int = 0
    pending: int = 0
    dead: int = 0
    oldest_pending_at: datetime | None = None
    last_error: str | None = None

    @property
    def reason(self) -> str:
        """Why the first one waits: a code such as `http-503`; empty where it was not tried."""
        return reason(self.last_error)


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
        self._ledger = Ledger(engine, clock)

    def append(self, run_events: Iterable[RunEvent], connection: Connection | None = None) -> int:
        """Store events in order and return how many are new; one that is there already stays as it is.

        Each new one is entered into the ledger, too, whole: there it stays when it was delivered and pruned.
        With `connection` they are written in the caller's open transaction, and gone if that rolls
        back; without, in one of their own. Raises LineageError for an event without our run facet.
        """
        rows = [self._row(event) for event in run_events]
        with nullcontext(connection) if connection is not None else self._engine.begin() as own:
            new = _insert_new(own, [row for row, _ in rows])
            self._ledger.append((fact_of(*row) for row in rows if row[0]["event_id"] in new), own)
        return len(new)

    def pending(self, sink: str, limit: int = 100, after: int = 0) -> tuple[OutboxEvent, ...]:
        """The first `limit` events above seq `after` that `sink` still waits for."""
        return self._read(
            of_sink(sink).where(is_pending(), events.c.seq > after).order_by(events.c.seq).limit(limit)
        )

    def dead_events(self, sink: str) -> tuple[OutboxEvent, ...]:
        """The events that were set aside for `sink`, in order."""
        return self._read(of_sink(sink).where(deliveries.c.state == DEAD).order_by(events.c.seq))

    def mark_delivered(self, sink: str, *seqs: int) -> None:
        """`sink` has taken the events. Saying so twice changes nothing."""
        self._save(sink, seqs, state=DELIVERED, next_attempt_at=None, last_error=None)

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
            [seq],
            state=DEAD if dead else PENDING,
            next_attempt_at=None if dead else stamp(next_attempt_at),
            last_error=(REJECTED if rejected else "") + error,
            rejections=int(rejected),
        )

    def revive(self, sink: str) -> int:
        """Make what was set aside for `sink` pending again, and end every wait; return how many."""
        own = deliveries.c.sink == sink
        asleep = own & (deliveries.c.state == PENDING)
        afresh = {"next_attempt_at": None, "updated_at": stamp(self._clock())}
        with self._engine.begin() as connection:
            connection.execute(update(deliveries).where(asleep).values(**afresh))
            result = connection.execute(
                update(deliveries)
                .where(own, deliveries.c.state == DEAD)
                .values(state=PENDING, rejections=0, last_error=None, **afresh)
            )
            return int(result.rowcount)

    def prune(self, sinks: Sequence[str], keep: int, before: datetime | None = None) -> int:
        """Delete the oldest events that every sink has taken, down to the newest `keep`; return how many.

        With `before`, only those that were stored before then. What waits for a sink or was set aside stays,
        however old, and so does a START without an end, by which a dead run is known. Besides `sinks` those
        count that a relay has worked for lately: not every process needs to have the same settings.
        """
        lately = deliveries.c.updated_at >= stamp(self._clock() - SINK_IN_USE)
        with self._engine.connect() as connection:
            in_use = {
                *sinks,
                *connection.execute(select(deliveries.c.sink).where(lately).distinct()).scalars(),
            }
            mine = deliveries.c.sink.in_(in_use) & (deliveries.c.state == DELIVERED)
            if before is not None:
                older = select(events.c.seq).where(events.c.created_at < stamp(before))
                mine &= deliveries.c.seq.in_(older)
            taken = (
                select(deliveries.c.seq)
                .where(mine)
                .group_by(deliveries.c.seq)
                .having(func.count() == len(in_use))
            )
            number = connection.execute(select(func.count()).select_from(taken.subquery())).scalar_one()
            old = taken.order_by(deliveries.c.seq).limit(max(0, number - keep)).subquery()
            ended = events.alias()
            has_end = select(ended.c.seq).where(
                ended.c.run_id == events.c.run_id, ended.c.event_type != "START"
            )
            closed = or_(events.c.event_type != "START", has_end.exists())
            seqs = (
                connection.execute(select(old.c.seq).join(events, events.c.seq == old.c.seq).where(closed))
                .scalars()
                .all()
            )
        for start in range(0, len(seqs), PRUNED_AT_ONCE):
            part = seqs[start : start + PRUNED_AT_ONCE]
            with self._engine.begin() as connection:
                connection.execute(delete(deliveries).where(deliveries.c.seq.in_(part)))
                connection.execute(delete(events).where(events.c.seq.in_(part)))
        return len(seqs)

    def lag(self, sink: str) -> Lag:
        """How far `sink` is."""

        def in_state(state: str) -> Any:
            own = deliveries.c.sink == sink, deliveries.c.state == state
            return select(func.count()).select_from(deliveries).where(*own).scalar_subquery()

        # One statement, so that the counts are of one moment; from indexes alone, because payloads are long.
        every = select(func.count()).select_from(events).scalar_subquery()
        with self._engine.connect() as connection:
            known, delivered, dead = connection.execute(
                select(every, in_state(DELIVERED), in_state(DEAD))
            ).one()
        first = self.pending(sink, limit=1)
        return Lag(
            delivered, known - delivered - dead, dead,
            first[0].created_at if first else None, first[0].last_error if first else None,
        )  # fmt: skip

    def _row(self, event: RunEvent) -> tuple[dict[str, Any], str]:
        """The event as the table has it, and the region in which it happened."""
        governance = (event.run.facets or {}).get(GOVERNANCE_KEY)
        if not isinstance(governance, LakewardGovernanceRunFacet):
            raise LineageError("an event does not say whose it is. To mend it: build it with audit.events.")
        row = {
            "event_id": event_id(event),
            "tenant_id": governance.tenant,
            "run_id": event.run.runId,
            "event_type": _event_type(event),
            "payload": to_json(event),
            "created_at": stamp(self._clock()),
        }
        return row, governance.region

    def _read(self, query: Select[Any]) -> tuple[OutboxEvent, ...]:
        with self._engine.connect() as connection:
            return tuple(event_of(row) for row in connection.execute(query))

    def _save(self, sink: str, seqs: Sequence[int], *, rejections: int = 0, **values: str | None) -> None:
        now = stamp(self._clock())
        first = {"sink": sink, "attempts": 1, "rejections": rejections, "updated_at": now, **values}
        again = {
            "attempts": deliveries.c.attempts + 1,
            "rejections": deliveries.c.rejections + rejections,
            "updated_at": now,
            **values,
        }
        with self._engine.begin() as connection:
            statement = _insert(connection)(deliveries).on_conflict_do_update(
                index_elements=["sink", "seq"],
                set_=again,
                # A second relay that has failed meanwhile undoes neither a delivery nor a setting aside.
                where=deliveries.c.state != DELIVERED if values["state"] == DELIVERED else is_pending(),
            )
            connection.execute(statement, [{**first, "seq": seq} for seq in seqs])


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


def _insert_new(connection: Connection, rows: list[dict[str, Any]]) -> set[str]:
    """The ids of those that were not there."""
    insert = _insert(connection)
    return {
        row["event_id"]
        for row in rows
        if connection.execute(
            insert(events).values(**row).on_conflict_do_nothing(index_elements=["event_id"])
        ).rowcount
    }
