"""A data steward's decision about what a column holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy.errors import LakewardError


class Decision(StrEnum):
    """What a steward can say of a finding."""

    CONFIRM = "confirm"  # the detected class is right
    REJECT = "reject"  # the column is not personal in this way; the contract stands
    RECLASSIFY = "reclassify"  # it is another class, named in the verdict
    DEFER = "defer"  # not decided; the stricter of declared and detected stays in force


@dataclass(frozen=True)
class Verdict:
    """One decision about one column's class.

    `data_class` is the class that was judged; `new_class` the right one, for `reclassify` only.
    `actor` is the steward's account, `decided_at` is in UTC. Raises LakewardError when reason or
    actor is empty, or `new_class` is there without `reclassify` or missing with it.
    """

    tenant_id: str
    dataset: str
    column: str
    data_class: str
    decision: Decision
    actor: str
    reason: str
    decided_at: datetime
    new_class: str | None = None

    @property
    def said(self) -> str:
        """The decision in words, with the new class where there is one."""
        return str(self.decision) if self.new_class is None else f"{self.decision} {self.new_class}"

    def __post_init__(self) -> None:
        if not self.actor.strip() or not self.reason.strip():
            raise LakewardError(
                f"a verdict on {self.dataset}.{self.column} lacks its actor or its reason. "
                "To mend it: say who decides, and why"
            )
        if (self.decision is Decision.RECLASSIFY) != (self.new_class is not None):
            raise LakewardError(
                f"the verdict {self.decision} on {self.dataset}.{self.column} does not fit its new class. "
                "To mend it: name a new class with reclassify, and with nothing else"
            )
