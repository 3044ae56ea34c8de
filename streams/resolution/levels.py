"""Levels of what persons and organisations both have: numbers, contacts and places (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.evidence import Field


class Levels:
    """Names for the places of a field's levels; plain numbers, since they are compared all day."""


class Ids(Levels):
    """How issued numbers agree; `MIXED` is one equal and another that cannot be one person's."""

    MISSING: Final = 0
    EQUAL: Final = 1
    NEAR: Final = 2
    MIXED: Final = 3
    DIFFERENT: Final = 4


class Contact(Levels):
    """Whether any phone, or any e-mail address, is shared."""

    MISSING: Final = 0
    EXACT: Final = 1
    DIFFERENT: Final = 2


class Place(Levels):
    """How addresses agree; in `BUILDING` the unit is not known on both sides."""

    MISSING: Final = 0
    HOME: Final = 1
    BUILDING: Final = 2
    STREET: Final = 3
    DIFFERENT: Final = 4


class Locality(Levels):
    """How the places agree in which the addresses lie."""

    MISSING: Final = 0
    POSTAL_CODE: Final = 1
    CITY: Final = 2
    DIFFERENT: Final = 3


def field(name: str, levels: type[Levels], *, weighed: bool = True) -> Field:
    """Give a compared field with its levels named as a model file names them."""
    named = sorted((place, level) for level, place in vars(levels).items() if level.isupper())
    return Field(name, tuple(level.lower() for _, level in named), weighed)
