"""What is over leaves the control folder a period later: requests that are done, what was lifted, receipts.

The ledger is told of each request, hold, restriction and export in the same transaction, and keeps the
SHA-256 of each receipt. What keeps an erased person out stays: it needs neither request nor receipt.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from audit.ledger import Fact, Ledger
from policy.retention import Period, Store
from retention.exports import all_exports, remove_expired, remove_records
from retention.hold_facts import hold_gone_fact
from retention.holds import all_holds, legal_hold_subjects, legal_holds
from retention.request_facts import request_gone_fact
from retention.request_tables import erasure_requests, request_finds, request_moves, request_tokens
from retention.requests import State, all_requests, last_moved
from retention.stores import StoreResult
from tenancy.durable import make_durable
from transforms.restrictions import restriction_tokens, restrictions
from transforms.suppressions import suppressions

AT_ONCE = 5000
"""The next run of retention takes what is more."""


def expire_requests(engine: Engine, period: Period, at: datetime) -> StoreResult:
    """Remove all that is kept of requests that were done a period before `at` (with its zone)."""
    moved = last_moved(engine)
    done = all_requests(engine, states=[State.DONE])
    over = [one for one in done if period.end(moved[one.request_id]) <= at][:AT_ONCE]
    ids, ledger = [one.request_id for one in over], Ledger(engine)
    with engine.begin() as connection:
        for table in (request_tokens, request_finds, request_moves, erasure_requests):
            connection.execute(table.delete().where(table.c.request_id.in_(ids)))
        ledger.append((request_gone_fact(one.request_id, one.tenant) for one in over), connection)
    return StoreResult(Store.REQUESTS, len(ids))


def expire_holds(engine: Engine, period: Period, at: datetime) -> StoreResult:
    """Remove the holds that were lifted, or ended by themselves, a period before `at` (with its zone)."""
    ended = [(one, one.lifted_at or one.until) for one in all_holds(engine)]
    over = [one for one, end in ended if end is not None and period.end(end) <= at][:AT_ONCE]
    ids, ledger = [one.hold_id for one in over], Ledger(engine)
    with engine.begin() as connection:
        for table in (legal_hold_subjects, legal_holds):
            connection.execute(table.delete().where(table.c.hold_id.in_(ids)))
        ledger.append((hold_gone_fact(one.hold_id, one.scope.tenant) for one in over), connection)
    return StoreResult(Store.HOLDS, len(ids))


def expire_restrictions(engine: Engine, period: Period, at: datetime) -> StoreResult:
    """Remove the restrictions that were lifted a period before `at` (with its zone)."""
    table, ledger = restrictions, Ledger(engine)
    with engine.begin() as connection:
        lifted = connection.execute(select(table).where(table.c.lifted_at.is_not(None))).all()
        over = [one for one in lifted if period.end(one.lifted_at.replace(tzinfo=UTC)) <= at][:AT_ONCE]
        ids = [one.restriction_id for one in over]
        for part in (restriction_tokens, restrictions):
            connection.execute(part.delete().where(part.c.restriction_id.in_(ids)))
        ledger.append((_thawed_gone(one.restriction_id, one.tenant_id) for one in over), connection)
    return StoreResult(Store.RESTRICTIONS, len(ids))


def _thawed_gone(restriction_id: str, tenant: str) -> Fact:
    body = {"restriction_id": restriction_id, "state": "gone"}
    return Fact("freeze", f"{restriction_id}/gone", body, tenant)


def expire_suppressions(engine: Engine, period: Period, at: datetime) -> StoreResult:
    """Remove what a person's consent took off the suppression list a period before `at` (with its zone)."""
    table, gone = suppressions, 0
    moments = select(table.c.lifted_at).where(table.c.lifted_at.is_not(None)).distinct()
    with engine.begin() as connection:
        for moment in connection.execute(moments).scalars().all():
            if period.end(moment.replace(tzinfo=UTC)) <= at:
                gone += connection.execute(table.delete().where(table.c.lifted_at == moment)).rowcount
    return StoreResult(Store.SUPPRESSIONS, gone)


def expire_exports(engine: Engine, folder: Path, period: Period | None, at: datetime) -> StoreResult:
    """Remove the archives in the folder whose own time is over at `at`, whatever the period (None: for ever).

    Then the records of exports that were over a period before `at`: their archive went, or, where it was
    handed over, its time ended; without one, from when it was made.
    """
    gone, over = remove_expired(engine, folder, at), []
    if period is not None:
        ended = [
            (one, one.gone if one.kept_here else one.expires or one.created) for one in all_exports(engine)
        ]
        over = [one for one, end in ended if end is not None and period.end(end) <= at][:AT_ONCE]
        remove_records(engine, over)
    return StoreResult(Store.EXPORTS, gone + len(over))


def expire_receipts(engine: Engine, folder: Path, period: Period, at: datetime) -> StoreResult:
    """Remove receipts that were verified a period before `at` (with its zone), and lists that no other names.

    A request that is kept keeps its receipts: without one, it would count as unproved.
    """
    known = {one.request_id for one in all_requests(engine)}
    said = {path: _said(path) for path in folder.glob("*.json")}
    over = [
        path
        for path, body in said.items()
        if body["request_id"] not in known and period.end(datetime.fromisoformat(body["verified"])) <= at
    ]
    lists = {said[path]["search"]["list"]["name"] for path in over}
    lists -= {body["search"]["list"]["name"] for path, body in said.items() if path not in over}
    # Receipts first: a list that lies there without one harms nobody.
    gone = [*over, *(path for name in sorted(lists) if (path := folder / name).exists())]
    size = sum(path.stat().st_size for path in gone)
    for path in gone:
        path.unlink()
    if gone:
        make_durable([folder], folder.parent)
    return StoreResult(Store.RECEIPTS, len(over), size)


def _said(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(path.read_bytes())["body"]
    return body
