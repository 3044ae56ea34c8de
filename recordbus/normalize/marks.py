"""Scars, marks and tattoos: an NCIC SMT code as category, side and place (pure)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from recordbus.normalize.text import CACHE_SIZE, fold

_SIDES = {"L": "L", "LF": "L", "R": "R", "RT": "R"}


class MarkParts(NamedTuple):
    """`category` such as TAT or SC, `side` L, R or empty, `place` such as ARM; empty if unsaid."""

    category: str
    side: str
    place: str


NO_MARK = MarkParts("", "", "")


@lru_cache(maxsize=CACHE_SIZE)
def parts(code: str) -> MarkParts:
    """Split a code such as `TAT L ARM`, `SC RHND`, `TAT NECK` or `PRCD EAR`."""
    words = fold(code).split()
    if not words:
        return NO_MARK
    category, rest = words[0], words[1:]
    if rest and rest[0] in _SIDES:
        return MarkParts(category, _SIDES[rest[0]], " ".join(rest[1:]))
    return MarkParts(category, "", " ".join(rest))
