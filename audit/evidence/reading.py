"""What of the ledger belongs to a tenant's bundle: its own entries and the platform's, with proofs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from sqlalchemy import Engine, func, select

from audit import ledger_tables as tables
from audit import merkle
from audit.ledger import Entry, Ledger
from audit.ledger_entry import instant
from audit.ledger_tree import Tree

PLATFORM = ("policy", "key_epoch", "retention")
"""The kinds of the platform's own entries that concern every tenant."""
STANDING = ("policy", "key_epoch")
"""Kinds that hold until the next one: those from before the period belong to it, too."""
PAGE = 500


@dataclass(frozen=True)
class Scope:
    """Whose bundle it is, and of which time: from `begin` to before `end`; None: without a bound."""

    tenant: str
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Proved:
    """An entry, its canonical bytes, and the proof that it is in the tree."""

    entry: Entry
    line: bytes
    proof: Sequence[bytes]


def entries_of(ledger: Ledger, scope: Scope, region: str, size: int) -> Iterator[Entry]:
    """The entries that concern the tenant in that time, among the first `size`, in order.

    Of the platform's own, those that are of no region or of this one, where the tenant's data lies.
    """
    begun = scope.begin
    own = ledger.entries(scope.tenant, begun, scope.end)
    platform = ledger.entries(None, begun, scope.end, PLATFORM)
    shared = (one for one in platform if one.tenant is None and one.region in (None, region))
    streams = [own, shared]
    if begun is not None:
        before = ledger.entries(None, None, begun, STANDING)
        streams.append(one for one in before if one.tenant in (None, scope.tenant))
    for entry in heapq.merge(*streams, key=lambda one: one.seq):
        if entry.seq >= size:
            return  # came in meanwhile: the next bundle has it
        yield entry


def digests_in_force(ledger: Ledger, scope: Scope, size: int) -> list[str]:
    """The digests of the policies that runs of the time worked under, by the first `size` entries, in order.

    With those that were in force when it began.
    """
    found: dict[str, None] = {}
    begun = instant(scope.begin) if scope.begin is not None else ""
    for entry in ledger.entries(None, None, scope.end, ["policy"]):
        if entry.seq >= size:
            break
        if entry.at < begun:
            found.clear()
        found[str(entry.body["digest"])] = None
    return list(found)


def count_of(engine: Engine, tenant: str, size: int) -> int:
    """How many of the first `size` entries are the tenant's own, of any time."""
    table = tables.entries
    query = select(func.count()).where(table.c.tenant == tenant, table.c.seq < size)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def tenants_of(engine: Engine) -> list[str]:
    """Every tenant that the ledger ever had an entry of."""
    table = tables.entries
    query = select(table.c.tenant).where(table.c.tenant.is_not(None)).distinct()
    with engine.connect() as connection:
        return sorted(connection.execute(query).scalars())


def proved(engine: Engine, entries: Iterable[Entry], size: int) -> Iterator[Proved]:
    """Each entry with its inclusion proof; hashes are fetched a page of entries at a time."""
    rest = iter(entries)
    while page := list(islice(rest, PAGE)):
        with engine.connect() as connection:
            proofs = Tree(connection).proved(partial(_proofs, [one.seq for one in page], size))
        for entry, proof in zip(page, proofs, strict=True):
            yield Proved(entry, entry.canonical(), proof)


def _proofs(numbers: Sequence[int], size: int, hashes: merkle.RangeHash) -> list[list[bytes]]:
    return [merkle.inclusion_proof(hashes, one, size) for one in numbers]
