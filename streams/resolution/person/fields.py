"""The fields that are compared of two persons, and their levels from best to worst (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.levels import Contact, Ids, Levels, Locality, Place, field


class Given(Levels):
    """How two given names agree.

    `VARIANT` is one name in two spellings (sounds and consonants agree); `NEAR` is close spelling
    of what may be two names; `SWAPPED` is given and surname exchanged.
    """

    MISSING: Final = 0
    EXACT: Final = 1
    SHORT_FORM: Final = 2
    VARIANT: Final = 3
    SWAPPED: Final = 4
    NEAR: Final = 5
    INITIAL: Final = 6
    SOUND: Final = 7
    DIFFERENT: Final = 8


class Middle(Levels):
    """How two middle names agree; `ALIKE` is an initial or a close spelling."""

    MISSING: Final = 0
    EXACT: Final = 1
    ALIKE: Final = 2
    DIFFERENT: Final = 3


class Surname(Levels):
    """How two surnames agree; `PART` is one word of a double surname."""

    MISSING: Final = 0
    EXACT: Final = 1
    PART: Final = 2
    NEAR: Final = 3
    SWAPPED: Final = 4
    SOUND: Final = 5
    DIFFERENT: Final = 6


class Suffix(Levels):
    """Whether two suffixes agree."""

    MISSING: Final = 0
    EXACT: Final = 1
    DIFFERENT: Final = 2


class Birth(Levels):
    """How two dates of birth agree; the levels with `YEAR` compare years, for want of a date."""

    MISSING: Final = 0
    EXACT: Final = 1
    SWAPPED: Final = 2
    ONE_EDIT: Final = 3
    TWO_EDITS: Final = 4
    YEAR: Final = 5
    NEAR_YEAR: Final = 6
    OTHER_YEAR: Final = 7
    DIFFERENT: Final = 8


class Generation(Levels):
    """Whether two years of birth are so far apart that one may be the other's child."""

    MISSING: Final = 0
    SAME: Final = 1
    APART: Final = 2


class Sex(Levels):
    """Whether sexes agree."""

    MISSING: Final = 0
    EXACT: Final = 1
    DIFFERENT: Final = 2


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
