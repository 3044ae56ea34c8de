"""What no score may override between two persons (pure).

A veto says "these are two": it also keeps their entities apart. A hold says "not without a person
who looks": the pair is a lead at most. Each has the name that explanations use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streams.resolution.levels import Contact, Ids, Locality, Place
from streams.resolution.person.fields import (
    BIRTH,
    EMAIL,
    GENERATION,
    GIVEN,
    IDS,
    LOCALITY,
    MIDDLE,
    PHONE,
    PLACE,
    SEX,
    SUFFIX,
    SURNAME,
    Birth,
    Generation,
    Given,
    Middle,
    Sex,
    Suffix,
    Surname,
)

Levels = Sequence[int]

_ALIKE_GIVEN: Final = frozenset({Given.NEAR, Given.SOUND, Given.DIFFERENT})
_SAME_GIVEN: Final = frozenset({Given.EXACT, Given.SHORT_FORM, Given.VARIANT, Given.INITIAL})
_DATE_WITHIN_ONE_EDIT: Final = frozenset({Birth.EXACT, Birth.SWAPPED, Birth.ONE_EDIT})
_NEAR_BIRTH: Final = _DATE_WITHIN_ONE_EDIT | {Birth.TWO_EDITS, Birth.YEAR, Birth.NEAR_YEAR}
_AT_HOME: Final = frozenset({Place.HOME, Place.BUILDING})
_AGREED_MIDDLE: Final = frozenset({Middle.EXACT, Middle.ALIKE})
_AGREED_NUMBER: Final = frozenset({Ids.EQUAL, Ids.NEAR})


def vetoes(levels: Levels) -> Iterator[str]:
    """Give the names of the vetoes on a pair."""
    numbered = levels[IDS] == Ids.EQUAL
    if levels[IDS] in (Ids.MIXED, Ids.DIFFERENT):
        yield "numbers_differ"
    if levels[BIRTH] == Birth.DIFFERENT and not numbered:
        yield "dates_of_birth_differ"
    if levels[GIVEN] == Given.DIFFERENT and not _is_borne_out(levels):
        yield "given_names_differ"
    if levels[SUFFIX] == Suffix.DIFFERENT:
        yield "suffixes_differ"
    if _is_two_generations(levels) and not numbered:
        yield "two_generations_at_one_address"
    if levels[SEX] == Sex.DIFFERENT and _may_be_another_name(levels, numbered=numbered):
        yield "sexes_differ"


def _may_be_another_name(levels: Levels, *, numbered: bool) -> bool:
    """Tell whether the given names may be a brother's and a sister's, as far as is known."""
    return levels[GIVEN] == Given.DIFFERENT or (levels[GIVEN] != Given.EXACT and not numbered)


def _is_borne_out(levels: Levels) -> bool:
    """Tell whether number and date of birth agree, which a name need not bear out."""
    return levels[IDS] == Ids.EQUAL and levels[BIRTH] in _DATE_WITHIN_ONE_EDIT


def excused(levels: Levels) -> tuple[int, ...]:
    """Give the places of names that differ and count nothing against a number and its birthday.

    Who is known by another name is known by it in full: an alias, a marriage, a name in another
    script. A twin of the other sex is told apart by a veto.
    """
    if not _is_borne_out(levels):
        return ()
    differing = ((GIVEN, Given.DIFFERENT), (SURNAME, Surname.DIFFERENT))
    return tuple(place for place, level in differing if levels[place] == level)


def _is_two_generations(levels: Levels) -> bool:
    """Tell a parent from the child of the same name: years apart at one name and address."""
    if levels[GENERATION] != Generation.APART or levels[PLACE] not in _AT_HOME:
        return False
    return levels[GIVEN] in _SAME_GIVEN and levels[SURNAME] != Surname.DIFFERENT


def holds(levels: Levels) -> Iterator[str]:
    """Give the names of what keeps a pair from being *same* without a person's judgement."""
    groups = set(_groups(levels))
    if not (levels[GIVEN] and levels[SURNAME]) and not _is_known_anyway(levels):
        yield "name_missing"
    if len(groups) < 2 or groups == {"name", "birth"}:
        yield "too_little_agrees"
    if not groups & {"birth", "number"}:
        yield "no_birth_and_no_number"
    if levels[GIVEN] in _ALIKE_GIVEN and not _is_backed(levels):
        yield "given_names_only_alike"
    if levels[MIDDLE] == Middle.DIFFERENT and levels[IDS] != Ids.EQUAL:
        yield "middle_names_differ"


def _is_known_anyway(levels: Levels) -> bool:
    """Tell whether a name that is missing leaves no doubt.

    Number and date agree, or number, given name and home; or one name, the date and the home. Where
    it is the given name that is missing, a twin lives in the same home: there the middle name has
    to agree too.
    """
    if _is_borne_out(levels):
        return True
    at_home, near_middle = levels[PLACE] == Place.HOME, levels[MIDDLE] in _AGREED_MIDDLE
    if levels[GIVEN] == Given.EXACT:
        if levels[BIRTH] != Birth.EXACT:
            return at_home and levels[IDS] == Ids.EQUAL
        return at_home or (near_middle and levels[PLACE] in _AT_HOME)
    return at_home and near_middle and _is_birthday_of(levels)


def _is_birthday_of(levels: Levels) -> bool:
    """Tell whether surname and birthday are the same, and the sex is not another one."""
    return (
        levels[SURNAME] == Surname.EXACT
        and levels[BIRTH] == Birth.EXACT
        and levels[SEX] != Sex.DIFFERENT
    )


def _groups(levels: Levels) -> Iterator[str]:
    """Give the independent groups of fields that agree; a household's fields are one group."""
    if 0 < levels[GIVEN] < Given.DIFFERENT and 0 < levels[SURNAME] < Surname.DIFFERENT:
        yield "name"
    if levels[BIRTH] in _NEAR_BIRTH:
        yield "birth"
    if levels[IDS] in _AGREED_NUMBER:
        yield "number"
    shares_contact = Contact.EXACT in (levels[PHONE], levels[EMAIL])
    if shares_contact or levels[PLACE] in _AT_HOME:
        yield "household"
    near_middle = levels[MIDDLE] in _AGREED_MIDDLE
    if levels[LOCALITY] == Locality.POSTAL_CODE or (
        levels[LOCALITY] == Locality.CITY and near_middle
    ):
        yield "neighbourhood"


def _is_backed(levels: Levels) -> bool:
    """Tell whether what siblings do not share agrees: a middle name, or a number besides.

    A middle initial is enough for one slip of the pen at home.
    """
    if levels[MIDDLE] == Middle.EXACT:
        return True
    if levels[IDS] == Ids.EQUAL:
        return levels[GIVEN] != Given.DIFFERENT or _is_borne_out(levels)
    is_slip = levels[GIVEN] == Given.NEAR and levels[MIDDLE] == Middle.ALIKE
    return is_slip and levels[PLACE] == Place.HOME and _is_birthday_of(levels)
