"""Erasure requests: who asked for what, how far it is, and until when. Tokens only, never a value."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import isodate
from sqlalchemy import Connection, Engine, Row, func, select, update
from sqlalchemy.exc import IntegrityError

from audit.ledger import Fact, Ledger
from retention.request_facts import Moved, moved_facts, received_fact
from retention.request_kinds import (
    DUE,
    MOVES,
    OPEN,
    UNDONE,
    Named,
    Outcome,
    Request,
    RequestError,
    Role,
    State,
)
from retention.request_tables import (
    erasure_requests,
    metadata,
    request_finds,
    request_moves,
    request_tokens,
)
from tenancy.control import now

__all__ = [
    "DUE",
    "MOVES",
    "OPEN",
    "UNDONE",
    "Named",
    "Outcome",
    "Request",
    "RequestError",
    "Role",
    "State",
    "add_tokens",
    "all_requests",
    "found_rows",
    "metadata",
    "move",
    "moves_of",
    "note_found",
    "receive",
    "requests_of",
    "the_request",
    "tokens_of_requests",
]


def receive(
    engine: Engine,
    tenants: Iterable[str],
    asked: Sequence[tuple[str, Mapping[str, str]]],
    source: str,
    due: str = DUE,
) -> list[str]:
    """Take requests down in one transaction; their ids, in order.

    The same tokens for the same tenant are the same request while that one is not done.

    Args:
        engine: The control database.
        tenants: The tenants that the policies know.
        asked: For each request its tenant and the tokens by domain (`retention.identifiers.tokens_of`).
        source: `cli`, `inbox` or `dagster`.
        due: An ISO 8601 period from now until the deadline.

    Raises:
        RequestError: a tenant is not known, or a request names nobody.
    """
    known = set(tenants)
    for tenant, tokens in asked:
        if tenant not in known:
            raise RequestError(
                "a request is for no tenant here. To mend it: give one that the policies declare"
            )
        if not tokens:
            raise RequestError("a request names nobody. To mend it: give at least one identifier")
    ledger = Ledger(engine)
    try:
        return _receive_all(engine, ledger, asked, (source, due))
    except IntegrityError:  # another process took one of them down in the same moment: now it is found
        return _receive_all(engine, ledger, asked, (source, due))


def _receive_all(
    engine: Engine, ledger: Ledger, asked: Sequence[tuple[str, Mapping[str, str]]], how: tuple[str, str]
) -> list[str]:
    facts: list[Fact] = []
    with engine.begin() as connection:
        ids = [_receive(connection, facts, tenant, tokens, how) for tenant, tokens in asked]
        ledger.append(facts, connection)
    return ids


def _receive(
    connection: Connection, facts: list[Fact], tenant: str, tokens: Mapping[str, str], how: tuple[str, str]
) -> str:
    """The request's id; what the ledger is to be told of a new one is added to `facts`."""
    source, due = how
    asked = hashlib.sha256(json.dumps(sorted(tokens.items())).encode()).hexdigest()
    table = erasure_requests
    same = (table.c.tenant_id == tenant) & (table.c.asked == asked) & table.c.state.in_(UNDONE)
    found = connection.execute(select(table.c.request_id).where(same)).scalar()
    if found is not None:
        return str(found)
    request_id, moment = uuid.uuid4().hex, now()
    row = {
        "request_id": request_id, "tenant_id": tenant, "kind": "erase", "state": State.RECEIVED,
        "asked": asked, "source": source, "received_at": moment,
        "due_at": moment + isodate.parse_duration(due),
    }  # fmt: skip
    connection.execute(table.insert(), row)
    _add(connection, request_id, [Named(domain, token) for domain, token in tokens.items()])
    number = _record(connection, request_id, None, State.RECEIVED)
    facts.append(received_fact(row, number, tokens.values()))
    return request_id


def move(
    bind: Engine | Connection,
    request_ids: Sequence[str],
    state: State,
    *,
    outcome: Outcome | None = None,
    detail: str | None = None,
    receipt: str | None = None,
    receipt_sha256: str | None = None,
) -> None:
    """Bring requests to `state`, recorded with the time; what is given beside it is kept with each.

    The ledger is told in the same transaction; of a receipt by its digest, `receipt_sha256` in hex. With
    a connection that is the caller's open transaction, with an engine one of its own.
    Raises RequestError for a move that is not in `MOVES`, also where another process moved one meanwhile;
    then none is moved.
    """
    table = erasure_requests
    given = {"outcome": outcome, "detail": detail, "receipt": receipt}
    values = {name: value for name, value in given.items() if value is not None}
    allowed = [before for before, after in MOVES.items() if state in after]
    ledger, facts = Ledger(bind.engine), list[Fact]()
    with bind.begin() if isinstance(bind, Engine) else nullcontext(bind) as own:
        for request_id in request_ids:
            same = table.c.request_id == request_id
            found = own.execute(select(table.c.state, table.c.tenant_id).where(same)).one_or_none()
            was = found.state if found is not None else None
            if found is None or was not in allowed:
                raise RequestError(
                    f"a request that is {was or 'not there'} cannot become {state}. "
                    "To mend it: see lakeward requests"
                )
            own.execute(update(table).where(same).values(state=state, **values))
            number = _record(own, request_id, was, state)
            moved = Moved(request_id, found.tenant_id, number, State(found.state), state, outcome)
            facts += moved_facts(moved, receipt, receipt_sha256)
        ledger.append(facts, own)


