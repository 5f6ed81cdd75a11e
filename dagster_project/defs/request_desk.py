"""`requests/desk`: what persons asked for; whether a deadline is near, and whether what is done is proved.

Reads the control database and the receipts, and needs no Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.failures import plainly
from dagster_project.house import open_control_state
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from retention.proved import Unproved, unproved
from retention.requests import UNDONE, Request, State, all_requests
from tenancy.control import now
from tenancy.signing import public_key_file

DESK = dg.AssetKey(["requests", "desk"])
GROUP = "requests"
OVERDUE, PROVED = "overdue_requests", "verified_erasures"
NEAR = timedelta(days=7)
"""A deadline that is nearer than this is a warning."""
COLUMNS = ("request", "tenant", "state", "due (UTC)")


@dg.asset(
    key=DESK,
    group_name=GROUP,
    kinds={"python"},
    description="Erasure requests by state, the nearest deadline first: ids and dates, no token, no value.",
    check_specs=[
        dg.AssetCheckSpec(
            OVERDUE,
            asset=DESK,
            description=f"No open request is due within {NEAR.days} days (warning) or overdue (error)",
        ),
        dg.AssetCheckSpec(
            PROVED, asset=DESK, description="Every request that is done has a receipt that verifies"
        ),
    ],
)
@plainly
@resolved
def desk(house: HouseResource) -> dg.MaterializeResult[Any]:
    """Look at all requests as of now."""
    settings = house.settings
    engine = open_control_state(settings)
    try:
        found, moment = all_requests(engine), now()
        done, without = unproved(engine, settings.receipts, public_key_file(settings.signing_key))
    finally:
        engine.dispose()
    waiting = [one for one in found if one.state in UNDONE]
    return dg.MaterializeResult(
        metadata={
            "waiting": table(COLUMNS, _rows(waiting)),
            "by_state": table(
                ("state", "requests"), [(str(s), sum(one.state is s for one in found)) for s in State]
            ),
        },
        check_results=[_deadlines(waiting, moment), _proofs(done, without)],
    )


def _deadlines(waiting: Sequence[Request], moment: datetime) -> dg.AssetCheckResult:
    late = [one for one in waiting if one.overdue(moment)]
    near = [one for one in waiting if one not in late and one.due_at <= moment + NEAR]
    return dg.AssetCheckResult(
        passed=not late and not near,
        check_name=OVERDUE,
        severity=dg.AssetCheckSeverity.ERROR if late else dg.AssetCheckSeverity.WARN,
        description=f"{len(late)} overdue, {len(near)} due within {NEAR.days} days",
        metadata={
            "overdue": table(COLUMNS, _rows(late)),
            "near": table(COLUMNS, _rows(near)),
            "to_mend_it": "run the job erasure; lakeward requests says what stops a request",
        },
    )


def _proofs(done: int, without: Sequence[Unproved]) -> dg.AssetCheckResult:
    rows = [(one.request.request_id, one.request.tenant, one.why) for one in without]
    return dg.AssetCheckResult(
        passed=not without,
        check_name=PROVED,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{done - len(without)} of {done} requests that are done are proved",
        metadata={
            "unproved": table(("request", "tenant", "why"), rows),
            "to_mend_it": "restore the receipts from backup; where there is none, ask for the erasure again",
        },
    )


def _rows(requests: Sequence[Request]) -> list[tuple[str, str, str, str]]:
    return [(r.request_id, r.tenant, str(r.state), f"{r.due_at:%Y-%m-%d}") for r in requests]
