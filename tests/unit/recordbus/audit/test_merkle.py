"""Merkle hashing and proofs, against known answers and against a naive tree (R-40)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.audit.merkle import BLOCK, EMPTY_ROOT, Frontier, leaf_hash, root_of
from recordbus.audit.proofs import (
    HashAt,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    root_at,
)

# The reference vectors of certificate transparency: eight leaves, their roots, and two proofs.
LEAVES = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATH_OF_5_IN_8 = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
FROM_6_TO_8 = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
HASHES = [leaf_hash(each) for each in LEAVES]


def naive_root(data: Sequence[bytes]) -> bytes:
    """The definition, word for word."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def hashes_at(data: Sequence[bytes]) -> HashAt:
    return lambda height, index: naive_root(data[index << height : (index + 1) << height])


def test_known_roots() -> None:
    assert root_of([]) == EMPTY_ROOT
    for size, root in enumerate(ROOTS, 1):
        assert root_of(HASHES[:size]).hex() == root


def test_known_proofs() -> None:
    hash_at = hashes_at(LEAVES)
    assert tuple(each.hex() for each in inclusion_proof(hash_at, 5, 8)) == PATH_OF_5_IN_8
    assert tuple(each.hex() for each in consistency_proof(hash_at, 6, 8)) == FROM_6_TO_8


@pytest.mark.parametrize("size", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 77])
def test_a_frontier_gives_the_root_however_leaves_come(size: int) -> None:
    data = [b"%d" % number for number in range(size)]
    leaves = [leaf_hash(each) for each in data]
    one_by_one, at_once, uneven = Frontier(), Frontier(), Frontier()
    for leaf in leaves:
        one_by_one.push(leaf)
    at_once.push_all(leaves)
    uneven.push_all(leaves[:7])
    uneven.push_all(leaves[7:])

    assert one_by_one.root() == at_once.root() == uneven.root() == naive_root(data)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_every_proof_holds_and_no_altered_one_does(data: list[bytes], draw: st.DataObject) -> None:
    size, hash_at = len(data), hashes_at(data)
    old = draw.draw(st.integers(0, size))
    index = draw.draw(st.integers(0, size - 1))
    root, leaf = naive_root(data), leaf_hash(data[index])
    path = inclusion_proof(hash_at, index, size)
    proof = consistency_proof(hash_at, old, size)

    assert root_at(hash_at, size) == root
    assert is_included(leaf, index, size, path, root)
    assert is_consistent(old, size, naive_root(data[:old]), root, proof)

    other = hashlib.sha256(b"other").digest()
    assert not is_included(other, index, size, path, root)
    assert not is_included(leaf, index, size, path, other)
    assert not is_included(leaf, index, size, [*path, other], root)
    assert not is_included(leaf, size, size, path, root)
    assert not is_consistent(old, size, other, root, proof)
    assert not is_consistent(old, size, naive_root(data[:old]), root, [*proof, other])
    for place in range(len(path)):
        assert not is_included(leaf, index, size, path[:place] + path[place + 1 :], root)
        bad = [*path[:place], other, *path[place + 1 :]]
        assert not is_included(leaf, index, size, bad, root)
    for place in range(len(proof)):
        bad = [*proof[:place], other, *proof[place + 1 :]]
        assert not is_consistent(old, size, naive_root(data[:old]), root, bad)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 39))
def test_a_rewritten_beginning_is_never_consistent(old: int, more: int, altered: int) -> None:
    data = [b"%d" % number for number in range(old + more)]
    forked = list(data)
    forked[altered % old] = b"another"
    proof = consistency_proof(hashes_at(forked), old, old + more)

    assert not is_consistent(old, old + more, naive_root(data[:old]), naive_root(forked), proof)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70), st.integers(0, 70))
def test_a_frontier_goes_on_from_what_was_kept_of_it(leaves: list[bytes], kept: int) -> None:
    first = Frontier()
    first.push_all(leaves[:kept])
    again = Frontier.over(first.full)
    again.push_all(leaves[kept:])

    assert (again.size, again.root()) == (len(leaves), root_of(leaves))


@pytest.mark.parametrize(
    "full",
    [[(0, b"short")], [(1, bytes(32)), (1, bytes(32))], [(0, bytes(32)), (3, bytes(32))],
     [(-1, bytes(32))], [(64, bytes(32))]],
    ids=range(5),
)  # fmt: skip
def test_what_is_no_frontier_is_refused(full: list[tuple[int, bytes]]) -> None:
    with pytest.raises(ValueError, match="subtrees"):
        Frontier.over(full)
