"""How findings stand with the stewards: what waits for a verdict, and what is to be asked again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from classifications.findings import Finding, FindingStatus
from classifications.verdicts import Decision, Verdict

MATERIAL = 0.2
"""Confidence, or the share of values that speak for the class, has changed materially by this much."""
_ASKING = (FindingStatus.UNDECLARED, FindingStatus.DIFFERS)


class ReviewState(StrEnum):
    """Where a finding stands."""

    WAITS = "waits"  # nobody has decided
    DEFERRED = "deferred"  # a steward put it off
    ASKED_AGAIN = "asked again"  # decided, and what was seen has changed materially since
    DECIDED = "decided"
    AS_DECLARED = "as declared"  # the contract says the same: nothing to decide


@dataclass(frozen=True)
class Review:
    """One present finding with the verdict on it. `change` says in words why it is asked again, else ''."""

    finding: Finding
    state: ReviewState
    verdict: Verdict | None = None
    change: str = ""

    @property
    def waiting(self) -> bool:
        """Whether a steward should decide."""
        return self.state in (ReviewState.WAITS, ReviewState.DEFERRED, ReviewState.ASKED_AGAIN)


def reviews_of(
    findings: Iterable[Finding], verdicts: Iterable[Verdict], judged: Collection[Finding]
) -> list[Review]:
    """One review for each of `findings`, the present ones of one tenant's dataset.

    `verdicts` are the standing ones of that dataset; `judged` the findings that they were about. A verdict
    stays in force while it is asked again: nothing but a steward's next word takes it back.
    """
    said = {(one.column, one.data_class): one for one in verdicts}
    before = {(one.column, one.data_class): one for one in judged}
    return [
        _review(one, said.get((one.column, one.data_class)), before.get((one.column, one.data_class)))
        for one in findings
    ]


def share_of(finding: Finding) -> float:
    """The share of the values looked at that speak for the finding's class; 0 where none were counted."""
    counts = finding.evidence
    told = counts.get(f"hits:{finding.data_class}", 0) or counts.get(f"inside:{finding.data_class}", 0)
    return min(1.0, told / counts["sampled"]) if counts.get("sampled") else 0.0


def differences(before: Finding, now: Finding) -> list[str]:
    """What two findings on one column and class have different, in words; no values."""
    told = []
    if before.confidence != now.confidence:
        told.append(f"confidence {before.confidence:.2f} → {now.confidence:.2f}")
    if round(share_of(before), 2) != round(share_of(now), 2):
        told.append(f"share of values {share_of(before):.0%} → {share_of(now):.0%}")
    if before.declared_class != now.declared_class:
        told.append(f"declared {before.declared_class or 'nothing'} → {now.declared_class or 'nothing'}")
    if _prose(before) != _prose(now):
        told.append("now inside free text" if _prose(now) else "no longer inside free text")
    if before.detector_version != now.detector_version:
        told.append(f"detector {before.detector_version} → {now.detector_version}")
    return told


def _review(finding: Finding, verdict: Verdict | None, before: Finding | None) -> Review:
    if finding.status not in _ASKING:
        state = ReviewState.AS_DECLARED if verdict is None else ReviewState.DECIDED
        return Review(finding, state, verdict)
    if verdict is None:
        return Review(finding, ReviewState.WAITS)
    if verdict.decision is Decision.DEFER:
        return Review(finding, ReviewState.DEFERRED, verdict)
    if before is not None and _material(verdict.decision, before, finding):
        told = "; ".join(differences(before, finding))
        return Review(finding, ReviewState.ASKED_AGAIN, verdict, f"since the verdict: {told}")
    return Review(finding, ReviewState.DECIDED, verdict)


def _material(decision: Decision, before: Finding, now: Finding) -> bool:
    """Evidence that only grows stronger for what was decided is no reason to ask again."""
    if before.declared_class != now.declared_class or _prose(before) != _prose(now):
        return True
    moved: Sequence[float] = (now.confidence - before.confidence, share_of(now) - share_of(before))
    # Figures have three places; a change of exactly the bound counts.
    up, down = round(max(moved), 3) >= MATERIAL, round(min(moved), 3) <= -MATERIAL
    if decision is Decision.CONFIRM:
        return down
    if decision is Decision.REJECT:
        return up
    return up or down


def _prose(finding: Finding) -> bool:
    return bool(finding.evidence.get("free_text"))