def add_tokens(engine: Engine, found: Iterable[tuple[str, Named]]) -> None:
    """Keep with requests what was found out about their persons; what is there already stays."""
    by_request: dict[str, set[Named]] = {}
    for request_id, named in found:
        by_request.setdefault(request_id, set()).add(named)
    if by_request:
        with engine.begin() as connection:
            for request_id, tokens in by_request.items():
                _add(connection, request_id, tokens)


def note_found(engine: Engine, request_id: str, rows: Mapping[str, int]) -> None:
    """Keep how many rows a place held of the person, by the fullest look: after a kill one finds less."""
    known, table = found_rows(engine, request_id), request_finds
    with engine.begin() as connection:
        for place, count in rows.items():
            if count <= known.get(place, 0):
                continue
            same = (table.c.request_id == request_id) & (table.c.place == place)
            connection.execute(table.delete().where(same))
            connection.execute(table.insert(), {"request_id": request_id, "place": place, "rows": count})


def found_rows(engine: Engine, request_id: str) -> dict[str, int]:
    """How many rows each place held of the person: `bronze.orders`, `named.tickets` and so on."""
    table = request_finds
    query = select(table.c.place, table.c.rows).where(table.c.request_id == request_id)
    with engine.connect() as connection:
        return {place: int(rows) for place, rows in connection.execute(query.order_by(table.c.place))}


def tokens_of_requests(engine: Engine, request_ids: Collection[str]) -> set[tuple[str, Named]]:
    """The tokens of requests, given ones and those found out, each with its request's id."""
    table = request_tokens
    query = select(table.c.request_id, table.c.domain, table.c.token, table.c.role)
    with engine.connect() as connection:
        found = connection.execute(query.where(table.c.request_id.in_(request_ids)))
        return {(one, Named(d, t, Role(role))) for one, d, t, role in found}


def all_requests(
    engine: Engine, tenant: str | None = None, states: Sequence[State] = tuple(State)
) -> list[Request]:
    """Requests in these states, of one tenant or of all, the nearest deadline first."""
    table = erasure_requests
    query = select(table).where(table.c.state.in_(states)).order_by(table.c.due_at, table.c.request_id)
    if tenant is not None:
        query = query.where(table.c.tenant_id == tenant)
    with engine.connect() as connection:
        return [_request(row) for row in connection.execute(query)]


def requests_of(engine: Engine, request_ids: Collection[str]) -> list[Request]:
    """These requests as they stand, the nearest deadline first."""
    table = erasure_requests
    query = select(table).where(table.c.request_id.in_(request_ids))
    with engine.connect() as connection:
        return [_request(r) for r in connection.execute(query.order_by(table.c.due_at, table.c.request_id))]


def the_request(engine: Engine, request_id: str) -> Request:
    """One request. Raises RequestError where there is none of that id."""
    found = requests_of(engine, [request_id])
    if not found:
        raise RequestError("there is no request of that id. To mend it: take one from lakeward requests")
    return found[0]


def moves_of(engine: Engine, request_id: str) -> list[tuple[str | None, str, datetime]]:
    """The history of a request: from, to, when; oldest first."""
    table = request_moves
    query = select(table.c.came_from, table.c.state, table.c.at).where(table.c.request_id == request_id)
    with engine.connect() as connection:
        return [(a, b, _utc(at)) for a, b, at in connection.execute(query.order_by(table.c.id))]


def last_moved(engine: Engine) -> dict[str, datetime]:
    """When each request came to the state that it is in, by request."""
    table = request_moves
    newest = select(func.max(table.c.id)).group_by(table.c.request_id)
    query = select(table.c.request_id, table.c.at).where(table.c.id.in_(newest))
    with engine.connect() as connection:
        return {request_id: _utc(at) for request_id, at in connection.execute(query)}


def _add(connection: Connection, request_id: str, tokens: Iterable[Named]) -> None:
    table = request_tokens
    query = select(table.c.domain, table.c.token, table.c.role).where(table.c.request_id == request_id)
    known = {Named(d, t, Role(role)) for d, t, role in connection.execute(query)}
    rows = [
        {"request_id": request_id, "domain": one.domain, "token": one.token, "role": one.role}
        for one in sorted(set(tokens) - known)
    ]
    if rows:
        connection.execute(table.insert(), rows)


def _record(connection: Connection, request_id: str, was: str | None, state: State) -> int:
    """The number of the move."""
    row = {"request_id": request_id, "came_from": was, "state": state, "at": now()}
    return int(connection.execute(request_moves.insert(), row).inserted_primary_key[0])  # type: ignore[index]


def _request(row: Row[Any]) -> Request:
    return Request(
        row.request_id, row.tenant_id, row.kind, State(row.state), row.source, _utc(row.received_at),
        _utc(row.due_at), Outcome(row.outcome) if row.outcome else None, row.detail, row.receipt,
    )  # fmt: skip


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment  # SQLite keeps no zone
