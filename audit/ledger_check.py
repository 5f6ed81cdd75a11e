"""Whether the ledger is what was signed: every entry, every hash, every head, here and in another place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Engine, Row, func, or_, select

from audit import ledger_tables as tables
from audit.errors import LedgerError
from audit.ledger_entry import identity_of, parse_entry
from audit.ledger_head import SignedHead, parse_head
from audit.ledger_segments import Archived
from audit.merkle import Frontier, leaf_hash

PAGE = 1000
"""Entries looked at together."""
TOLD = 20
"""Findings of one kind that are told one by one."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be: a code, and the words for it."""

    code: str
    words: str


@dataclass(frozen=True)
class Checked:
    """What a check came to.

    `size`: entries. `signed`: how many of them the newest head that fits covers. `heads` and `elsewhere`: how
    many heads were looked at, here and in the other place.
    """

    size: int
    signed: int
    heads: int
    elsewhere: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check_ledger(
    engine: Engine, elsewhere: Iterable[SignedHead], public: Ed25519PublicKey, segments: Path | None = None
) -> Checked:
    """Look at the whole ledger; reads every entry once and changes nothing.

    Args:
        engine: The control database, with the ledger's tables.
        elsewhere: Heads that were kept in another place.
        public: The public half of the key that signs heads.
        segments: Where archived segments lie, if not where they were written.
    """
    with engine.connect() as connection:
        return _Check(connection, list(elsewhere), public, segments).run()


