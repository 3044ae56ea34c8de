"""What associate remembers of a record, as bytes (pure).

Each side is kept as the message that said it; what was last said of each association is kept in
entries of one size, so that expiry dates are found without reading the rest.
Invariant: a side that was removed has no content here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

NOT_YET: Final = -1
_NEVER: Final = (1 << 63) - 1
_HEAD: Final = struct.Struct(">qqqqI")
_SAID: Final = struct.Struct(">32sIB12sq")
_SIZE: Final = struct.Struct(">I")
_VERSION: Final = struct.Struct(">q")
_END: Final = struct.Struct(">q")
_FLAGS_AT: Final = 36
_END_AT: Final = _SAID.size - _END.size
_LIVE, _ASSERTED, _SENSITIVE = 1, 2, 4
_PACKED_FROM: Final = 2048
_NO_DIGEST: Final = bytes(12)
_NO_OTHERS: Final = bytes(2 * _SIZE.size)
"""Two empty sections: no pair is matched, or it is of the newest sides."""
_SIDES: Final = 2
"""Sections after the two sides that every state has: what else the matched pair is made of."""

NOBODY: Final = b""
"""In `Side.value`: this side was removed, or never said anything."""


class Side(NamedTuple):
    """The newest message of one side of a record, and the record's version that it is about."""

    version: int = NOT_YET
    value: bytes = NOBODY


class Pair(NamedTuple):
    """Both sides of one version."""

    version: int
    relations: bytes
    identities: bytes


class Said(NamedTuple):
    """What was last said of an association.

    `is_live` says that its content stands in the topic, `is_asserted` that it stands there as
    asserted, not as frozen; `digest` tells contents apart.
    """

    sequence: int
    is_live: bool
    is_asserted: bool
    digest: bytes
    expires_at: int | None
    sensitive: bool


class RecordState(NamedTuple):
    """Everything about a record; `seen_at` is the latest time that one of its messages told.

    `marked` names the mentions whose markers stand in `identities.v1`, until they may go as well.
    """

    relations: Side = Side()
    identities: Side = Side()
    matched: Pair | None = None
    said: Mapping[str, Said] = {}
    seen_at: int = 0
    marked: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Give the state as bytes."""
        relations, identities, matched, said, seen_at, marked = self
        versions = (relations.version, identities.version, matched.version if matched else NOT_YET)
        parts = [_HEAD.pack(seen_at, *versions, len(said))]
        parts += [_pack(name, said[name]) for name in sorted(said)]
        parts += (*_section(relations.value), *_section(identities.value))
        if matched is None:
            parts.append(_NO_OTHERS)
        else:  # what of the matched pair is not the newest of its side
            is_newest = matched.relations == relations.value
            parts += _section(b"" if is_newest else matched.relations)
            is_newest = matched.identities == identities.value
            parts += _section(b"" if is_newest else matched.identities)
        if marked:
            parts += _section("\n".join(marked).encode())
        return b"".join(parts)


NOTHING: Final = RecordState()


def decode(state: bytes | None) -> RecordState:
    """Read a state's bytes; none means that nothing is known of the record."""
    if state is None:
        return NOTHING
    seen_at, relations_version, identities_version, version, count = _HEAD.unpack_from(state)
    sides_at = _HEAD.size + count * _SAID.size
    said = dict(_said_of(state, _HEAD.size, sides_at)) if count else {}
    relations, identities, *others = _sections(state, sides_at)
    matched = None
    if version != NOT_YET:
        matched = Pair(version, others[0] or relations, others[1] or identities)
    marked = others[_SIDES] if len(others) > _SIDES else b""
    return RecordState(
        Side(relations_version, relations),
        Side(identities_version, identities),
        matched,
        said,
        seen_at,
        tuple(marked.decode().split("\n")) if marked else (),
    )


class Due(NamedTuple):
    """An association whose content stands in the topic until a date."""

    association_id: str
    expires_at: int
    sequence: int
    version: int
    sensitive: bool


def expiring(state: bytes, after: int = -1) -> bytes:
    """Give what of a record expires later than `after`, packed; empty when there is nothing.

    Neither its sides nor what it says for ever is read, and an entry takes as little room here.
    """
    _, _, _, version, count = _HEAD.unpack_from(state)
    return _packed(state, _HEAD.size, _HEAD.size + count * _SAID.size, version, after)


def still_expiring(packed: bytes, after: int) -> bytes:
    """Give what of a packed list expires later than `after`."""
    if not packed:
        return packed
    return _packed(packed, _VERSION.size, len(packed), _VERSION.unpack_from(packed)[0], after)


def _packed(source: bytes, start: int, end: int, version: int, after: int) -> bytes:
    kept = [
        source[at : at + _SAID.size]
        for at in range(start, end, _SAID.size)
        if source[at + _FLAGS_AT] & _LIVE
        and after < _END.unpack_from(source, at + _END_AT)[0] < _NEVER
    ]
    return b"".join((_VERSION.pack(version), *kept)) if kept else b""


def first_end(packed: bytes) -> int:
    """Give the earliest date of a packed list that is not empty."""
    places = range(_VERSION.size + _END_AT, len(packed), _SAID.size)
    return min(int(_END.unpack_from(packed, at)[0]) for at in places)


def dues_of(packed: bytes) -> Iterator[Due]:
    """Read a packed list."""
    if packed:
        version = _VERSION.unpack_from(packed)[0]
        for name, said in _said_of(packed, _VERSION.size, len(packed)):
            assert said.expires_at is not None, "what never expires is not in the list"
            yield Due(name, said.expires_at, said.sequence, version, said.sensitive)


def _said_of(state: bytes, start: int, stop: int) -> Iterator[tuple[str, Said]]:
    for at in range(start, stop, _SAID.size):
        name, sequence, flags, digest, expires_at = _SAID.unpack_from(state, at)
        end = None if expires_at == _NEVER else expires_at
        is_live, is_asserted, sensitive = (
            bool(flags & each) for each in (_LIVE, _ASSERTED, _SENSITIVE)
        )
        yield name.hex(), Said(sequence, is_live, is_asserted, digest, end, sensitive)


def _pack(name: str, said: Said) -> bytes:
    flags = _LIVE * said.is_live | _ASSERTED * said.is_asserted | _SENSITIVE * said.sensitive
    end = _NEVER if said.expires_at is None else said.expires_at
    return _SAID.pack(bytes.fromhex(name), said.sequence, flags, said.digest or _NO_DIGEST, end)


def _section(value: bytes) -> tuple[bytes, bytes]:
    """Give a value after its size; a long one is packed, as crowds repeat themselves."""
    if len(value) < _PACKED_FROM:
        return _SIZE.pack(len(value) << 1), value
    packed = zlib.compress(value, 1)
    return _SIZE.pack(len(packed) << 1 | 1), packed


def _sections(state: bytes, at: int) -> Iterator[bytes]:
    while at < len(state):
        size = _SIZE.unpack_from(state, at)[0]
        at += _SIZE.size
        value = state[at : at + (size >> 1)]
        yield zlib.decompress(value) if size & 1 else value
        at += size >> 1
