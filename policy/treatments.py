"""What is done to a column on its way to silver, and which of two treatments is stricter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TreatmentKind(StrEnum):
    """The seven treatments, from the most open to the strictest."""

    KEEP = "keep"
    GENERALISE = "generalise"
    MASK = "mask"
    TOKEN = "token"  # noqa: S105 - a treatment, no password
    SEAL = "seal"
    REDACT = "redact"
    DROP = "drop"

    @property
    def strictness(self) -> int:
        """0 for `keep` up to 6 for `drop`; the order in which the members are written."""
        return list(TreatmentKind).index(self)


class GeneraliseTo(StrEnum):
    """What a value becomes coarser to."""

    YEAR = "year"  # a date becomes its year
    MONTH = "month"  # a date becomes YYYY-MM
    DECADE = "decade"  # a date becomes the first year of its decade
    BIN = "bin"  # a number becomes the lower edge of a bin `size` wide
    PREFIX = "prefix"  # a text keeps its first `size` characters


@dataclass(frozen=True)
class Treatment:
    """One treatment with its parameters.

    `to` and `size` belong to `generalise`; `show_first` and `show_last` to `mask` (how many
    characters stay readable).
    """

    kind: TreatmentKind
    to: GeneraliseTo | None = None
    size: int | None = None
    show_first: int = 0
    show_last: int = 0

    def __str__(self) -> str:
        if self.kind is TreatmentKind.GENERALISE:
            return f"generalise to {self.to}" + (f" {self.size}" if self.size else "")
        return str(self.kind)


KEEP = Treatment(TreatmentKind.KEEP)
REDACT = Treatment(TreatmentKind.REDACT)


def stricter(first: Treatment, second: Treatment) -> Treatment:
    """The stricter of two treatments; the first where both are of one kind."""
    return second if second.kind.strictness > first.kind.strictness else first
