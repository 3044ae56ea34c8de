"""Vehicle identification numbers and their check digit (pure; ISO 3779, 49 CFR 565.15)."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from recordbus.normalize.text import CACHE_SIZE, compact

_SHAPE = re.compile(r"[A-HJ-NPR-Z0-9]{17}", re.ASCII)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {str(n): n for n in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_PLACEHOLDERS = frozenset({"", "NONE", "UNK", "UNKNOWN", "NA"})


class Vin(NamedTuple):
    """`vin` is None when nothing was written; `valid` says that shape and check digit hold."""

    vin: str | None
    valid: bool
    placeholder: bool


NO_VIN = Vin(None, valid=False, placeholder=False)


def check_digit(vin: str) -> str:
    """Give the check digit that 17 allowed characters ask for at place nine."""
    remainder = sum(map(mul, map(_VALUES.__getitem__, vin), _WEIGHTS)) % 11
    return "X" if remainder == 10 else str(remainder)


@lru_cache(maxsize=CACHE_SIZE)
def normalise(text: str) -> Vin:
    """Read a VIN as written; one that fails its check is kept and marked, as it may be foreign."""
    vin = compact(text)
    if vin in _PLACEHOLDERS or len(set(vin)) == 1:
        return Vin(None, valid=False, placeholder=True)
    valid = _SHAPE.fullmatch(vin) is not None and check_digit(vin) == vin[8]
    return Vin(vin, valid, placeholder=False)
