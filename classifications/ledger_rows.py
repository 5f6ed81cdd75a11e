"""How findings and verdicts stand in the rows of the ledger's tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from classifications.findings import Finding, FindingStatus
from classifications.verdicts import Decision, Verdict
from policy.errors import LakewardError


def finding_row(finding: Finding, follows: int) -> dict[str, Any]:
    """The row of a finding; `follows` is the sequence number of the row before it, 0 for none."""
    return {
        "tenant_id": finding.tenant_id,
        "dataset": finding.dataset,
        "column_name": finding.column,
        "data_class": finding.data_class,
        "confidence": finding.confidence,
        "evidence": json.dumps(dict(finding.evidence), sort_keys=True),
        "evidence_digest": finding.evidence_digest,
        "reason": finding.reason,
        "detector_version": finding.detector_version,
        "policy_digest": finding.policy_digest,
        "declared_class": finding.declared_class,
        "status": str(finding.status),
        "run_id": finding.run_id,
        "found_at": written(finding.found_at),
        "follows": follows,
    }


def finding_of(row: RowMapping) -> Finding:
    """The finding of a row."""
    return Finding(
        tenant_id=row["tenant_id"],
        dataset=row["dataset"],
        column=row["column_name"],
        data_class=row["data_class"],
        confidence=row["confidence"],
        evidence=json.loads(row["evidence"]),
        reason=row["reason"],
        detector_version=row["detector_version"],
        policy_digest=row["policy_digest"],
        declared_class=row["declared_class"],
        run_id=row["run_id"],
        found_at=datetime.fromisoformat(row["found_at"]),
        status=FindingStatus(row["status"]),
    )


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """The row of a verdict."""
    return {
        "tenant_id": verdict.tenant_id,
        "dataset": verdict.dataset,
        "column_name": verdict.column,
        "data_class": verdict.data_class,
        "decision": str(verdict.decision),
        "new_class": verdict.new_class,
        "actor": verdict.actor,
        "reason": verdict.reason,
        "decided_at": written(verdict.decided_at),
    }


def verdict_of(row: RowMapping) -> Verdict:
    """The verdict of a row."""
    return Verdict(
        tenant_id=row["tenant_id"],
        dataset=row["dataset"],
        column=row["column_name"],
        data_class=row["data_class"],
        decision=Decision(row["decision"]),
        actor=row["actor"],
        reason=row["reason"],
        decided_at=datetime.fromisoformat(row["decided_at"]),
        new_class=row["new_class"],
    )


def written(moment: datetime) -> str:
    """ISO 8601 in UTC. Raises LakewardError for a moment without a zone."""
    if moment.tzinfo is None:
        raise LakewardError("a ledger time has no zone. To mend it: give it in UTC")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
