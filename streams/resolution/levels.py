"""Levels of what persons and organisations both have: numbers, contacts and places (pure)."""

from __future__ import annotations

from enum import IntEnum

from streams.resolution.evidence import Field


class Ids(IntEnum):
    """How issued numbers agree; `MIXED` is one equal and another that cannot be one person's."""

    MISSING = 0
    EQUAL = 1
    NEAR = 2
    MIXED = 3
    DIFFERENT = 4


class Contact(IntEnum):
    """Whether any phone, or any e-mail address, is shared."""

    MISSING = 0
    EXACT = 1
    DIFFERENT = 2


class Place(IntEnum):
    """How addresses agree; in `BUILDING` the unit is not known on both sides."""

    MISSING = 0
    HOME = 1
    BUILDING = 2
    STREET = 3
    DIFFERENT = 4


class Locality(IntEnum):
    """How the places agree in which the addresses lie."""

    MISSING = 0
    POSTAL_CODE = 1
    CITY = 2
    DIFFERENT = 3


def field(name: str, levels: type[IntEnum], *, weighed: bool = True) -> Field:
    """Give a compared field with its levels named as a model file names them."""
    return Field(name, tuple(level.name.lower() for level in levels), weighed)
