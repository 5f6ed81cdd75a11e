"""The hashes of the ledger's tree as they are stored: roots and proofs by a few of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy import Connection, false, or_, select

from audit import ledger_tables as tables
from audit import merkle
from audit.errors import LedgerError

T = TypeVar("T")


class Tree:
    """The tree, as one transaction sees it. `size` is how many leaves it has."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.size = int(connection.execute(select(tables.state.c.size)).scalar_one())

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves, or over all. Raises LedgerError where there are fewer."""
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise too_few()
        return merkle.Frontier(size, nodes_at(self._connection, merkle.frontier_places(size))).root()

    def proved(self, make: Callable[[merkle.RangeHash], T]) -> T:
        """The proof, or the proofs, that `make` makes; all hashes that it asks for are read together."""
        asked: list[tuple[int, int]] = []

        def note(start: int, end: int) -> bytes:
            asked.append((start, end))
            return b""

        make(note)
        places = list(dict.fromkeys(place for one in asked for place in _places(*one)))
        known = dict(zip(places, nodes_at(self._connection, places), strict=True))
        return make(lambda start, end: _over([known[place] for place in _places(start, end)], end - start))


def _places(start: int, end: int) -> list[tuple[int, int]]:
    """Where the subtrees lie that make up these entries, a run that a proof asks for: (level, place)."""
    return [(level, (start >> level) + place) for level, place in merkle.frontier_places(end - start)]


def _over(roots: list[bytes], count: int) -> bytes:
    return merkle.Frontier(count, roots).root()


def nodes_at(connection: Connection, places: Collection[tuple[int, int]]) -> list[bytes]:
    """The roots of the subtrees at these places, in their order."""
    table, by_level = tables.nodes, defaultdict[int, list[int]](list)
    for level, place in places:
        by_level[level].append(place)
    # Level by level, because SQLite reads the whole table for a list of pairs.
    wanted = or_(false(), *((table.c.level == n) & table.c.place.in_(own) for n, own in by_level.items()))
    found: dict[tuple[int, int], bytes] = {
        (row.level, row.place): bytes(row.hash) for row in connection.execute(select(table).where(wanted))
    }
    if len(found) != len(places):
        raise LedgerError("hashes of the ledger are missing. To mend it: lakeward ledger check")
    return [found[place] for place in places]


def too_few() -> LedgerError:
    """What is said of a size or number beyond the ledger's end."""
    return LedgerError("the ledger has no such entries. To mend it: ask for sizes up to its present one")
