"""Compares two persons field by field (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.addresses import address_levels
from streams.resolution.contacts import EMAIL, PHONE, Shared, contact_level, shared_values
from streams.resolution.evidence import Evidence, Terms
from streams.resolution.identifiers import identifier_level, share_number
from streams.resolution.levels import Contact
from streams.resolution.mentions import NameForm, PersonMention
from streams.resolution.person.dates import date_level, generation_level, year_level
from streams.resolution.person.fields import Birth, Given, Middle, Sex, Surname
from streams.resolution.person.names import (
    are_exchanged,
    given_level,
    middle_level,
    surname_level,
)

NO_TERMS: Final[Terms] = {}
_NO_NAME: Final = NameForm()
_AGREED: Final = (0.0, 0.0)
_MISSING: Final = Middle.MISSING

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


def compare(a: PersonMention, b: PersonMention, terms: Terms = NO_TERMS) -> Evidence:
    """Give the evidence of two mentions; it is the same whichever comes first."""
    mine = a.names[0] if a.names else _NO_NAME
    theirs = b.names[0] if b.names else _NO_NAME
    given, surname = _name_levels(a, b, mine, theirs)
    phones, emails = a.phones, a.emails
    phone = contact_level(phones, b.phones) if phones else _MISSING
    email = contact_level(emails, b.emails) if emails else _MISSING
    homes, others = a.addresses, b.addresses
    place = locality = _MISSING
    shared: Shared = ()
    if homes and others:
        place, locality, shared = address_levels(homes, others)
    if phone == Contact.EXACT or email == Contact.EXACT:
        shared += shared_values(phone, PHONE, phones, b.phones)
        shared += shared_values(email, EMAIL, emails, b.emails)
    numbers, born, sex = a.identifiers, a.born, a.sex
    levels = (
        given,
        middle_level(mine.middle, theirs.middle) if mine.middle and theirs.middle else _MISSING,
        surname,
        _plain_level(mine.suffix, theirs.suffix) if mine.suffix else _MISSING,
        _birth_level(a, b),
        generation_level(born, b.born) if born else _MISSING,
        _plain_level(sex, b.sex) if sex else _MISSING,
        identifier_level(numbers, b.identifiers) if numbers else _MISSING,
        phone,
        email,
        place,
        locality,
    )
    frequencies = _frequencies(given, surname, mine, a, b, terms) if terms else _AGREED
    return _make(Evidence, (levels, frequencies, shared))


def are_told_apart(a: PersonMention, b: PersonMention) -> bool:
    """Tell quickly whether names or dates of birth veto a pair that shares no number.

    Such pairs are most of those that meet. They are refused without evidence; asked why not, the
    full comparison answers.
    """
    born, other = a.date_of_birth, b.date_of_birth
    if born != other and born and other and date_level(born, other) == Birth.DIFFERENT:
        return not share_number(a.identifiers, b.identifiers)
    if not (a.names and b.names):
        return False
    mine, theirs = a.names[0], b.names[0]
    if mine.given == theirs.given or given_level(mine.given, theirs.given) != Given.DIFFERENT:
        return False
    if _is_swapped(mine, theirs):
        return False
    return not share_number(a.identifiers, b.identifiers)


def _name_levels(
    a: PersonMention, b: PersonMention, mine: NameForm, theirs: NameForm
) -> tuple[int, int]:
    """Compare primary given names, and surnames of any name: a surname may change, or be hidden."""
    if mine is theirs and mine.given and mine.surname:
        return Given.EXACT, Surname.EXACT
    given = given_level(mine.given, theirs.given)
    surname = surname_level(mine.surname, theirs.surname)
    if surname > Surname.EXACT and (len(a.names) > 1 or len(b.names) > 1):
        surname = _best_surname(a, b)
    if given == Given.DIFFERENT and surname >= Surname.SOUND and _is_swapped(mine, theirs):
        return Given.SWAPPED, Surname.SWAPPED
    return given, surname


def _best_surname(a: PersonMention, b: PersonMention) -> int:
    levels = [surname_level(x.surname, y.surname) for x in a.names for y in b.names]
    return min(level for level in levels if level)


def _is_swapped(a: NameForm, b: NameForm) -> bool:
    """Tell whether one has the given name where the other has the surname, and the reverse."""
    return are_exchanged(a.given, a.surname, b.given, b.surname)


def _plain_level(a: str, b: str) -> int:
    """Compare two suffixes or two sexes: they agree or they do not."""
    if not a or not b:
        return Sex.MISSING
    return Sex.EXACT if a == b else Sex.DIFFERENT


def _birth_level(a: PersonMention, b: PersonMention) -> int:
    if a.date_of_birth and b.date_of_birth:
        return date_level(a.date_of_birth, b.date_of_birth)
    return year_level(a.born, b.born)


def _frequencies(
    given: int, surname: int, mine: NameForm, a: PersonMention, b: PersonMention, terms: Terms
) -> tuple[float, float]:
    """Give how frequent the agreed names are; of several agreed surnames the most frequent."""
    of_given = of_surname = 0.0
    if given == Given.EXACT:
        table = terms["given_name"]
        of_given = table.values.get(mine.given, table.unlisted)
    if surname == Surname.EXACT:
        table = terms["surname"]
        if len(a.names) == len(b.names) == 1:
            return of_given, table.values.get(mine.surname, table.unlisted)
        agreed = {x.surname for x in a.names} & {y.surname for y in b.names} - {""}
        of_surname = max(table.values.get(each, table.unlisted) for each in agreed)
    return of_given, of_surname
