"""`requests/desk`: what persons asked for, and legal holds; what is near its end, what is done and unproved.

Reads the policies, the control database and the receipts, and needs no Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from dagster_project.annotations import resolved
from dagster_project.defs.help import help_metadata
from dagster_project.failures import plainly
from dagster_project.house import control_state
from dagster_project.resources import HouseResource
from dagster_project.tables import table
from policy import PolicyBundle, load_policies
from retention.holds import Hold, all_holds
from retention.proved import Unproved, unproved
from retention.requests import UNDONE, Request, State, all_requests
from tenancy.control import now
from tenancy.signing import public_key_file

DESK = dg.AssetKey(["requests", "desk"])
GROUP = "requests"
PAGE = "docs/runbook-erasure.md"
OVERDUE, PROVED, ENDING = "overdue_requests", "verified_erasures", "holds_ending"
NEAR = timedelta(days=7)
"""A deadline that is nearer than this is a warning."""
ENDS_SOON = timedelta(days=14)
"""A hold that ends by itself within this time is a warning: what it kept is due again then."""
HOLDS = ("hold", "tenant", "matter", "over", "placed by", "ends (UTC)")
COLUMNS = ("request", "tenant", "state", "due (UTC)")


@dg.asset(
    key=DESK,
    group_name=GROUP,
    kinds={"python"},
    description="Erasure requests, nearest deadline first, and legal holds: ids and dates, no values.",
    check_specs=[
        dg.AssetCheckSpec(
            OVERDUE,
            asset=DESK,
            description=f"No open request is due within {NEAR.days} days (warning) or overdue (error)",
        ),
        dg.AssetCheckSpec(
            PROVED,
            asset=DESK,
            description="Every request that is done has a receipt that verifies",
        ),
        dg.AssetCheckSpec(
            ENDING,
            asset=DESK,
            description=f"No legal hold ends by itself within {ENDS_SOON.days} days",
        ),
    ],
)
@plainly
@resolved
def desk(house: HouseResource) -> dg.MaterializeResult[Any]:
    """Look at all requests as of now."""
    settings, bundle = house.settings, load_policies(house.settings.policies)
    with control_state(settings) as engine:
        found, moment = all_requests(engine), now()
        holds = [one for one in all_holds(engine) if one.in_force(moment)]
        done, without = unproved(engine, settings.receipts, public_key_file(settings.signing_key))
    waiting = [one for one in found if one.state in UNDONE]
    return dg.MaterializeResult(
        metadata={
            "waiting": table(COLUMNS, _rows(waiting)),
            "done": table(
                ("receipt", "tenant", "outcome"),
                [(str(r.receipt), r.tenant, str(r.outcome or "")) for r in found if r.receipt],
            ),
            "holds": table(HOLDS, _holds(holds)),
            "by_state": table(
                ("state", "requests"), [(str(s), sum(one.state is s for one in found)) for s in State]
            ),
            "receipts_lie_in": dg.MetadataValue.path(settings.receipts),
        },
        check_results=[
            _deadlines(waiting, moment, bundle),
            _proofs(done, without, bundle),
            _ending(holds, moment, bundle),
        ],
    )


def _deadlines(waiting: Sequence[Request], moment: datetime, bundle: PolicyBundle) -> dg.AssetCheckResult:
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
            **help_metadata(PAGE, bundle),
        },
    )


def _proofs(done: int, without: Sequence[Unproved], bundle: PolicyBundle) -> dg.AssetCheckResult:
    rows = [(one.request.request_id, one.request.tenant, one.why) for one in without]
    return dg.AssetCheckResult(
        passed=not without,
        check_name=PROVED,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{done - len(without)} of {done} requests that are done are proved",
        metadata={
            "unproved": table(("request", "tenant", "why"), rows),
            "to_mend_it": "restore the receipts from backup; where there is none, ask for the erasure again",
            **help_metadata(PAGE, bundle),
        },
    )


def _ending(holds: Sequence[Hold], moment: datetime, bundle: PolicyBundle) -> dg.AssetCheckResult:
    soon = [one for one in holds if one.until is not None and one.until <= moment + ENDS_SOON]
    return dg.AssetCheckResult(
        passed=not soon,
        check_name=ENDING,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{len(soon)} of {len(holds)} holds end within {ENDS_SOON.days} days",
        metadata={
            "ending": table(HOLDS, _holds(soon)),
            "to_mend_it": "ask who placed it; lakeward hold place holds on, else what it kept is due again",
            **help_metadata("docs/retention.md", bundle),
        },
    )


def _holds(holds: Sequence[Hold]) -> list[tuple[str, ...]]:
    return [
        (h.hold_id, h.scope.tenant, h.matter, h.scope.dataset or "every dataset", h.placed_by,
         "when lifted" if h.until is None else f"{h.until:%Y-%m-%d}")
        for h in holds
    ]  # fmt: skip


def _rows(requests: Sequence[Request]) -> list[tuple[str, str, str, str]]:
    return [(r.request_id, r.tenant, str(r.state), f"{r.due_at:%Y-%m-%d}") for r in requests]
