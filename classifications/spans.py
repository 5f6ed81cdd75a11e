"""One personal value found in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` is personal.

    `start` and `end` count code points; `entity` is the recognizer's word (`EMAIL_ADDRESS`),
    `data_class` the taxonomy's key (`user.contact.email`); `score` lies between 0 and 1.
    """

    start: int
    end: int
    entity: str
    data_class: str
    score: float

    @property
    def length(self) -> int:
        """Code points covered."""
        return self.end - self.start
