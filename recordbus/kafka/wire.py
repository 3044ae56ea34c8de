"""Confluent framing: one zero byte, the schema id in four bytes, then the Avro payload.

Pure. The framing is the only thing checked here; whether the id belongs to the topic
and whether the payload is sound is for the decoder to say.
"""

from __future__ import annotations

import struct
from typing import Final

from recordbus.errors import Rejected

HEADER_BYTES: Final = 5
MAX_SCHEMA_ID: Final = 2**32 - 1
_HEADER: Final = struct.Struct(">BI")


def frame(schema_id: int, payload: bytes) -> bytes:
    """Put the header of `schema_id` before an Avro payload."""
    return _HEADER.pack(0, schema_id) + payload


def unframe(value: bytes | None) -> tuple[int, memoryview]:
    """Split a framed value into its schema id and its payload, without a copy.

    Raises Rejected `not_framed` for a tombstone, a short value or another first byte.
    """
    if value is None:
        raise Rejected("not_framed", "the message has no value")
    if len(value) < HEADER_BYTES:
        raise Rejected("not_framed", f"{len(value)} bytes are too few for a header")
    magic, schema_id = _HEADER.unpack_from(value)
    if magic != 0:
        raise Rejected("not_framed", f"the first byte is {magic}, not 0", position=0)
    return schema_id, memoryview(value)[HEADER_BYTES:]
