"""The mark: how far the log is acknowledged, in two places that are written in turns (pure).

Invariant: entries are durable before a mark that covers them is written. So where there is less
than the mark says, something that was acknowledged is gone.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final, NamedTuple

_FORM = struct.Struct(">4sQQQQQ")
_CHECKSUM = struct.Struct(">I")
_MAGIC: Final = b"rba1"
SLOT_BYTES: Final = 512
MARK_BYTES: Final = 2 * SLOT_BYTES


class Mark(NamedTuple):
    """How many entries there are, in which segment the last is, and where its two files end.

    `segment` is the sequence of the segment's first entry; `generation` counts the marks.
    """

    generation: int = 0
    entries: int = 0
    segment: int = 0
    end: int = 0
    openings_end: int = 0

    @property
    def place(self) -> int:
        """Give where in the file this mark stands."""
        return self.generation % 2 * SLOT_BYTES

    def encoded(self) -> bytes:
        """Give the bytes of one slot."""
        body = _FORM.pack(_MAGIC, *self)
        return (body + _CHECKSUM.pack(zlib.crc32(body))).ljust(SLOT_BYTES, b"\x00")


def read_marks(content: bytes) -> Mark | None:
    """Give the newest mark of a file; None when neither of its slots can be read."""
    slots = (content[at : at + SLOT_BYTES] for at in (0, SLOT_BYTES))
    return max((mark for mark in map(_decoded, slots) if mark is not None), default=None)


def _decoded(slot: bytes) -> Mark | None:
    body = slot[: _FORM.size]
    if len(slot) != SLOT_BYTES or body[: len(_MAGIC)] != _MAGIC:
        return None
    (checksum,) = _CHECKSUM.unpack_from(slot, _FORM.size)
    return Mark(*_FORM.unpack(body)[1:]) if checksum == zlib.crc32(body) else None
