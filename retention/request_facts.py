"""What the ledger is told of requests: whom by mark, each move, and which receipt by its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit.ledger import Fact
from audit.ledger_entry import instant, subject_mark
from retention.request_kinds import Outcome, State


@dataclass(frozen=True)
class Moved:
    """One move of a request; `number` is the move's own in the control database."""

    request_id: str
    tenant: str
    number: int
    was: State
    state: State
    outcome: Outcome | None


def received_fact(row: Mapping[str, Any], number: int, tokens: Iterable[str]) -> Fact:
    """That a request was taken down. `row` is as the table of requests has it."""
    source = f"{row['request_id']}/{number}"
    body = {
        "request_id": row["request_id"], "request": row["kind"], "state": str(row["state"]),
        "asked_by": row["source"], "due_at": instant(row["due_at"]),
        "subjects": sorted(subject_mark(token, source) for token in tokens),
    }  # fmt: skip
    return Fact("request", source, body, row["tenant_id"])


def request_gone_fact(request_id: str, tenant: str) -> Fact:
    """That a request that was done left the control database."""
    return Fact("request", f"{request_id}/gone", {"request_id": request_id, "state": "gone"}, tenant)


def moved_facts(moved: Moved, receipt: str | None, receipt_sha256: str | None) -> list[Fact]:
    """That a request came to another state; and of an erasure that was verified, which receipt says what."""
    body: dict[str, Any] = {"request_id": moved.request_id, "from": str(moved.was), "state": str(moved.state)}
    if moved.outcome is not None:
        body["outcome"] = str(moved.outcome)
    facts = [Fact("request", f"{moved.request_id}/{moved.number}", body, moved.tenant)]
    if receipt is not None:
        proved = {
            "request_id": moved.request_id, "receipt": receipt, "receipt_sha256": receipt_sha256,
            "outcome": body.get("outcome"), "verified": moved.state is State.DONE,
        }  # fmt: skip
        facts.append(Fact("erasure", f"{moved.request_id}/{receipt}/{moved.number}", proved, moved.tenant))
    return facts
