"""The Merkle tree of RFC 9162, section 2.1, over SHA-256: roots, proofs, and their verification.

Pure arithmetic. Where hashes come from is the caller's business: a proof is made from a function that gives
the root of any run of leaves, so that whoever keeps the hashes of whole subtrees needs few of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

RangeHash = Callable[[int, int], bytes]
"""The root over the leaves from the first number to before the second: MTH(D[a:b]) of the RFC."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry's bytes, 32 bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.add(leaf)
    return frontier.root()


class Frontier:
    """A tree that grows at its right edge: the roots of its complete subtrees, the largest first."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Append a leaf hash; gives the subtrees that it completes, as (level, place in the level, root).

        Level 1 is two leaves. The subtree covers the leaves from `place * 2**level`.
        """
        done, level = [], 0
        while (self.size >> level) & 1:
            leaf = node_hash(self._roots.pop(), leaf)
            level += 1
            done.append((level, self.size >> level, leaf))
        self._roots.append(leaf)
        self.size += 1
        return iter(done)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._roots:
            return EMPTY
        *left, root = self._roots
        for one in reversed(left):
            root = node_hash(one, root)
        return root


def frontier_places(size: int) -> list[tuple[int, int]]:
    """Where the complete subtrees of a tree of this size lie: (level, place), the largest first."""
    levels = [level for level in range(size.bit_length()) if (size >> level) & 1]
    return [(level, (size >> level) - 1) for level in reversed(levels)]


def inclusion_proof(range_hash: RangeHash, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]). Raises ValueError where the tree has no such leaf."""
    if not 0 <= index < size:
        raise ValueError("the tree has no such leaf")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(range_hash: RangeHash, first: int, second: int) -> list[bytes]:
    """PROOF(first, D[0:second]); empty where the trees are the same, or the first has no leaf.

    Raises ValueError unless 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError("a tree is consistent with one that is as large or larger")
    if first == 0:
        return []
    path, start, end = [], 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(range_hash(middle, end))
            end = middle
        else:
            path.append(range_hash(start, middle))
            start = middle
    if start > 0:  # else it is the first tree's own root, which who verifies has
        path.append(range_hash(start, end))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash is at this place of the tree with this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, result = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(one, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, one)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(first: int, second: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the second tree begins with the whole first tree (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not proof and root1 == root2
    if first == 0:
        return not proof and root1 == EMPTY
    path = [root1, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, one)
        place, last = place >> 1, last >> 1
    return last == 0 and old == root1 and new == root2


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
