"""The fields that are compared of two vehicles, and their levels from best to worst (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.levels import Levels, field


class Vin(Levels):
    """How two VINs agree; `NEAR` is at most two edits or the same last eight."""

    MISSING: Final = 0
    EXACT: Final = 1
    NEAR: Final = 2
    DIFFERENT: Final = 3


class Plate(Levels):
    """How two plates agree; `MISREAD` is one look-alike letter, `NO_STATE` lacks a state."""

    MISSING: Final = 0
    EXACT: Final = 1
    MISREAD: Final = 2
    NO_STATE: Final = 3
    DIFFERENT: Final = 4


class Year(Levels):
    """How two model years agree."""

    MISSING: Final = 0
    EXACT: Final = 1
    NEXT: Final = 2
    DIFFERENT: Final = 3


class Code(Levels):
    """Whether two codes are equal."""

    MISSING: Final = 0
    EXACT: Final = 1
    DIFFERENT: Final = 2


FIELDS: Final = (
    field("vin", Vin),
    field("plate", Plate),
    field("make", Code),
    field("year", Year),
    field("style", Code),
    field("colour", Code),
)
VIN, PLATE, MAKE, YEAR, STYLE, COLOUR = range(len(FIELDS))
