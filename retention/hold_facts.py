"""What the ledger is told of legal holds: over what, until when; matter, account and reason by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.ledger import Fact
from audit.ledger_entry import instant, statement_digest, subject_mark

if TYPE_CHECKING:
    from retention.holds import Hold


def placed_fact(hold: Hold) -> Fact:
    """That a hold was placed."""
    scope, source = hold.scope, f"{hold.hold_id}/placed"
    times = {"from": scope.occurred_from, "before": scope.occurred_before, "until": hold.until}
    body = {
        "hold_id": hold.hold_id, "state": "placed", "dataset": scope.dataset,
        "subjects": sorted(subject_mark(token, source) for token in scope.subject_tokens),
        "statement_sha256": statement_digest(matter=hold.matter, by=hold.placed_by, why=hold.why),
    } | {name: instant(moment) for name, moment in times.items() if moment is not None}  # fmt: skip
    return Fact("hold", source, body, scope.tenant)


def lifted_fact(hold_id: str, tenant: str, by: str, why: str) -> Fact:
    """That a hold was lifted."""
    body = {"hold_id": hold_id, "state": "lifted", "statement_sha256": statement_digest(by=by, why=why)}
    return Fact("hold", f"{hold_id}/lifted", body, tenant)


def hold_gone_fact(hold_id: str, tenant: str) -> Fact:
    """That a hold that was over left the control database."""
    return Fact("hold", f"{hold_id}/gone", {"hold_id": hold_id, "state": "gone"}, tenant)
