"""What a value can be: the data classes, keyed as in fideslang, with how each is normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Normaliser(StrEnum):
    """How two spellings of one value are brought together before they become a token.

    `text` folds case, width, accents' encoding and white space; `compact` also drops blanks,
    dots and hyphens (numbers that people group as they like); `phone` reduces a number to
    country calling code and digits. The rules themselves are in `tenancy/normalise.py`.
    """

    TEXT = "text"
    COMPACT = "compact"
    PHONE = "phone"


@dataclass(frozen=True)
class DataClass:
    """One data class. `group` is the plain word that a steward reads (email, phone, name…)."""

    key: str
    personal: bool
    normaliser: Normaliser
    group: str

    @property
    def parent(self) -> str | None:
        """The key one dot up, or None at the root."""
        head, _, tail = self.key.rpartition(".")
        return head if tail and head else None


@dataclass(frozen=True)
class Taxonomy:
    """All data classes by key."""

    classes: Mapping[str, DataClass]

    def __contains__(self, key: object) -> bool:
        return key in self.classes

    def __getitem__(self, key: str) -> DataClass:
        return self.classes[key]

    def normaliser_of(self, key: str | None) -> Normaliser:
        """How values of a class are brought together; those of none, or of one that is not here, as text."""
        return self.classes[key].normaliser if key is not None and key in self.classes else Normaliser.TEXT

    def lineage(self, key: str) -> tuple[str, ...]:
        """`a.b.c`, `a.b`, `a`: the key and its ancestors, nearest first."""
        parts = key.split(".")
        return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))
