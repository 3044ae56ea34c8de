"""The fields that are compared of two persons, and their levels from best to worst (pure)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from streams.resolution.levels import Contact, Ids, Locality, Place, field


class Given(IntEnum):
    """How two given names agree.

    `VARIANT` is one name in two spellings (sounds and consonants agree); `NEAR` is close spelling
    of what may be two names; `SWAPPED` is given and surname exchanged.
    """

    MISSING = 0
    EXACT = 1
    SHORT_FORM = 2
    VARIANT = 3
    SWAPPED = 4
    NEAR = 5
    INITIAL = 6
    SOUND = 7
    DIFFERENT = 8


class Middle(IntEnum):
    """How two middle names agree; `ALIKE` is an initial or a close spelling."""

    MISSING = 0
    EXACT = 1
    ALIKE = 2
    DIFFERENT = 3


class Surname(IntEnum):
    """How two surnames agree; `PART` is one word of a double surname."""

    MISSING = 0
    EXACT = 1
    PART = 2
    NEAR = 3
    SWAPPED = 4
    SOUND = 5
    DIFFERENT = 6


class Suffix(IntEnum):
    """Whether two suffixes agree."""

    MISSING = 0
    EXACT = 1
    DIFFERENT = 2


class Birth(IntEnum):
    """How two dates of birth agree; the levels with `YEAR` compare years, for want of a date."""

    MISSING = 0
    EXACT = 1
    SWAPPED = 2
    ONE_EDIT = 3
    TWO_EDITS = 4
    YEAR = 5
    NEAR_YEAR = 6
    OTHER_YEAR = 7
    DIFFERENT = 8


class Generation(IntEnum):
    """Whether two years of birth are so far apart that one may be the other's child."""

    MISSING = 0
    SAME = 1
    APART = 2


class Sex(IntEnum):
    """Whether sexes agree."""

    MISSING = 0
    EXACT = 1
    DIFFERENT = 2


FIELDS: Final = (
    field("given_name", Given),
    field("middle_name", Middle),
    field("surname", Surname),
    field("name_suffix", Suffix),
    field("date_of_birth", Birth),
    field("generation", Generation, weighed=False),
    field("sex", Sex),
    field("identifier", Ids),
    field("phone", Contact),
    field("email", Contact),
    field("address", Place),
    field("locality", Locality),
)
TERMS: Final = ("given_name", "surname")
"""The fields whose exact agreement counts by how frequent the value is."""

GIVEN, MIDDLE, SURNAME, SUFFIX, BIRTH, GENERATION, SEX, IDS, PHONE, EMAIL, PLACE, LOCALITY = range(
    len(FIELDS)
)
