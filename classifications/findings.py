"""What a run found out about one column: counts and scores, never values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from classifications.columns import ColumnProfile


class FindingStatus(StrEnum):
    """How what was detected meets what the contract declares."""

    DECLARED = "declared"  # detected and declared as the same class, or a narrower one of it
    UNDECLARED = "undeclared"  # detected, the contract says nothing
    DIFFERS = "differs"  # detected as one class, declared as another
    NOT_SEEN = "not_seen"  # declared, not detected
    GONE = "gone"  # found by an earlier run, and no longer


@dataclass(frozen=True)
class Finding:
    """One data class in one column of one tenant's dataset.

    `confidence` lies between 0 and 1 and is 0 for a class that is declared but was not seen.
    `evidence` holds counts and shares (`sampled`, `distinct`, `hits:<class>`); `policy_digest` and
    `detector_version` say under what the column was judged; `found_at` is in UTC.
    """

    tenant_id: str
    dataset: str
    column: str
    data_class: str
    confidence: float
    evidence: Mapping[str, int | float] = field(hash=False)
    reason: str
    detector_version: str
    policy_digest: str
    declared_class: str | None
    run_id: str
    found_at: datetime
    status: FindingStatus

    @property
    def evidence_digest(self) -> str:
        """SHA-256 of confidence, status and evidence: equal digests say that a re-run saw the same."""
        seen = {"evidence": dict(self.evidence), "confidence": self.confidence, "status": str(self.status)}
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class RunContext:
    """What all findings of one run over one tenant's dataset have in common."""

    tenant_id: str
    dataset: str
    detector_version: str
    policy_digest: str
    run_id: str
    found_at: datetime


def status_of(declared: str | None, detected: str) -> FindingStatus:
    """`user.name` declared and `user.name.first` detected agree, and the other way round."""
    if declared is None:
        return FindingStatus.UNDECLARED
    agree = declared == detected or detected.startswith(f"{declared}.") or declared.startswith(f"{detected}.")
    return FindingStatus.DECLARED if agree else FindingStatus.DIFFERS


def findings_of(
    profiles: Sequence[ColumnProfile],
    declared: Mapping[str, str | None],
    run: RunContext,
    free_text: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings of one dataset's profiles.

    `declared` maps a column's name to its contract's class (None or absent: silent). Columns in
    `free_text` are declared as such: what is inside them is expected, and redacted. A free-text
    column has one finding a class inside.
    """
    found: list[Finding] = []
    for profile in profiles:
        said = declared.get(profile.column)
        for data_class in profile.classes:
            expected = profile.free_text and (profile.column in free_text or said is not None)
            status = FindingStatus.DECLARED if expected else status_of(said, data_class)
            found.append(_finding(profile, data_class, profile.confidence, said, status, run))
        if said is not None and not profile.personal:
            found.append(_finding(profile, said, 0.0, said, FindingStatus.NOT_SEEN, run))
    return found


def _finding(
    profile: ColumnProfile,
    data_class: str,
    confidence: float,
    declared: str | None,
    status: FindingStatus,
    run: RunContext,
) -> Finding:
    return Finding(
        tenant_id=run.tenant_id,
        dataset=run.dataset,
        column=profile.column,
        data_class=data_class,
        confidence=confidence,
        evidence=dict(profile.evidence),
        reason=profile.reason,
        detector_version=run.detector_version,
        policy_digest=run.policy_digest,
        declared_class=declared,
        run_id=run.run_id,
        found_at=run.found_at,
        status=status,
    )
