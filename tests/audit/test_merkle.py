"""The tree of RFC 9162 against known roots, against its own definition, and proofs with near-misses."""

from __future__ import annotations

import hashlib

import pytest

from audit.merkle import (
    EMPTY,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = [  # of the same entries in Certificate Transparency's own tests
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(40)]


def defined(leaves):
    """MTH as the RFC writes it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(defined(leaves[:split]), defined(leaves[split:]))


def over(start, end):
    return defined(LEAVES[start:end])


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size):
    assert root_of([leaf_hash(one) for one in ENTRIES[:size]]).hex() == KNOWN_ROOTS[size - 1]


def test_a_tree_without_leaves_has_the_hash_of_nothing():
    assert root_of([]) == EMPTY == hashlib.sha256().digest()


def test_a_leaf_is_never_taken_for_a_node():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


def test_every_leaf_of_every_tree_is_proved_to_be_in_its_place_and_in_no_other():
    for size in range(1, len(LEAVES) + 1):
        root = root_of(LEAVES[:size])
        for index in range(size):
            proof = inclusion_proof(over, index, size)
            assert verify_inclusion(LEAVES[index], index, size, proof, root)
            for other in {index - 1, index + 1, index ^ 8} - {index}:
                assert not verify_inclusion(LEAVES[index], other, size, proof, root)


def test_a_proof_that_is_shortened_lengthened_or_flipped_proves_nothing():
    proof, root = inclusion_proof(over, 11, 37), root_of(LEAVES[:37])
    flipped = [*proof[:2], bytes([proof[2][0] ^ 1]) + proof[2][1:], *proof[3:]]
    for bad in (proof[:-1], proof[1:], [*proof, proof[0]], flipped, proof[::-1], []):
        assert not verify_inclusion(LEAVES[11], 11, 37, bad, root)
    assert not verify_inclusion(LEAVES[12], 11, 37, proof, root)


def test_every_tree_is_proved_to_begin_with_every_smaller_one():
    for second in range(len(LEAVES) + 1):
        for first in range(second + 1):
            proof = consistency_proof(over, first, second)
            assert verify_consistency(first, second, over(0, first), over(0, second), proof)
            if 0 < first < second:
                other = root_of([LEAVES[-1], *LEAVES[1:first]])
                assert not verify_consistency(first, second, other, over(0, second), proof)
                assert not verify_consistency(first, second, over(0, first), other, proof)
                assert not verify_consistency(first, second, over(0, first), over(0, second), proof[:-1])


def test_there_is_no_proof_of_what_a_tree_does_not_hold():
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_proof(over, index, size)
        assert not verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])
    with pytest.raises(ValueError, match="as large"):
        consistency_proof(over, 3, 2)
    assert not verify_consistency(3, 2, over(0, 3), over(0, 2), [])
