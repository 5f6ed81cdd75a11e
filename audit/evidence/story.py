"""What a bundle's entries come to: counts, states and the journey. It does not grow with the runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.evidence.journey import Journey
from audit.ledger import Entry
from audit.ledger_entry import EVENT

SHOWN = 200
"""So many of the latest requests and exports are kept for the report; the tables have all."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "policy": ("digest",),
    "finding": ("dataset", "column", "data_class", "status", "score", "sampled", "matched", "detector"),
    "verdict": ("dataset", "column", "data_class", "decision", "new_class"),
    "check": ("dataset", "check", "passed", "why"),
    "quarantine": ("dataset", "reason", "rows"),
    "violation": ("dataset", "reason"),
    "request": ("request_id", "kind", "state", "outcome", "received_at", "due_at"),
    "hold": ("hold_id", "action", "matter", "scope"),
    "erasure": ("request_id", "verdict", "receipt", "receipt_sha256"),
    "retention": ("dataset", "action", "rule", "rows"),
    "key_epoch": ("epoch",),
    "export": ("export_id", "kind", "sha256"),
    "freeze": ("action", "tokens"),
}
"""For each kind the fields of its body that get a column of their own in its table."""


@dataclass
class Asked:
    """An erasure request as its entries tell it; times are RFC 3339."""

    request_id: str
    received: str
    due: str
    state: str
    changed: str
    outcome: str = ""
    verdict: str = ""


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
    epochs: list[tuple[str, Any]] = field(default_factory=list)
    gone: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    quarantined: Counter[tuple[str, str]] = field(default_factory=Counter)
    exports: list[tuple[str, str]] = field(default_factory=list)
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
        self.policies.append((at, str(body["digest"])))

    def _finding(self, at: str, body: Mapping[str, Any]) -> None:
        self.detections[at[:10], str(body["data_class"])] += 1

    def _check(self, at: str, body: Mapping[str, Any]) -> None:
        passed = bool(body["passed"])
        self.checks[str(body["dataset"]), str(body["check"])] = (at, passed)
        self.failed_checks += not passed

    def _quarantine(self, _at: str, body: Mapping[str, Any]) -> None:
        self.quarantined[str(body["dataset"]), str(body["reason"])] += int(body.get("rows", 1))

    def _request(self, at: str, body: Mapping[str, Any]) -> None:
        name = str(body["request_id"])
        known = self.requests.pop(name, None) or Asked(name, at, "", "", at)
        known.received = str(body.get("received_at") or known.received)
        known.due = str(body.get("due_at") or known.due)
        known.state, known.changed = str(body["state"]), at
        known.outcome = str(body.get("outcome") or known.outcome)
        self.requests[name] = known  # the latest to change stands last
        if len(self.requests) > SHOWN:
            self.requests.pop(next(iter(self.requests)))

    def _erasure(self, _at: str, body: Mapping[str, Any]) -> None:
        name = str(body["request_id"])
        self.receipts[str(body["receipt_sha256"])] = name
        if name in self.requests:
            self.requests[name].verdict = str(body.get("verdict", ""))

    def _retention(self, at: str, body: Mapping[str, Any]) -> None:
        key = at[:10], str(body.get("dataset", "")), str(body.get("action", ""))
        self.gone[key] += int(body.get("rows", 0))

    def _key_epoch(self, at: str, body: Mapping[str, Any]) -> None:
        self.epochs.append((at, body.get("epoch")))

    def _export(self, at: str, body: Mapping[str, Any]) -> None:
        self.exports = [*self.exports, (at, str(body.get("kind", "")))][-SHOWN:]
