"""Telephone numbers in E.164, read as North American unless they say otherwise (pure).

A plain ten-digit number takes a fast path that a property test holds equal to `phonenumbers`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE

_PLAIN = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
_NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)
_DIGITS = re.compile(r"\D+", re.ASCII)
_LONGEST = 40


class Phone(NamedTuple):
    """`e164` is None when the text is no dialable number; a stand-in number is a placeholder."""

    e164: str | None
    placeholder: bool


def _by_library(text: str) -> str | None:
    """Give E.164 by the `phonenumbers` library, or None when it is no possible number."""
    if len(text) > _LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if number.country_code == 1 and not _NORTH_AMERICAN.fullmatch(str(number.national_number)):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=CACHE_SIZE)
def normalise(text: str) -> Phone:
    """Read a telephone number as a department wrote it; an extension is left out."""
    stripped = text.strip()
    match = _PLAIN.fullmatch(stripped)
    digits = "".join(match.groups()) if match else _national_digits(stripped)
    if not digits or placeholders.is_phone(digits):
        return Phone(None, placeholder=True)
    e164 = f"+1{digits}" if match else _by_library(stripped)
    return Phone(e164, placeholder=False)


def _national_digits(text: str) -> str:
    digits = _DIGITS.sub("", text)
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
