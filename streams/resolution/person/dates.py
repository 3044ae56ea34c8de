"""Levels of dates of birth (pure)."""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import OSA

from streams.resolution.person.fields import Birth, Generation

MOST_EDITS: Final = 2
GENERATION_YEARS: Final = 15

_EDITS: Final = (Birth.EXACT, Birth.ONE_EDIT, Birth.TWO_EDITS)

Years = tuple[int, int] | None


def date_level(a: str, b: str) -> int:
    """Compare two ISO dates: equal, day and month swapped, one or two edits, or different."""
    if a == b:
        return Birth.EXACT
    if a[5:7] == b[8:] and a[8:] == b[5:7] and a[:4] == b[:4]:
        return Birth.SWAPPED
    edits = OSA.distance(a, b, score_cutoff=MOST_EDITS)
    return _EDITS[edits] if edits <= MOST_EDITS else Birth.DIFFERENT


def year_level(a: Years, b: Years) -> int:
    """Compare two spans of years of birth."""
    if a is None or b is None:
        return Birth.MISSING
    if a == b and a[0] == a[1]:
        return Birth.YEAR
    return Birth.NEAR_YEAR if years_apart(a, b) <= 1 else Birth.OTHER_YEAR


def years_apart(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Give the least distance between two spans of years; 0 when they overlap."""
    return max(a[0] - b[1], b[0] - a[1], 0)


def generation_level(a: Years, b: Years) -> int:
    """Tell whether two persons may be of two generations."""
    if a is None or b is None:
        return Generation.MISSING
    if a == b:
        return Generation.SAME
    return Generation.APART if years_apart(a, b) >= GENERATION_YEARS else Generation.SAME
