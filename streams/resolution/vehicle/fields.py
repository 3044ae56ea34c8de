"""The fields that are compared of two vehicles, and their levels from best to worst (pure)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from streams.resolution.levels import field


class Vin(IntEnum):
    """How two VINs agree; `NEAR` is at most two edits or the same last eight."""

    MISSING = 0
    EXACT = 1
    NEAR = 2
    DIFFERENT = 3


class Plate(IntEnum):
    """How two plates agree; `MISREAD` is one look-alike letter, `NO_STATE` lacks a state."""

    MISSING = 0
    EXACT = 1
    MISREAD = 2
    NO_STATE = 3
    DIFFERENT = 4


class Year(IntEnum):
    """How two model years agree."""

    MISSING = 0
    EXACT = 1
    NEXT = 2
    DIFFERENT = 3


class Code(IntEnum):
    """Whether two codes are equal."""

    MISSING = 0
    EXACT = 1
    DIFFERENT = 2


FIELDS: Final = (
    field("vin", Vin),
    field("plate", Plate),
    field("make", Code),
    field("year", Year),
    field("style", Code),
    field("colour", Code),
)
VIN, PLATE, MAKE, YEAR, STYLE, COLOUR = range(len(FIELDS))
