"""The words of the index language: what a mention is found by, as tokens of `prefix:value` (pure).

Documents are written with these tokens and searches ask for them, so both sides meet here and
nowhere else. Values are lower case and hold no space; a token is compared whole, never parsed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from consumers.search.words import compact, words

NAME = "n:"
BORN_ON = "db:"
BORN_ON_SWAPPED = "ds:"
BORN_IN = "by:"
HEIGHT = "hi:"
WEIGHT_TENS = "wt:"
MARK = "mk:"
MARK_WORD = "mw:"
PHONE = "ph:"
PHONE_TAIL = "pt:"
PHONE_HEAD = "pa:"
EMAIL = "em:"
IDENTIFIER = "id:"
STREET_NUMBER = "an:"
STREET_WORD = "as:"
CITY_WORD = "ac:"
STATE = "ad:"
POSTAL_CODE = "az:"
PLATE = "vp:"
PLATE_FOLDED = "vf:"
PLATE_PART = "vg:"
PLATE_STATE = "vd:"
VIN = "vi:"
VIN_TAIL = "vt:"
MODEL_WORD = "vo:"
VEHICLE_YEAR = "vy:"
ORGANISATION_WORD = "on:"
NUMBER = "no:"
DEPARTMENT = "dp:"
RECORD_KIND = "kd:"
BASIS = "bs:"
EVIDENCE = "ev:"
CATEGORY = "sc:"
DESCRIBED = "xd:1"
OFFENCE = "of:"
RECORD_ROW = "xr:1"
"""On the row that stands for the record itself, and on no other."""

PERSON_CODES = {
    "sex": "sx:",
    "hair": "ha:",
    "eyes": "ey:",
    "build": "bu:",
    "complexion": "co:",
    "race": "ra:",
    "ethnicity": "et:",
    "country_of_birth": "cb:",
}
VEHICLE_CODES = {"make": "vm:", "style": "vs:", "colour": "vc:"}
PHONE_TAILS = (4, 7, 10)
PHONE_HEAD_LENGTH = 6
_NATIONAL_LENGTH = 10
PLATE_GRAM = 3
VIN_TAIL_LENGTH = 8
_UNSAFE = re.compile(r"[^a-z0-9_\-]+")


@lru_cache(maxsize=4096)
def code(text: str) -> str:
    """Give a code of a closed list, or a department's name, as a token's value."""
    return _UNSAFE.sub("_", text.lower())


def day(iso_date: str) -> str:
    """Give an ISO date as a token's value: its eight digits."""
    return iso_date.replace("-", "")


def phone_tokens(e164: str) -> list[str]:
    """Give what a number is found by: all of it, its last digits, its area code and exchange."""
    digits = e164.lstrip("+")
    made = [PHONE + digits]
    made += [f"{PHONE_TAIL}{digits[-n:]}" for n in PHONE_TAILS if len(digits) >= n]
    if len(digits) >= _NATIONAL_LENGTH:
        made.append(PHONE_HEAD + digits[-_NATIONAL_LENGTH:][:PHONE_HEAD_LENGTH])
    return made


def plate_grams(folded_plate: str) -> list[str]:
    """Give every run of three characters of a folded plate, each once, in order."""
    lower = folded_plate.lower()
    ends = range(PLATE_GRAM, len(lower) + 1)
    return list(dict.fromkeys([PLATE_PART + lower[end - PLATE_GRAM : end] for end in ends]))


def mark_tokens(category: str, side: str, place: str) -> list[str]:
    """Give what one mark is found by: every part of it alone and with the others.

    A mark's parts stay together, so that a tattoo on the left arm and a scar on the right hand
    do not answer a search for a tattoo on the right hand.
    """
    parts = tuple(compact(part) for part in (category, side, place))
    choices = [(part, "") if part else ("",) for part in parts]
    made = (f"{MARK}{c}.{s}.{p}" for c in choices[0] for s in choices[1] for p in choices[2])
    return [token for token in made if token != f"{MARK}.."]


@lru_cache(maxsize=65_536)
def word_tokens(prefix: str, text: str) -> tuple[str, ...]:
    """Give a token for each word of a text."""
    return tuple(prefix + word for word in words(text))
