"""Whom a pass looks for: the tokens of one tenant's requests, as rows that come into a job."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import DataFrame

from retention.requests import Named, Role
from transforms.context import LakeContext
from transforms.frames import frame_of
from transforms.mentions import CELL, NAMING, Gone

PERSONAL = (Role.ASKED, Role.SUBJECT)
"""Tokens that are the person's own. Those of `Role.MENTION` can be a namesake's, so they only blank prose."""


@dataclass(frozen=True)
class Sought:
    """The persons of some requests of one tenant: pairs of a request's id and a token."""

    tenant: str
    named: frozenset[tuple[str, Named]]

    @property
    def request_ids(self) -> list[str]:
        """Whose persons these are."""
        return sorted({request_id for request_id, _ in self.named})

    def domains(self) -> set[str]:
        """The domains of the persons' own tokens."""
        return {one.domain for _, one in self.named if one.role in PERSONAL}

    def without(self, request_ids: Collection[str]) -> Sought:
        """These persons but those of some requests."""
        return Sought(self.tenant, frozenset(one for one in self.named if one[0] not in request_ids))

    def of_domain(self, domain: str | None) -> list[tuple[str, str]]:
        """Request and token of each of the persons' own tokens in a domain."""
        own = {(r, one.token) for r, one in self.named if one.domain == domain and one.role in PERSONAL}
        return sorted(own)

    def tokens(self, request_id: str) -> list[tuple[str, str]]:
        """Domain and token of each of a person's own tokens."""
        own = {(o.domain, o.token) for r, o in self.named if r == request_id and o.role in PERSONAL}
        return sorted(own)

    def marks(self) -> list[tuple[str, str]]:
        """Request and mark of all by which silver can show them in others' records."""
        prose = {(r, f"{one.domain}:{one.token}") for r, one in self.named if one.domain in NAMING}
        cells = {(r, f"{CELL}{o.domain}:{o.token}") for r, o in self.named if o.role in PERSONAL}
        return sorted(prose | cells)

    def gone(self) -> Gone:
        """What is taken out of other persons' records."""
        cells = frozenset((one.domain, one.token) for _, one in self.named if one.role in PERSONAL)
        return Gone(frozenset(mark for _, mark in self.marks()), cells)

    def frame(self, ctx: LakeContext, rows: list[tuple[str, str]], column: str) -> DataFrame:
        """Pairs as a frame of `request_id` and `column`: tokens are rows of a job, never literals."""
        return frame_of(ctx.spark, rows, f"request_id string, {column} string")
