"""Entries in a file: each with its length and a checksum before it (pure).

Invariant: what a crash or a failing disk leaves half written is never taken for an entry. The
checksum is against accidents; against people there are the hashes of the tree.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

_HEAD = struct.Struct(">II")
HEAD_BYTES: Final = _HEAD.size
END: Final = bytes(HEAD_BYTES)
"""What stands behind the last frame: no frame has no length."""
LONGEST: Final = 32 * 1024 * 1024


class Torn(Exception):
    """The bytes at `offset` are no whole frame."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"no whole entry at byte {offset}")
        self.offset = offset


def framed(data: bytes) -> bytes:
    """Give data with its length and checksum before it; ValueError when it is too long."""
    if not 0 < len(data) <= LONGEST:
        raise ValueError(f"an audit entry has at most {LONGEST} bytes")
    return _HEAD.pack(len(data), zlib.crc32(data, len(data))) + data


def unframed(content: bytes, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Give each frame and its offset, up to an end; raises Torn at one that is not whole."""
    end, crc32, unpack = len(content), zlib.crc32, _HEAD.unpack_from
    while offset < end:
        start = offset + HEAD_BYTES
        if start > end:
            raise Torn(offset)
        length, checksum = unpack(content, offset)
        if not length and not checksum:
            return
        data = content[start : start + length]
        if not length or len(data) != length or crc32(data, length) != checksum:
            raise Torn(offset)
        yield offset, data
        offset = start + length
