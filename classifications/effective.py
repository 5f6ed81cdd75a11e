"""What a column counts as, from contract, findings and verdicts together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from classifications.findings import Finding, FindingStatus
from classifications.verdicts import Decision, Verdict


@dataclass(frozen=True)
class EffectiveClass:
    """The classes in force, sorted; whoever treats the column takes the strictest of their treatments.

    `free_text` says that the classes stand inside prose; `undecided` names those that neither the
    contract declares nor a steward has judged.
    """

    classes: tuple[str, ...]
    free_text: bool
    undecided: tuple[str, ...]


def effective_class(
    declared: str | None,
    findings: Sequence[Finding],
    verdicts: Sequence[Verdict],
    again: Collection[str] = (),
) -> EffectiveClass:
    """One column's classes: the declared one, each detected one, as the stewards' latest verdicts say.

    `confirm` keeps the judged class, `reject` takes it away, `reclassify` puts another in its place,
    `defer` leaves it in force and undecided. A reject never takes away what the contract declares:
    a contract is changed in the contract. `findings` and `verdicts` are those of this column; `again` are
    classes whose verdict stays in force and is to be given anew: they are undecided.
    """
    judged = {verdict.data_class: verdict for verdict in verdicts}
    classes = {declared} if declared is not None else set()
    undecided = set(again)
    for finding in findings:
        verdict = judged.get(finding.data_class)
        if verdict is None or verdict.decision in (Decision.CONFIRM, Decision.DEFER):
            classes.add(finding.data_class)
        open_still = verdict is None or verdict.decision is Decision.DEFER
        if open_still and finding.status in (FindingStatus.UNDECLARED, FindingStatus.DIFFERS):
            undecided.add(finding.data_class)
    for verdict in judged.values():
        if verdict.decision is Decision.RECLASSIFY and verdict.new_class is not None:
            classes.add(verdict.new_class)
    free_text = any(finding.evidence.get("free_text") for finding in findings)
    return EffectiveClass(tuple(sorted(classes)), free_text, tuple(sorted(undecided)))
