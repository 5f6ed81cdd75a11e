"""What persons asked for, and how that stands: erasure, restriction, exports. Ids and dates, no token."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Engine

from audit.clock import stamp
from audit.errors import LedgerError
from audit.ledger import Ledger
from audit.pages.draw_time import Asked
from audit.pages.platform import DONE, DONE_LATE, LATE, NEAR, OPEN, Deadline, Requests, Row
from dagster_project.defs.request_desk import NEAR as NEAR_TIME
from dagster_project.settings import Settings
from retention.exports import Export, all_exports
from retention.proved import unproved
from retention.requests import Request, State, all_requests, last_moved
from tenancy.signing import public_key_file
from transforms.restrictions import in_force

EVIDENCE = "evidence"
SHOWN = 50
"""So many of the newest requests that are done are shown; they are all counted."""


def requests(engine: Engine, settings: Settings, at: datetime) -> Requests:
    """Every open request, the nearest deadline first, then the newest that are done; all of them counted."""
    asked = all_requests(engine)
    moved = last_moved(engine)  # after them, so that each of them has its move
    told = [_deadline(one, moved[one.request_id], at) for one in asked]
    done = [one for one in told if one.standing in (DONE, DONE_LATE)]
    newest = sorted(done, key=lambda one: one.asked.changed, reverse=True)[:SHOWN]
    _, without = unproved(engine, settings.receipts, public_key_file(settings.signing_key))
    return Requests(
        [*(one for one in told if one.standing in (LATE, NEAR, OPEN)), *newest],
        Counter(one.standing for one in told),
        [(one.request.request_id, one.request.tenant, one.why) for one in without],
    )


def _deadline(one: Request, changed: datetime, at: datetime) -> Deadline:
    asked = Asked(
        one.request_id, stamp(one.received_at), stamp(one.due_at), str(one.state), stamp(changed),
        str(one.outcome or ""),
    )  # fmt: skip
    return Deadline(one.tenant, asked, _standing(one, changed, at))


def _standing(one: Request, changed: datetime, at: datetime) -> str:
    if one.state is State.DONE:
        return DONE_LATE if changed > one.due_at else DONE
    if one.overdue(at):
        return LATE
    return NEAR if one.due_at <= at + NEAR_TIME else OPEN


def frozen(engine: Engine) -> list[Row]:
    """Id, tenant and since when of each restriction in force."""
    return [(one.restriction_id[:12], one.tenant, f"{one.since:%Y-%m-%d}") for one in in_force(engine)]


def exports(engine: Engine, at: datetime) -> tuple[list[Row], str]:
    """Id, tenant, kind, made, kept until, and what became of the file; the newest first.

    Of evidence bundles, which lie where somebody had them written, the ledger alone knows. Where its archive
    cannot be read they are left out, and the second of what is given says why; else that is empty.
    """
    archives = [
        (one.export_id[:12], one.tenant, one.kind, f"{one.created:%Y-%m-%d}", _until(one), _state(one, at))
        for one in all_exports(engine)
    ]
    try:
        bundles = [
            (str(one.body["export_id"])[:12], one.tenant or "", EVIDENCE, one.at[:10], "", "handed over")
            for one in Ledger(engine).entries(kinds=["export"])
            if one.body["export"] == EVIDENCE
        ]
        unread = ""
    except LedgerError as error:
        bundles, unread = [], str(error)
    return sorted(archives + bundles[::-1], key=lambda row: row[3], reverse=True), unread


def _until(one: Export) -> str:
    return f"{one.expires:%Y-%m-%d}" if one.expires is not None else ""


def _state(one: Export, at: datetime) -> str:
    if not one.kept_here:
        return "handed over"
    if one.gone is not None:
        return f"removed {one.gone:%Y-%m-%d}"
    over = one.expires is not None and one.expires <= at
    return "its time is over, to be removed" if over else "kept here"
