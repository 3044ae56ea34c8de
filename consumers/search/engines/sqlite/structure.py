"""Reads how an FTS5 index lies on disk: its segments, by level (pure).

FTS5 keeps this in one row of its data table, in a form that is part of SQLite's file format. The
project asks it one thing only: which segments are older than some moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

STRUCTURE_ROW: Final = 10
"""The row of the data table that holds the structure."""
_COOKIE_BYTES: Final = 4
_WITH_ORIGINS: Final = b"\xff\x00\x00\x01"
_LONGEST_VARINT: Final = 9


class Segment(NamedTuple):
    """One sorted run of words; `origin` grows with each one that is written first-hand.

    A segment that was merged out of others has the origin of the oldest of them.
    """

    origin: int
    newest_origin: int
    pages: int


def segments(structure: bytes) -> list[Segment]:
    """Give the segments of a full-text table that forgets rows (`contentless_delete`).

    Raises ValueError for a table of another kind.
    """
    start = _COOKIE_BYTES + len(_WITH_ORIGINS)
    if structure[_COOKIE_BYTES:start] != _WITH_ORIGINS:
        raise ValueError("the full-text table keeps no origins")
    numbers = _varints(structure[start:])
    levels, _segments, _writes = islice(numbers, 3)
    found: list[Segment] = []
    for _ in range(levels):
        _merging, count = islice(numbers, 2)
        for _ in range(count):
            _id, first, last, origin, newest, _pages, _gone, _rows = islice(numbers, 8)
            found.append(Segment(origin, newest, last - first + 1))
    return found


def _varints(data: bytes) -> Iterator[int]:
    """Give SQLite's varints: seven bits a byte, the highest first, the ninth byte whole."""
    number = length = 0
    for byte in data:
        length += 1
        if length == _LONGEST_VARINT:
            yield (number << 8) | byte
        elif byte & 0x80:
            number = (number << 7) | (byte & 0x7F)
            continue
        else:
            yield (number << 7) | byte
        number = length = 0
