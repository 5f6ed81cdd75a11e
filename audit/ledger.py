"""The ledger: one append-only list of what happened in a lake, whose every change can be told from outside.

Entries are the leaves of a Merkle tree (RFC 9162), and its heads are signed. An entry is written in its
caller's transaction, so it exists exactly where the work that it tells of is committed. The roots of complete
subtrees are kept: neither a root nor a proof reads the entries again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update

from audit import ledger_tables as tables
from audit import merkle
from audit.clock import Clock, utc_now
from audit.errors import LedgerError
from audit.ledger_entry import Entry, Fact, instant, parse_entry
from audit.ledger_head import SignedHead, make_head, parse_head
from audit.ledger_segments import Archived
from audit.ledger_tree import Tree, nodes_at, too_few
from tenancy.signing import SigningKey

__all__ = ["Entry", "Fact", "Ledger", "SignedHead"]

PAGE = 500
"""Rows read or asked for at a time."""
_NO_TEXT = "the text of an entry is missing. To mend it: lakeward ledger check"


class Ledger:
    """The ledger in a control database (SQLite or PostgreSQL). Makes its tables where they are missing.

    `segments` is where archived entries lie, if not where they were written.
    """

    def __init__(self, engine: Engine, clock: Clock = utc_now, segments: Path | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._segments = segments
        tables.create_tables(engine)

    def append(self, facts: Iterable[Fact], connection: Connection | None = None) -> int:
        """Enter facts in order and return how many are new; one that is there already stays as it is.

        With `connection` they are written in the caller's open transaction, and gone if that rolls back;
        without, in one of their own. From here to the end of that transaction nobody else appends.
        Raises LedgerError for a body without canonical JSON.
        """
        wanted = {fact.identity: fact for fact in facts}
        if not wanted:
            return 0
        with nullcontext(connection) if connection is not None else self._engine.begin() as own:
            return self._append(own, wanted)

    def _append(self, connection: Connection, wanted: dict[str, Fact]) -> int:
        _lock(connection)
        size = connection.execute(select(tables.state.c.size)).scalar_one()
        frontier = merkle.Frontier(size, nodes_at(connection, merkle.frontier_places(size)))
        entered, hashes, at = [], [], instant(self._clock())
        known = _known(connection, wanted)
        for identity, fact in wanted.items():
            if identity in known:
                continue
            entry = Entry(
                frontier.size, at, fact.kind, fact.tenant, fact.region, fact.source, fact.body,
                os.urandom(16).hex(),
            )  # fmt: skip
            text = entry.canonical()
            leaf = merkle.leaf_hash(text)
            hashes.append({"level": 0, "place": entry.seq, "hash": leaf})
            hashes += [{"level": n, "place": p, "hash": h} for n, p, h in frontier.add(leaf)]
            entered.append(
                {"seq": entry.seq, "fact": identity, "kind": entry.kind, "tenant": entry.tenant, "at": at,
                 "entry": text.decode()}
            )  # fmt: skip
        if entered:
            connection.execute(tables.entries.insert(), entered)
            connection.execute(tables.nodes.insert(), hashes)
            connection.execute(update(tables.state).values(size=frontier.size))
        return len(entered)

    @property
    def log(self) -> str:
        """The name of this ledger: 64 random hex digits from when it was begun."""
        with self._engine.connect() as connection:
            return str(connection.execute(select(tables.state.c.log)).scalar_one())

    def size(self) -> int:
        """How many entries there are."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(tables.state.c.size)).scalar_one())

    def entries(
        self,
        tenant: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Collection[str] | None = None,
    ) -> Iterator[Entry]:
        """The entries in order, from `since` to before `until`; of a tenant or all, of these kinds or all.

        A tenant's are its own only, without those of the platform. Reads a page at a time. Raises LedgerError
        where an archived entry's segment is not there or is not what was sealed.
        """
        table = tables.entries
        query = select(table.c.seq, table.c.entry).order_by(table.c.seq).limit(PAGE)
        if tenant is not None:
            query = query.where(table.c.tenant == tenant)
        if since is not None:
            query = query.where(table.c.at >= instant(since))
        if until is not None:
            query = query.where(table.c.at < instant(until))
        if kinds is not None:
            query = query.where(table.c.kind.in_(kinds))
        after, archived = -1, self._archived()
        while True:
            with self._engine.connect() as connection:
                page = connection.execute(query.where(table.c.seq > after)).all()
            for seq, here in page:
                text = here if here is not None else archived.text(seq)
                if text is None:
                    archived = self._archived()  # it may have been archived since we looked
                    text = archived.text(seq)
                if text is None:
                    raise LedgerError("; ".join(archived.troubles) or _NO_TEXT)
                yield parse_entry(text)
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def _archived(self) -> Archived:
        with self._engine.connect() as connection:
            return Archived(connection, self._segments)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries, or over all. Raises LedgerError where there are fewer."""
        with self._engine.connect() as connection:
            return Tree(connection).root(size)

    def inclusion_proof(self, seq: int, size: int) -> list[bytes]:
        """The proof that entry `seq` is among the first `size`. Raises LedgerError where it is not."""
        with self._engine.connect() as connection:
            reader = Tree(connection)
            if not 0 <= seq < size <= reader.size:
                raise too_few()
            return reader.proved(lambda hashes: merkle.inclusion_proof(hashes, seq, size))

    def consistency_proof(self, first: int, second: int) -> list[bytes]:
        """The proof that the first `second` entries begin with the first `first`.

        Raises LedgerError where there are fewer, or the first number is larger.
        """
        with self._engine.connect() as connection:
            reader = Tree(connection)
            if not 0 <= first <= second <= reader.size:
                raise too_few()
            return reader.proved(lambda hashes: merkle.consistency_proof(hashes, first, second))

    def sign_head(self, key: SigningKey) -> SignedHead:
        """Sign the ledger as it is now and keep the head; the last one where nothing is new since.

        Raises LedgerError, and signs nothing, where the ledger no longer begins with what the last head said.
        """
        with self._engine.begin() as connection:
            _lock(connection)
            reader = Tree(connection)
            last = _newest(connection)
            if last is not None:
                _refuse_other_past(reader, last)
                if last.size == reader.size and last.key_id == key.key_id:
                    return last
            log = connection.execute(select(tables.state.c.log)).scalar_one()
            head = make_head(key, log, reader.size, reader.root(), instant(self._clock()))
            connection.execute(tables.heads.insert(), {"size": head.size, "head": head.to_json().decode()})
            return head

    def newest_head(self) -> SignedHead | None:
        """The head that was signed last; None where none was."""
        with self._engine.connect() as connection:
            return _newest(connection)

    def heads(self, after: int = 0) -> Iterator[SignedHead]:
        """The heads that were signed and kept, oldest first; with `after`, those over more entries."""
        table = tables.heads
        query = select(table.c.head).where(table.c.size > after).order_by(table.c.id)
        with self._engine.connect() as connection:
            for text in connection.execute(query).scalars():
                yield parse_head(text)


def _newest(connection: Connection) -> SignedHead | None:
    table = tables.heads
    text = connection.execute(select(table.c.head).order_by(table.c.id.desc()).limit(1)).scalar()
    return parse_head(text) if text is not None else None


def _lock(connection: Connection) -> None:
    """Have the ledger alone until the transaction's end, before anything of it is read.

    By changing its row: that takes the write lock of SQLite, or the row's in PostgreSQL; what is read from
    then on is of after the last append's commit. So numbers have no gaps.
    """
    if connection.execute(update(tables.state).values(size=tables.state.c.size)).rowcount != 1:
        raise LedgerError(
            "the ledger's own row is missing. To mend it: restore the control folder from its backup"
        )


def _known(connection: Connection, identities: Collection[str]) -> set[str]:
    column, wanted, found = tables.entries.c.fact, list(identities), set[str]()
    for start in range(0, len(wanted), PAGE):
        part = wanted[start : start + PAGE]
        found.update(connection.execute(select(column).where(column.in_(part))).scalars())
    return found


def _refuse_other_past(reader: Tree, last: SignedHead) -> None:
    if last.size > reader.size or reader.root(last.size).hex() != last.root:
        raise LedgerError(
            f"the ledger is not the one whose head over {last.size} entries was signed, so nothing more is "
            "signed. To mend it: lakeward ledger check, then restore the control folder from its backup"
        )
