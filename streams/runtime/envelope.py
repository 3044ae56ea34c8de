"""How a stage's state values, positions and versions look as bytes (pure).

Invariant: the version travels with the value, so a value always tells which input made it, and
what its key has heard from other stages. Keys beginning with NUL belong to the runtime.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

import orjson

POSITION_KEY: Final = b"\x00position"
UNDER_REBUILD: Final = 1 << 16
"""In `Positions.epoch`: a rebuild holds the partition. It is above every epoch there may be."""
EPOCH_SHIFT: Final = 48
SEQUENCE_MASK: Final = (1 << EPOCH_SHIFT) - 1

_PLAIN: Final = 1
_REMOVED: Final = 2
_MARKED: Final = 4  # a bit: marks follow the version

_HEAD: Final = struct.Struct(">BQ")
_VERSION: Final = struct.Struct(">Q")
_HEAD_BYTES: Final = _HEAD.size
VERSION_BYTES: Final = _VERSION.size

pack_version = _VERSION.pack
"""A version as eight bytes, big endian, so that bytes compare as numbers do."""

Marks = Mapping[bytes, int]
_NO_MARKS: Final[Marks] = {}


class Value(NamedTuple):
    """A state value: None when removed; `marks` is the newest version heard from each origin."""

    version: int
    payload: bytes | None
    marks: Marks


def version_of(epoch: int, sequence: int) -> int:
    """Compose a version: the epoch above, the sequence within it below."""
    return epoch << EPOCH_SHIFT | sequence


def unpack_version(raw: bytes) -> int:
    """Read a version from the header `version`; raises ValueError unless it is eight bytes."""
    if len(raw) != VERSION_BYTES:
        raise ValueError(f"a version has {VERSION_BYTES} bytes, not {len(raw)}")
    version: int = _VERSION.unpack(raw)[0]
    return version


def seal(version: int, payload: bytes | None, marks: Marks | None = None) -> bytes:
    """Wrap a state value for the changelog; a payload of None says the key was removed."""
    kind = _REMOVED if payload is None else _PLAIN
    if not marks:
        return _HEAD.pack(kind, version) + (payload or b"")
    return _HEAD.pack(kind | _MARKED, version) + _seal_marks(marks) + (payload or b"")


def unseal(sealed: bytes) -> Value:
    """Open a sealed value; raises ValueError when it was not written by `seal`."""
    if len(sealed) < _HEAD_BYTES:
        raise ValueError(f"a state value has at least {_HEAD_BYTES} bytes, not {len(sealed)}")
    kind, version = _HEAD.unpack_from(sealed)
    if kind == _PLAIN:
        return tuple.__new__(Value, (version, sealed[_HEAD_BYTES:], _NO_MARKS))
    if kind & ~_MARKED not in {_PLAIN, _REMOVED}:
        raise ValueError(f"unknown form {kind} of a state value")
    marks, start = _unseal_marks(sealed) if kind & _MARKED else ({}, _HEAD_BYTES)
    return Value(version, sealed[start:] if kind & _PLAIN else None, marks)


def _seal_marks(marks: Marks) -> bytes:
    parts = [bytes([len(marks)])]
    for origin, version in sorted(marks.items()):
        parts += [bytes([len(origin)]), origin, pack_version(version)]
    return b"".join(parts)


def _unseal_marks(sealed: bytes) -> tuple[dict[bytes, int], int]:
    at = _HEAD_BYTES + 1
    marks = {}
    for _ in range(sealed[_HEAD_BYTES]):
        end = at + 1 + sealed[at]
        marks[sealed[at + 1 : end]] = _VERSION.unpack_from(sealed, end)[0]
        at = end + VERSION_BYTES
    return marks, at


class Positions(NamedTuple):
    """How far a (stage, partition) has come: the next offset of each source, and its sequence."""

    epoch: int
    sequence: int
    next_offsets: Mapping[str, int]


START: Final = Positions(0, -1, {})


def seal_positions(positions: Positions) -> bytes:
    """Give the value of `POSITION_KEY`, the last record of every transaction."""
    return orjson.dumps(
        [positions.epoch, positions.sequence, dict(positions.next_offsets)],
        option=orjson.OPT_SORT_KEYS,
    )


def unseal_positions(sealed: bytes) -> Positions:
    """Read the value of `POSITION_KEY`; raises ValueError when it is none."""
    epoch, sequence, next_offsets = orjson.loads(sealed)
    return Positions(int(epoch), int(sequence), next_offsets)
