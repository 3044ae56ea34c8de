"""Vehicle plates: separators and case away, and a key that forgives misread characters (pure)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE, compact

# Pairs that people and cameras confuse: O/0, I/1, B/8, S/5. The digit stands for both.
_MISREAD = str.maketrans("OIBS", "0185")


class Plate(NamedTuple):
    """`folded` is the key that a misread plate shares with the right one; both None if no plate."""

    plate: str | None
    folded: str | None
    placeholder: bool


NO_PLATE = Plate(None, None, placeholder=False)


@lru_cache(maxsize=CACHE_SIZE)
def normalise(text: str) -> Plate:
    """Read a plate as written."""
    plate = compact(text)
    if placeholders.is_plate(plate):
        return Plate(None, None, placeholder=True)
    return Plate(plate, plate.translate(_MISREAD), placeholder=False)


def folded(plate: str) -> str:
    """Give the key that a plate shares with its misreadings."""
    return compact(plate).translate(_MISREAD)
