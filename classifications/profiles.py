"""What one column holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds.

    `data_class` is None for free text and for columns that are not personal; `inside` counts, for
    free text, the sampled values that hold each class. `evidence` has counts and shares only:
    `values`, `distinct`, `sampled`, `mean_length`, `hits:<class>`. `reason` quotes no value. `skipped`
    counts values that a policy's recognizer failed on (see `classifications.detector.Reading`).
    """

    column: str
    data_class: str | None
    free_text: bool
    inside: Mapping[str, int]
    confidence: float
    evidence: Mapping[str, int | float]
    reason: str
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def personal(self) -> bool:
        """True when the column is, or holds, personal data."""
        return self.data_class is not None or bool(self.inside)

    @property
    def classes(self) -> tuple[str, ...]:
        """The column's class, or those inside it, the most frequent first."""
        if self.data_class is not None:
            return (self.data_class,)
        return tuple(sorted(self.inside, key=lambda key: (-self.inside[key], key)))
