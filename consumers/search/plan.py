"""A search in the language of the index: which rows must be there for a record to be a hit (pure).

A plan names tokens and ranges, no people's words: it was cleaned, capped and allowed before. An
engine only has to find rows. A record is a hit when every group finds one of its mentions, the
text finds the record, and the record passes the filters. Levels say how far a hit is from what
was typed, 0 being exactly that; a hit has the worst level among its clauses' best.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

HITS_COUNTED = 5_000
"""Hits beyond this many are not counted, sorted or shown."""


class Level(IntEnum):
    """How a value was recognised; a part is a plate of which some characters were given."""

    EXACT = 0
    NICKNAME = 1
    SPELLING = 2
    SOUND = 3
    PART = 4


class Sort(StrEnum):
    """The order of hits; equally good ones come newest first."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"


class Column(StrEnum):
    """The ranges of a mention that a search can ask for."""

    BORN = "born"
    AGE = "age"
    HEIGHT = "height"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Atom:
    """One token that satisfies a clause."""

    token: str
    level: Level = Level.EXACT


@dataclass(frozen=True, slots=True)
class Clause:
    """Any of its atoms."""

    atoms: tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The mention's span must overlap this closed range; a mention without one does not."""

    column: Column
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Group:
    """All its clauses and ranges must hold for one mention."""

    clauses: tuple[Clause, ...]
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class TextAtom:
    """One folded word, the beginning of a word, or several words in a row.

    `means` are the kinds of tokens that one word stands for, any when empty. Where a record is
    seen in part, a word is found as a token, and a spelling that only names have need be looked
    for among names only; where all is seen it is found as a word.
    """

    words: tuple[str, ...]
    is_prefix: bool = False
    level: Level = Level.EXACT
    means: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextClause:
    """Any of its atoms, anywhere in the record."""

    atoms: tuple[TextAtom, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole search, with at least one group or text clause; times are microseconds since 1970.

    Empty filters let everything pass.
    """

    groups: tuple[Group, ...] = ()
    text: tuple[TextClause, ...] = ()
    without: tuple[TextAtom, ...] = ()
    departments: tuple[str, ...] = ()
    record_kinds: tuple[str, ...] = ()
    from_us: int | None = None
    until_us: int | None = None
    sort: Sort = Sort.BEST
    offset: int = 0
    limit: int = 25
