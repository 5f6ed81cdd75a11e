"""What is over leaves the control database a period later: requests that are done, holds that ended.

The ledger is told of each in the same transaction. Receipts, and the suppressions that keep an erased person
out, stay: neither needs the request.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from audit.ledger import Ledger
from policy.retention import Period, Store
from retention.hold_facts import hold_gone_fact
from retention.holds import all_holds, legal_hold_subjects, legal_holds
from retention.request_facts import request_gone_fact
from retention.request_tables import erasure_requests, request_finds, request_moves, request_tokens
from retention.requests import State, all_requests, last_moved
from retention.stores import StoreResult

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