class _Check:
    """One look at a ledger."""

    def __init__(
        self,
        connection: Connection,
        elsewhere: list[SignedHead],
        public: Ed25519PublicKey,
        segments: Path | None,
    ) -> None:
        self._connection, self._public, self._segments = connection, public, segments
        self._elsewhere = elsewhere
        self._own: list[SignedHead] = []
        self._findings: list[Finding] = []
        self._told: Counter[str] = Counter()
        self._marks: dict[int, list[tuple[SignedHead, bool]]] = defaultdict(list)
        self._signed = 0

    def run(self) -> Checked:
        row = self._connection.execute(select(tables.state)).one_or_none()
        size, log = (row.size, row.log) if row is not None else (0, "")
        if row is None:
            self._find("missing", "the ledger's own row, with its name and length, is missing")
        self._read_heads(log)
        self._entries(size)
        self._beyond(size)
        for code, count in self._told.items():
            if count > TOLD:
                self._findings.append(Finding(code, f"and {count - TOLD} more of the kind '{code}'"))
        return Checked(size, self._signed, len(self._own), len(self._elsewhere), tuple(self._findings))

    def _find(self, code: str, words: str) -> None:
        self._told[code] += 1
        if self._told[code] <= TOLD:
            self._findings.append(Finding(code, words))

    # Heads

    def _read_heads(self, log: str) -> None:
        query = select(tables.heads.c.id, tables.heads.c.size, tables.heads.c.head).order_by(
            tables.heads.c.id
        )
        for row in self._connection.execute(query):
            try:
                head = parse_head(row.head)
            except LedgerError:
                self._find("signature", f"head {row.id} of the database is no head")
                continue
            if head.size != row.size:
                self._find(
                    "edited", f"head {row.id} of the database is filed under another length than its own"
                )
            self._own.append(head)
        for earlier, later in pairwise(self._own):
            if later.size < earlier.size:
                self._find("moved", f"{_the(later)} was signed after {_the(earlier)}")
        known = {(head.size, head.root) for head in self._own}
        for kept_elsewhere, heads in ((False, self._own), (True, self._elsewhere)):
            for head in heads:
                self._look_at(head, log, known, kept_elsewhere)

    def _look_at(self, head: SignedHead, log: str, known: set[tuple[int, str]], kept_elsewhere: bool) -> None:
        where = " kept elsewhere" if kept_elsewhere else ""
        if not head.signed_by(self._public):
            self._find("signature", f"{_the(head)}{where} does not carry the signature of the lake's key")
        elif head.log != log:
            self._find("forked", f"{_the(head)}{where} is of another ledger")
        else:
            self._marks[head.size].append((head, kept_elsewhere))
            if kept_elsewhere and (head.size, head.root) not in known:
                self._find("dropped", f"{_the(head)} is kept elsewhere and is not in the database")

    def _compare(self, frontier: Frontier) -> None:
        """Every head over as many entries as were read by now."""
        marks = self._marks.pop(frontier.size, [])
        root = frontier.root().hex()
        for head, kept_elsewhere in marks:
            if head.root == root:
                self._signed = max(self._signed, head.size)
                continue
            where = " kept elsewhere" if kept_elsewhere else ""
            self._find(
                "forked" if kept_elsewhere else "rewritten",
                f"{_the(head)}{where} does not fit: among entries {self._signed} to {head.size - 1} one was "
                "edited, dropped, put in or moved",
            )

    # Entries

    def _entries(self, size: int) -> None:
        frontier, archived = Frontier(), Archived(self._connection, self._segments)
        self._compare(frontier)
        for start in range(0, size, PAGE):
            end = min(start + PAGE, size)
            rows, leaves = self._page(start, end)
            made: dict[tuple[int, int], bytes] = {}
            for seq in range(start, end):
                leaf = self._leaf(seq, rows.get(seq), leaves.get(seq), archived)
                made |= {(level, place): root for level, place, root in frontier.add(leaf)}
                self._compare(frontier)
            self._nodes(made)
        for trouble in archived.troubles:
            self._find("segment", trouble)

    def _page(self, start: int, end: int) -> tuple[dict[int, Row[Any]], dict[int, bytes]]:
        entries, nodes = tables.entries, tables.nodes
        rows = self._connection.execute(select(entries).where(entries.c.seq.between(start, end - 1)))
        here = (nodes.c.level == 0) & nodes.c.place.between(start, end - 1)
        leaves = self._connection.execute(select(nodes.c.place, nodes.c.hash).where(here))
        return {row.seq: row for row in rows}, {place: bytes(leaf) for place, leaf in leaves}

    def _leaf(self, seq: int, row: Row[Any] | None, leaf: bytes | None, archived: Archived) -> bytes:
        """The hash at this place, after its entry was looked at."""
        if leaf is None:
            self._find("missing", f"the hash of entry {seq} is missing")
        if row is None:
            self._find("missing", f"entry {seq} is missing")
            return leaf or bytes(32)
        text = row.entry.encode() if row.entry is not None else archived.text(seq)
        if text is None:
            if not archived.is_unreadable(seq):
                self._find("missing", f"the text of entry {seq} is missing, here and in the segments")
            return leaf or bytes(32)
        if leaf is not None and leaf_hash(text) != leaf:
            self._find("edited", f"entry {seq} was edited: its text and its hash do not belong together")
        self._look_into(seq, row, text)
        return leaf or leaf_hash(text)

    def _look_into(self, seq: int, row: Row[Any], text: bytes) -> None:
        try:
            entry = parse_entry(text)
        except LedgerError:
            self._find("edited", f"entry {seq} was edited: it is no entry any more")
            return
        if entry.seq != seq:
            self._find("moved", f"in the place of entry {seq} lies entry {entry.seq}")
        filed = (row.fact, row.kind, row.tenant, row.at)
        if filed != (identity_of(entry.kind, entry.source), entry.kind, entry.tenant, entry.at):
            self._find(
                "edited", f"entry {seq} is filed under another kind, tenant, time or fact than its own"
            )

    def _nodes(self, made: dict[tuple[int, int], bytes]) -> None:
        """Compare the subtrees that these entries completed with those that are stored."""
        nodes = tables.nodes
        by_level: dict[int, list[int]] = defaultdict(list)
        for level, place in made:
            by_level[level].append(place)
        stored: dict[tuple[int, int], bytes] = {}
        for level, places in by_level.items():
            here = (nodes.c.level == level) & nodes.c.place.between(min(places), max(places))
            for row in self._connection.execute(select(nodes).where(here)):
                stored[row.level, row.place] = bytes(row.hash)
        for (level, place), root in made.items():
            if stored.get((level, place)) != root:
                first, last = place << level, ((place + 1) << level) - 1
                self._find("edited", f"the stored hash over entries {first} to {last} is not theirs")

    # The end

    def _beyond(self, size: int) -> None:
        """What there is after the end, and heads over more than there is."""
        entries, nodes = tables.entries, tables.nodes
        outside = or_(entries.c.seq >= size, entries.c.seq < 0)
        more = self._connection.execute(select(func.count()).where(outside)).scalar_one()
        if more:
            self._find("inserted", f"{more} entries were put in beyond the ledger's end, {size}")
        hashes = self._connection.execute(select(func.count()).select_from(nodes)).scalar_one()
        expected = sum(size >> level for level in range(size.bit_length()))
        if hashes > expected:
            self._find("inserted", f"{hashes - expected} hashes were put in that belong to no entry")
        for length in sorted(self._marks):
            for head, kept_elsewhere in self._marks[length]:
                if kept_elsewhere:
                    told = "kept elsewhere: the ledger was cut off, or this is an older copy of it"
                else:
                    told = "here: the ledger was cut off"
                code = "rolled_back" if kept_elsewhere else "cut"
                self._find(code, f"there are {size} entries, and {_the(head)} is {told}")


def _the(head: SignedHead) -> str:
    return f"the head over {head.size} entries, signed {head.at},"
