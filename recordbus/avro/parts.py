"""The small parts of Avro binary: numbers, lengths and texts as bytes (pure).

What does not fit its type raises OverflowError.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

from recordbus.avro.reader import EPOCH, MICROSECOND

_TWO_DIGITS: Final = 14
_TABLE_SIZE: Final = 1 << _TWO_DIGITS
_LAST: Final = tuple(
    bytes((number,)) if number < 0x80 else bytes((number & 0x7F | 0x80, number >> 7))
    for number in range(_TABLE_SIZE)
)
_MORE: Final = tuple(
    bytes((number & 0x7F | 0x80, number >> 7 | 0x80)) for number in range(_TABLE_SIZE)
)


_SEVEN_BYTES: Final = 1 << 3 * _TWO_DIGITS
_NINE_BYTES: Final = 1 << 4 * _TWO_DIGITS


def _varint(number: int) -> bytes:
    """Encode an unsigned number of at most 64 bits, two digits of seven bits at a time."""
    if _SEVEN_BYTES <= number < _NINE_BYTES:  # most versions, and the instants of our time
        low, middle = number & _TABLE_SIZE - 1, number >> _TWO_DIGITS & _TABLE_SIZE - 1
        high = number >> 2 * _TWO_DIGITS
        return (
            _MORE[low] + _MORE[middle] + _MORE[high & _TABLE_SIZE - 1] + _LAST[high >> _TWO_DIGITS]
        )
    if number < 0 or number >> 64:
        raise OverflowError("the number does not fit 64 bits")
    out = b""
    while number >= _TABLE_SIZE:
        out += _MORE[number & _TABLE_SIZE - 1]
        number >>= _TWO_DIGITS
    return out + _LAST[number]


def varint(number: int) -> bytes:
    """Encode an unsigned number: twice a length, or a zigzag value."""
    return _LAST[number] if 0 <= number < _TABLE_SIZE else _varint(number)


SHORT_LENGTHS: Final = 256


@cache
def lengths(prefix: bytes) -> tuple[bytes, ...]:
    """Give the encodings of short lengths, each after a constant prefix."""
    return tuple(prefix + varint(2 * length) for length in range(SHORT_LENGTHS))


_HALF: Final = _TABLE_SIZE // 2


_TEXT_LENGTHS: Final = lengths(b"")


def text(value: str) -> bytes:
    """Encode a string, its length before it."""
    encoded = value.encode()
    length = len(encoded)
    return (_TEXT_LENGTHS[length] if length < SHORT_LENGTHS else varint(2 * length)) + encoded


_MOST_RECENT: Final = 64
_recent: dict[int, bytes] = {}
"""Large numbers just written: a version, or an instant, is in each message about a record."""


def zigzag(number: int) -> bytes:
    """Encode a signed number of at most 64 bits."""
    if -_HALF <= number < _HALF:
        return _LAST[(number << 1) ^ (number >> 63)]
    found = _recent.get(number)
    if found is None:
        if len(_recent) >= _MOST_RECENT:
            _recent.clear()
        found = _recent[number] = _varint((number << 1) ^ (number >> 63))
    return found


def int_bytes(number: int) -> bytes:
    """Encode a signed number of at most 32 bits."""
    if 0 <= number < _HALF:
        return _LAST[number << 1]
    if not -(1 << 31) <= number < 1 << 31:
        raise OverflowError("the number does not fit 32 bits")
    return zigzag(number)


def micros(instant: datetime | int) -> bytes:
    """Encode an aware instant, or microseconds since 1970, as a timestamp."""
    if not isinstance(instant, int):
        instant = (instant - EPOCH) // MICROSECOND
    return zigzag(instant)
