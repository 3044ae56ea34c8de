"""A row of a file as the mention that resolution compares (pure).

Everything goes through the normalising that intake uses, so that a file links as the bus would,
but for one thing: the number itself is at hand here, so that numbers with a slip compare as near.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from recordbus.normalize import addresses, dates, emails, identifiers, names, phones
from recordbus.normalize.text import CACHE_SIZE, fold
from streams.resolution.mentions import AddressForm, Identifier, NameForm, PersonMention
from streams.resolve.births import iso_date
from streams.resolve.columns import Row

_SEXES: Final = {"M": "M", "MALE": "M", "F": "F", "FEMALE": "F"}


class Read(NamedTuple):
    """A row's mention, and the columns whose text could not be read and counts as empty."""

    mention: PersonMention
    unreadable: tuple[str, ...]


def mention_id(source: str, record_id: str) -> str:
    """Give the one name of a record over all files."""
    return f"{source}|{record_id}"


def read(row: Row, place: int, date_form: str | None) -> Read:
    """Give the mention of a row; `place` orders records as their order in the files does."""
    name = _name(row.full_name, row.given_name, row.middle_name, row.surname, row.name_suffix)
    iso = iso_date(row.date_of_birth, date_form)
    born = dates.birth_date(iso)
    phone = phones.normalise(row.phone) if row.phone else None
    email = emails.normalise(row.email) if row.email else None
    mention = PersonMention(
        mention_id=mention_id(row.source, row.record_id),
        recorded_at=place,
        names=() if name is None else (name,),
        date_of_birth=born.full or "",
        date_of_birth_swapped=born.swapped or "",
        born=None if born.year is None else (born.year, born.year),
        sex=_SEXES.get(row.sex.upper(), ""),
        identifiers=_identifiers(row),
        phones=(phone.e164,) if phone is not None and phone.e164 else (),
        emails=(email,) if email else (),
        addresses=_addresses(row),
    )
    bad_date = bool(row.date_of_birth) and iso is None and not _says_nothing(row.date_of_birth)
    bad_phone = phone is not None and phone.e164 is None and not phone.placeholder
    bad_email = bool(row.email) and email is None
    if not (bad_date or bad_phone or bad_email):
        return Read(mention, ())
    found = (("date_of_birth", bad_date), ("phone", bad_phone), ("email", bad_email))
    return Read(mention, tuple(column for column, is_bad in found if is_bad))


@lru_cache(maxsize=CACHE_SIZE)
def _says_nothing(text: str) -> bool:
    return fold(text) in {"", "UNKNOWN", "UNK", "REFUSED", "N A", "NONE", "NULL"}


@lru_cache(maxsize=CACHE_SIZE)
def _name(full: str, given: str, middle: str, surname: str, suffix: str) -> NameForm | None:
    parts = names.parse(full or None, given, middle, surname, suffix)
    if not (parts.given or parts.surname):
        return None
    return NameForm(
        given=parts.given,
        given_canonical=parts.given_canonical,
        middle=parts.middle,
        surname=parts.surname,
        suffix=parts.suffix,
        given_codes=parts.given_codes,
        surname_codes=parts.surname_codes,
    )


def _identifiers(row: Row) -> tuple[Identifier, ...]:
    given = (
        ("ssn", row.ssn, ""),
        ("driver_license", row.driver_license_number, row.driver_license_state),
        ("state_id", row.state_id, ""),
        ("passport", row.passport_number, ""),
    )
    found = [_identifier(kind, value, issuer) for kind, value, issuer in given if value]
    return tuple(each for each in found if each is not None)


def _identifier(kind: str, value: str, issuer: str) -> Identifier | None:
    plain = identifiers.plain(kind, value, issuer or None)
    if plain.value is None:
        return None
    # Digests keep numbers out of topics; here nothing leaves the process, so the number will do.
    return Identifier(kind, plain.issuer, f"{kind}|{plain.issuer}|{plain.value}", plain.value)


def _addresses(row: Row) -> tuple[AddressForm, ...]:
    form = _address(
        row.address, row.street_number, row.street_name,
        row.unit, row.city, row.state, row.postal_code,
    )  # fmt: skip
    return () if form is None else (form,)


@lru_cache(maxsize=CACHE_SIZE)
def _address(
    full: str, number: str, street: str, unit: str, city: str, state: str, code: str
) -> AddressForm | None:
    read = addresses.normalise(full or None, number, street, unit, city, state, code)
    form = AddressForm(*(part or "" for part in read[:7]))
    return form if any(form) else None
