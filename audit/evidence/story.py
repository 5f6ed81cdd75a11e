"""What a bundle's entries come to: counts, states and the journey. It does not grow with the runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.evidence.journey import Journey
from audit.ledger import Entry
from audit.ledger_entry import EVENT
from audit.pages.draw_time import Asked

SHOWN = 200
"""So many of the requests that changed last are kept for the report; the table has all."""
FOUND = ("declared", "undeclared", "differs")
"""The states of a finding in which detection saw the class."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "policy": ("digest", "run_id"),
    "finding": ("dataset", "column", "class", "declared", "status", "confidence", "detector_version"),
    "verdict": ("dataset", "column", "class", "decision", "new_class", "decided_at"),
    "check": ("layer", "dataset", "check", "passed", "checked_at", "run_id"),
    "quarantine": ("dataset", "state", "reason", "rows_landed", "rows_bronze", "rows_quarantined"),
    "request": ("request_id", "request", "from", "state", "outcome", "due_at", "asked_by"),
    "hold": ("hold_id", "state", "dataset", "from", "before", "until"),
    "erasure": ("request_id", "outcome", "verified", "receipt", "receipt_sha256"),
    "retention": (
        "layer", "dataset", "verb", "rule", "what", "rows", "held", "table", "store", "gone", "receipt",
        "verified",
    ),
    "key_epoch": ("purpose", "key_id", "epoch"),
    "export": ("export_id", "export", "state", "expires_at"),
    "freeze": ("restriction_id", "state", "since", "lifted_at"),
}  # fmt: skip
"""For each kind the fields of its body that get a column of their own in its table."""


@dataclass
class Story:
    """Takes entries one by one, in order."""

    journey: Journey = field(default_factory=Journey)
    kinds: Counter[str] = field(default_factory=Counter)
    detections: Counter[tuple[str, str]] = field(default_factory=Counter)
    requests: dict[str, Asked] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    policies: list[tuple[str, str]] = field(default_factory=list)
    checks: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    failed_checks: int = 0
    asked: int = 0
    answered: int = 0
    late: int = 0
    gone: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first_at: str = ""
    last_at: str = ""

    def take(self, entry: Entry) -> None:
        """Fold one entry in."""
        self.kinds[entry.kind] += 1
        self.first_at = self.first_at or entry.at
        self.last_at = entry.at
        if entry.kind == "lineage":
            self.journey.take(entry.body[EVENT])
            return
        handler = getattr(self, f"_{entry.kind}", None)
        if handler is not None:
            handler(entry.at, entry.body)

    def _policy(self, at: str, body: Mapping[str, Any]) -> None:
        digest = str(body["digest"])
        if not self.policies or self.policies[-1][1] != digest:  # each run says under which it works
            self.policies.append((at, digest))

    def _finding(self, at: str, body: Mapping[str, Any]) -> None:
        if body["status"] in FOUND:
            self.detections[at[:10], str(body["class"])] += 1

    def _check(self, at: str, body: Mapping[str, Any]) -> None:
        passed = bool(body["passed"])
        self.checks[f"{body['layer']}.{body['dataset']}", str(body["check"])] = (at, passed)
        self.failed_checks += not passed

    def _quarantine(self, _at: str, body: Mapping[str, Any]) -> None:
        if body["state"] == "refused":
            self.refused[str(body["dataset"])] += 1
        self.quarantined[str(body["dataset"])] += int(body["rows_quarantined"] or 0)

    def _request(self, at: str, body: Mapping[str, Any]) -> None:
        if body["state"] == "gone":
            return  # it was done: a period later its row left the control database
        name = str(body["request_id"])
        known = self.requests.pop(name, None) or Asked(name, at, "", "", at)
        known.due = str(body.get("due_at") or known.due)
        known.state, known.changed = str(body["state"]), at
        known.outcome = str(body.get("outcome") or known.outcome)
        self.requests[name] = known  # the latest to change stands last
        if len(self.requests) > SHOWN:
            self.requests.pop(next(iter(self.requests)))
        self.asked += "due_at" in body
        self.answered += body["state"] == "done"
        self.late += body["state"] == "done" and bool(known.due) and at > known.due

    def _erasure(self, _at: str, body: Mapping[str, Any]) -> None:
        name = str(body["request_id"])
        if body["receipt_sha256"] is not None:
            self.receipts[body["receipt_sha256"]] = name
        if name in self.requests:
            self.requests[name].verified = bool(body["verified"])

    def _retention(self, at: str, body: Mapping[str, Any]) -> None:
        if "verb" in body:  # else it is of a receipt, a store, or a table's past
            self.gone[at[:7], f"{body['layer']}.{body['dataset']}", str(body["verb"])] += int(body["rows"])
        elif "receipt" in body:
            self.receipts[body["receipt_sha256"]] = str(body["receipt"]).partition(".")[0]
