"""Merkle tree hashing as RFC 6962 has it, in one pass and in little memory (pure).

Invariant: a leaf is hashed with the prefix 0x00 and a node with 0x01, so that neither can be taken
for the other. The root of n leaves is that of section 2.1 of the RFC, whatever way it was reached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"
HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
BLOCK_HEIGHT: Final = 10
BLOCK: Final = 1 << BLOCK_HEIGHT
_NO_HEIGHT: Final = 64
_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Give the hash of a leaf."""
    return _sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node over its two children."""
    return _sha256(NODE + left + right).digest()


def level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Give the hashes of the nodes over an even number of neighbours."""
    pairs = iter(hashes)
    return [_sha256(NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Give the root over 1, 2, 4, 8 ... neighbours."""
    while len(hashes) > 1:
        hashes = level_above(hashes)
    return hashes[0]


class Frontier:
    """The roots of the full subtrees of a growing tree, the highest first: all a root needs."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []

    @classmethod
    def over(cls, full: Iterable[tuple[int, bytes]]) -> Frontier:
        """Give the frontier of a tree from its full subtrees: the height and root of each.

        Raises ValueError when they are not those of any tree.
        """
        made, above = cls(), _NO_HEIGHT
        for height, root in full:
            if len(root) != HASH_BYTES or not 0 <= height < above:
                raise ValueError("these are not the full subtrees of a tree")
            made._push(height, root)
            above = height
        return made

    @property
    def full(self) -> tuple[tuple[int, bytes], ...]:
        """Give the height and root of each full subtree, the highest first."""
        return tuple(self._full)

    def push(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self._push(0, leaf)

    def push_all(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of the next leaves; whole blocks at once where they fall on a boundary."""
        at = 0
        while at < len(leaves):
            if self.size % BLOCK == 0 and len(leaves) - at >= BLOCK:
                self._push(BLOCK_HEIGHT, full_root(leaves[at : at + BLOCK]))
                at += BLOCK
            else:
                self._push(0, leaves[at])
                at += 1

    def root(self) -> bytes:
        """Give the root of what was pushed so far."""
        if not self._full:
            return EMPTY_ROOT
        *higher, (_, root) = self._full
        for _, full in reversed(higher):
            root = node_hash(full, root)
        return root

    def _push(self, height: int, root: bytes) -> None:
        self.size += 1 << height
        while self._full and self._full[-1][0] == height:
            root = node_hash(self._full.pop()[1], root)
            height += 1
        self._full.append((height, root))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root over the hashes of leaves."""
    frontier = Frontier()
    frontier.push_all(list(leaves))
    return frontier.root()
