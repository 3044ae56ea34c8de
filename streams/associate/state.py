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
_LIVE, _ASSERTED, _SENSITIVE = 1, 2, 4
_PACKED_FROM: Final = 2048
_NO_DIGEST: Final = bytes(12)

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
    """Everything about a record; `seen_at` is the latest time that one of its messages told."""

    relations: Side = Side()
    identities: Side = Side()
    matched: Pair | None = None
    said: Mapping[str, Said] = {}
    seen_at: int = 0

    def encode(self) -> bytes:
        """Give the state as bytes."""
        matched = self.matched
        version = NOT_YET if matched is None else matched.version
        head = _HEAD.pack(
            self.seen_at, self.relations.version, self.identities.version, version, len(self.said)
        )
        said = [_pack(name, each) for name, each in sorted(self.said.items())]
        sections = [self.relations.value, self.identities.value]
        sections += [b"", b""] if matched is None else self._other_than_current(matched)
        return head + b"".join(said) + b"".join(map(_section, sections))

    def _other_than_current(self, matched: Pair) -> list[bytes]:
        """Give what of the matched pair is not the newest of its side."""
        pairs = ((matched.relations, self.relations), (matched.identities, self.identities))
        return [value if value != side.value else b"" for value, side in pairs]


NOTHING: Final = RecordState()


def decode(state: bytes | None) -> RecordState:
    """Read a state's bytes; none means that nothing is known of the record."""
    if state is None:
        return NOTHING
    seen_at, relations_version, identities_version, version, count = _HEAD.unpack_from(state)
    said = dict(_said_of(state, count))
    sections = list(_sections(state, _HEAD.size + count * _SAID.size))
    relations, identities = sections[0], sections[1]
    matched = Pair(version, sections[2] or relations, sections[3] or identities)
    return RecordState(
        Side(relations_version, relations),
        Side(identities_version, identities),
        None if version == NOT_YET else matched,
        said,
        seen_at,
    )


class Due(NamedTuple):
    """An association whose content stands in the topic until a date."""

    association_id: str
    expires_at: int
    sequence: int
    version: int
    sensitive: bool


def dues_of(state: bytes) -> Iterator[Due]:
    """Give what of a record will expire, without reading its sides."""
    _, _, _, version, count = _HEAD.unpack_from(state)
    for name, said in _said_of(state, count):
        if said.is_live and said.expires_at is not None:
            yield Due(name, said.expires_at, said.sequence, version, said.sensitive)


def _said_of(state: bytes, count: int) -> Iterator[tuple[str, Said]]:
    for at in range(_HEAD.size, _HEAD.size + count * _SAID.size, _SAID.size):
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


def _section(value: bytes) -> bytes:
    """Give a value with its size before it; a long one is packed, as crowds repeat themselves."""
    if len(value) < _PACKED_FROM:
        return _SIZE.pack(len(value) << 1) + value
    packed = zlib.compress(value, 1)
    return _SIZE.pack(len(packed) << 1 | 1) + packed


def _sections(state: bytes, at: int) -> Iterator[bytes]:
    while at < len(state):
        size = _SIZE.unpack_from(state, at)[0]
        at += _SIZE.size
        value = state[at : at + (size >> 1)]
        yield zlib.decompress(value) if size & 1 else value
        at += size >> 1
