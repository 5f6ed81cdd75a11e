"""Findings in a lake's control database, as a run would have recorded them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from classifications.findings import Finding, status_of
from classifications.ledger import FindingsLedger


def finding(
    tenant: str, dataset: str, column: str, data_class: str, *, declared: str | None = None,
    confidence: float = 0.9, **more,
) -> Finding:  # fmt: skip
    """What detection saw in one column; `more` replaces fields."""
    fields = {
        "tenant_id": tenant, "dataset": dataset, "column": column, "data_class": data_class,
        "confidence": confidence, "evidence": {"sampled": 50, f"hits:{data_class}": 45},
        "reason": "90% of 50 distinct values have its shape", "detector_version": "detector/1",
        "policy_digest": "policy", "declared_class": declared, "run_id": "run-1",
        "found_at": datetime(2026, 1, 2, tzinfo=UTC), "status": status_of(declared, data_class),
    }  # fmt: skip
    return Finding(**fields | more)


def record(engine: Engine, *findings: Finding) -> None:
    """Put them into the ledger."""
    FindingsLedger(engine).record(findings)
