"""What a comparison of two mentions says, without any value of either (pure).

Evidence is what crosses from where mentions meet to where it is decided. It knows nothing of
default values, judgements or weights, so that it stays true when any of those change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

MISSING: Final = 0
"""The level of a field that at least one of two mentions does not know; it weighs nothing."""

Terms = Mapping[str, "TermTable"]


class TermTable(NamedTuple):
    """How frequent the values of a field are; a value that is not listed has `unlisted`."""

    values: Mapping[str, float]
    unlisted: float
    minimum_u: float


class Field(NamedTuple):
    """A compared field: its levels from `missing` and best to worst.

    A field that is not weighed serves guards only and has no weights in a model.
    """

    name: str
    levels: tuple[str, ...]
    weighed: bool = True


class Evidence(NamedTuple):
    """The level of each field, in the order of the kind's fields.

    `frequencies` has, for each field with a term table, the frequency of the value on which both
    agree exactly, or 0.0. `shared` holds the keys of values that both have and that may turn out to
    be default values, each with the level of agreement that rests on it.
    """

    levels: tuple[int, ...]
    frequencies: tuple[float, ...] = ()
    shared: tuple[tuple[str, int], ...] = ()
