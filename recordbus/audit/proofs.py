"""Inclusion and consistency proofs: made as RFC 6962 says, checked as RFC 9162 says (pure).

Invariant: the two sides share no code. Making walks the tree from its root by recursion; checking
climbs from a leaf with the bits of the numbers, knows no tree, and says False to whatever is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recordbus.audit.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

HashAt = Callable[[int, int], bytes]
"""Gives the hash at (height, index): the root over the leaves index << height and following."""


def root_at(hash_at: HashAt, size: int) -> bytes:
    """Give the root of the first `size` leaves."""
    return _root(hash_at, 0, size) if size else EMPTY_ROOT


def inclusion_proof(hash_at: HashAt, index: int, size: int) -> list[bytes]:
    """Give the path that shows leaf `index` to be in the tree of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    return _path(hash_at, index, 0, size)


def consistency_proof(hash_at: HashAt, old: int, new: int) -> list[bytes]:
    """Give the hashes that show the tree of `old` leaves to be the beginning of that of `new`."""
    if not 0 <= old <= new:
        raise ValueError("the older tree is larger than the newer one")
    return _old_part(hash_at, old, 0, new, is_whole=True) if 0 < old < new else []


def is_included(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:  # fmt: skip
    """Say whether a path shows the leaf of this hash at `index` of the tree with this root."""
    if not 0 <= index < size or not _are_hashes(path):
        return False
    position, last, climbed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            climbed = node_hash(sibling, climbed)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            climbed = node_hash(climbed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and climbed == root


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:  # fmt: skip
    """Say whether a proof shows the older tree to be the beginning of the newer one."""
    if not 0 <= old <= new or not _are_hashes(proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    return _grows(old, new, old_root, new_root, proof)


def _grows(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:  # fmt: skip
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        position, last = position >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def _are_hashes(proof: Sequence[bytes]) -> bool:
    return all(len(each) == HASH_BYTES for each in proof)


def _split(size: int) -> int:
    """Give the largest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(hash_at: HashAt, start: int, end: int) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return hash_at(height, start >> height)
    middle = start + _split(size)
    return node_hash(_root(hash_at, start, middle), _root(hash_at, middle, end))


def _path(hash_at: HashAt, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(hash_at, index, start, middle), _root(hash_at, middle, end)]
    return [*_path(hash_at, index, middle, end), _root(hash_at, start, middle)]


def _old_part(
    hash_at: HashAt, old_end: int, start: int, end: int, *, is_whole: bool
) -> list[bytes]:  # fmt: skip
    if old_end == end:
        return [] if is_whole else [_root(hash_at, start, end)]
    middle = start + _split(end - start)
    if old_end <= middle:
        below = _old_part(hash_at, old_end, start, middle, is_whole=is_whole)
        return [*below, _root(hash_at, middle, end)]
    below = _old_part(hash_at, old_end, middle, end, is_whole=False)
    return [*below, _root(hash_at, start, middle)]
