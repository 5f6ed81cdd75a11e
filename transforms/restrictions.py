"""Persons whose data is restricted (GDPR article 18): by token, who, since when, until when.

Their records are kept, sealed, in bronze and in quarantine, and are not processed: not classified, not in
silver. `transforms.frozen` takes them out of what is read.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Engine, ForeignKey, MetaData, String, Table, select, update

from tenancy.control import now

metadata = MetaData()

restrictions = Table(
    "restrictions",
    metadata,
    Column("restriction_id", String(32), primary_key=True),
    Column("tenant_id", String(40), nullable=False, index=True),
    Column("asked", String(64), nullable=False),  # a digest of the tokens that were asked for
    Column("since", DateTime(timezone=True), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
)

restriction_tokens = Table(
    "restriction_tokens",
    metadata,
    Column("restriction_id", ForeignKey("restrictions.restriction_id"), primary_key=True),
    Column("domain", String(120), primary_key=True),
    Column("token", String(32), primary_key=True),
)

Token = tuple[str, str]
"""A token's domain, and the token."""


@dataclass(frozen=True)
class Restriction:
    """One person whose data is restricted. `since` is UTC."""

    restriction_id: str
    tenant: str
    since: datetime
    tokens: frozenset[Token]


def restrict(engine: Engine, tenant: str, asked: Mapping[str, str], found: Iterable[Token]) -> str:
    """Restrict the person with the tokens `asked` (by domain), and those `found` to be theirs; the id.

    The same tokens asked again are the same restriction while it is in force; what was found since is added.
    """
    digest = hashlib.sha256(json.dumps(sorted(asked.items())).encode()).hexdigest()
    table, tokens = restrictions, restriction_tokens
    same = (table.c.tenant_id == tenant) & (table.c.asked == digest) & table.c.lifted_at.is_(None)
    with engine.begin() as connection:
        known = connection.execute(select(table.c.restriction_id).where(same)).scalar()
        id_ = str(known or uuid.uuid4().hex)
        if known is None:
            row = {"restriction_id": id_, "tenant_id": tenant, "asked": digest, "since": now()}
            connection.execute(table.insert(), row)
        mine = select(tokens.c.domain, tokens.c.token).where(tokens.c.restriction_id == id_)
        there = {(domain, token) for domain, token in connection.execute(mine)}
        new = {*asked.items(), *found} - there
        if new:
            told = [{"restriction_id": id_, "domain": d, "token": t} for d, t in sorted(new)]
            connection.execute(tokens.insert(), told)
    return id_


def lift(engine: Engine, tenant: str, tokens: Mapping[str, str]) -> int:
    """End the restrictions of the person with these tokens (by domain); how many there were.

    All that share a token, also by way of one another, are one person's.
    """
    left = in_force(engine, tenant)
    reached: set[Token] = set(tokens.items())
    meant: list[str] = []
    while near := [one for one in left if not reached.isdisjoint(one.tokens)]:
        left = [one for one in left if one not in near]
        meant += [one.restriction_id for one in near]
        reached = reached.union(*(one.tokens for one in near))
    with engine.begin() as connection:
        gone = restrictions.c.restriction_id.in_(meant)
        connection.execute(update(restrictions).where(gone).values(lifted_at=now()))
    return len(meant)


def in_force(engine: Engine, tenant: str | None = None) -> list[Restriction]:
    """The restrictions in force, of one tenant or of all, the oldest first."""
    table, tokens = restrictions, restriction_tokens
    query = select(table).where(table.c.lifted_at.is_(None)).order_by(table.c.since, table.c.restriction_id)
    if tenant is not None:
        query = query.where(table.c.tenant_id == tenant)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        ids = [row.restriction_id for row in rows]
        theirs: dict[str, set[Token]] = {one: set() for one in ids}
        for one in connection.execute(select(tokens).where(tokens.c.restriction_id.in_(ids))) if ids else ():
            theirs[one.restriction_id].add((one.domain, one.token))
    return [
        Restriction(
            row.restriction_id,
            row.tenant_id,
            row.since.replace(tzinfo=UTC),
            frozenset(theirs[row.restriction_id]),
        )
        for row in rows
    ]


def frozen_tokens(engine: Engine, tenants: Sequence[str]) -> list[tuple[str, str, str]]:
    """Tenant, domain and token of everybody of these tenants whose data is restricted."""
    table, tokens = restrictions, restriction_tokens
    query = (
        select(table.c.tenant_id, tokens.c.domain, tokens.c.token)
        .join(tokens, tokens.c.restriction_id == table.c.restriction_id)
        .where(table.c.tenant_id.in_(tenants), table.c.lifted_at.is_(None))
        .distinct()
        .order_by(table.c.tenant_id, tokens.c.domain, tokens.c.token)
    )
    with engine.connect() as connection:
        return [(tenant, domain, token) for tenant, domain, token in connection.execute(query)]


def with_frozen(listed: Iterable[tuple[str, str, str]], tenant: str, digest: str) -> str:
    """A plan's digest that also changes with the persons restricted: silver is made of both.

    `listed` is what `frozen_tokens` gives, for this tenant among others.
    """
    own = sorted((domain, token) for whose, domain, token in listed if whose == tenant)
    return hashlib.sha256(json.dumps([digest, own]).encode()).hexdigest()[:32] if own else digest
