"""How texts of a tenant are read: which language model, and which recognizers beside those that ship."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import regex

from policy.taxonomy import DataClass

PATTERN_FLAGS = regex.DOTALL | regex.MULTILINE | regex.IGNORECASE
"""How a pattern is compiled: as Presidio compiles its own."""


@dataclass(frozen=True)
class TextPattern:
    """A regular expression as Presidio's patterns are, with the score (0 to 1) of what it matches."""

    name: str
    regex: str
    score: float


@dataclass(frozen=True)
class CustomRecognizer:
    """One recognizer of `detection.yaml`; what it finds is of `data_class`.

    It has `patterns`, words of a `deny_list`, or names a Presidio recognizer in `python` (`module:Class`).
    `context` are words that lift a weak match beside them. `tenants` are whose texts it reads; None: all.
    """

    name: str
    data_class: DataClass
    patterns: tuple[TextPattern, ...] = ()
    deny_list: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    python: str | None = None
    tenants: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Detection:
    """How one tenant's texts are read. `model` is a spaCy package or folder; None or empty: as it ships.

    The model's language is the texts' language. `phone_regions` are ISO 3166 codes of the countries whose
    telephone numbers are read without a country code.
    """

    model: str | None = None
    phone_regions: tuple[str, ...] = ()
    recognizers: tuple[CustomRecognizer, ...] = ()


@dataclass(frozen=True)
class DetectionPolicy:
    """The whole `detection.yaml`: what holds for all, what is otherwise for some tenants, and recognizers."""

    default: Detection = Detection()
    by_tenant: Mapping[str, Detection] = field(default_factory=dict)
    recognizers: tuple[CustomRecognizer, ...] = ()

    @property
    def models(self) -> frozenset[str]:
        """The models that are named."""
        every = (self.default, *self.by_tenant.values())
        return frozenset(one.model for one in every if one.model is not None)

    def of(self, tenant: str | None) -> Detection:
        """How this tenant's texts are read; of None, texts of nobody in particular."""
        own = self.by_tenant.get(tenant or "", self.default)
        theirs = tuple(one for one in self.recognizers if one.tenants is None or tenant in one.tenants)
        return replace(own, recognizers=theirs)
