"""The hashes of a log in small files of 256, from which every proof can be made.

Tile files of height 0 hold the hashes of leaves, those of height 1 the roots over 256 leaves, and
so on: the hash at height 8k of the tree, index i, is entry i % 256 of file i // 256 of height k.
They say nothing of what was logged and may be published. They are derived: whoever reads them
checks what they make against a signed checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from recordbus.audit.files import replace_file
from recordbus.audit.layout import tile_file
from recordbus.audit.merkle import HASH_BYTES, full_root
from recordbus.audit.proofs import HashAt

TILE_HEIGHT: Final = 8
TILE: Final = 1 << TILE_HEIGHT
_TILE_BYTES: Final = TILE * HASH_BYTES

ReadTile = Callable[[int, int], bytes]
"""Gives the content of a tile file, empty where there is none."""


class TilesMissing(Exception):
    """A hash that is needed is not in the tiles."""


def in_directory(directory: Path) -> ReadTile:
    """Give a reader of the tiles in the directory of a log."""

    def read(height: int, index: int) -> bytes:
        path = directory / tile_file(height, index)
        return path.read_bytes() if path.exists() else b""

    return read


def hashes_of(read: ReadTile) -> HashAt:
    """Give what finds any hash of the tree from its tiles; raises TilesMissing."""
    known: dict[tuple[int, int], bytes] = {}

    def hash_at(height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        first = index << above
        tile, start = divmod(first, TILE)
        if (level, tile) not in known:
            known[level, tile] = read(level, tile)
        span = known[level, tile][start * HASH_BYTES : (start + (1 << above)) * HASH_BYTES]
        if len(span) != HASH_BYTES << above:
            raise TilesMissing(f"the hash at height {height}, index {index} is in no tile")
        return full_root([span[at : at + HASH_BYTES] for at in range(0, len(span), HASH_BYTES)])

    return hash_at


def extend(directory: Path, size: int, leaves: Iterable[bytes]) -> int:
    """Add the hashes of the leaves after the first `size`; give how many there are then.

    What stands in the tiles beyond `size` is replaced. Raises TilesMissing where the tiles of the
    first `size` leaves are not all there.
    """
    level, added = 0, list(leaves)
    total = size + len(added)
    first = size
    while added:
        whole = _extend_level(directory, level, first, added)
        first, added, level = first // TILE, whole, level + 1
    return total


def _extend_level(directory: Path, level: int, size: int, added: list[bytes]) -> list[bytes]:
    """Write the files of one height; give the roots over those that are full now."""
    index, kept = divmod(size, TILE)
    content = in_directory(directory)(level, index)[: kept * HASH_BYTES]
    if len(content) != kept * HASH_BYTES:
        raise TilesMissing(f"the tiles of height {level} end before {size}")
    content += b"".join(added)
    roots = []
    for at in range(0, len(content), _TILE_BYTES):
        tile = content[at : at + _TILE_BYTES]
        name = tile_file(level, index + at // _TILE_BYTES)
        replace_file(directory / name, tile, is_durable=False)
        if len(tile) == _TILE_BYTES:
            hashes = [tile[i : i + HASH_BYTES] for i in range(0, _TILE_BYTES, HASH_BYTES)]
            roots.append(full_root(hashes))
    return roots
