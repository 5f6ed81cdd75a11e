"""How often detection was right, from what stewards decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classifications.verdicts import Decision, Verdict

_WRONG = (Decision.REJECT, Decision.RECLASSIFY)


@dataclass(frozen=True)
class Precision:
    """Verdicts of one month (`2026-01`, UTC) on one class of one tenant: so many found it right or wrong."""

    month: str
    tenant: str
    data_class: str
    right: int
    wrong: int

    @property
    def share(self) -> float:
        """Right ones among all; there is always at least one."""
        return self.right / (self.right + self.wrong)


def precision(verdicts: Iterable[Verdict]) -> list[Precision]:
    """By month, tenant and class, oldest first. What was deferred does not count.

    Who changes their mind within a month counts once, by the last word.
    """
    last: dict[tuple[str, str, str, str, str], bool] = {}
    for one in verdicts:
        place = (f"{one.decided_at:%Y-%m}", one.tenant_id, one.data_class, one.dataset, one.column)
        if one.decision is Decision.DEFER:
            last.pop(place, None)
        else:
            last[place] = one.decision not in _WRONG
    groups: dict[tuple[str, str, str], list[bool]] = {}
    for (month, tenant, data_class, _, _), right in last.items():
        groups.setdefault((month, tenant, data_class), []).append(right)
    return [Precision(*key, sum(said), len(said) - sum(said)) for key, said in sorted(groups.items())]
