"""What resolution may see of a mention: the parts that compare, and nothing else (pure).

Invariant (R-10): no field here can hold race, ethnicity, complexion, country of birth, religion
or orientation. An empty text or tuple, or None, means "not known".
"""

from __future__ import annotations

from typing import NamedTuple


class NameForm(NamedTuple):
    """One folded name of a person; a part that is not known is empty."""

    given: str = ""
    given_canonical: str = ""
    middle: str = ""
    surname: str = ""
    suffix: str = ""
    given_codes: tuple[str, ...] = ()
    surname_codes: tuple[str, ...] = ()


class Identifier(NamedTuple):
    """An issued number as a keyed digest; `issuer` is empty when there is one or none is known.

    `plain` is for callers that hold the number itself (one CSV file on one machine): two numbers
    are then compared by edits. On the bus it stays empty, and other digests are other numbers.
    """

    type: str
    issuer: str
    digest: str
    plain: str = ""


class AddressForm(NamedTuple):
    """A postal address in one spelling; `key` is equal for one building, whatever the unit."""

    street_number: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    key: str = ""


class PersonMention(NamedTuple):
    """A person as one record names them; `names` has the primary name first, and no monikers.

    `recorded_at` is in microseconds since 1970 and orders the mentions of an entity; `born` is the
    first and last year of birth that the record allows, from the date, the year or the age.
    """

    mention_id: str
    recorded_at: int = 0
    version: int = 0
    names: tuple[NameForm, ...] = ()
    date_of_birth: str = ""
    date_of_birth_swapped: str = ""
    born: tuple[int, int] | None = None
    sex: str = ""
    identifiers: tuple[Identifier, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[AddressForm, ...] = ()
    age_years: int | None = None


class VehicleMention(NamedTuple):
    """A vehicle as one record names it; make, style and colour are codes."""

    mention_id: str
    recorded_at: int = 0
    version: int = 0
    plate: str = ""
    plate_folded: str = ""
    plate_state: str = ""
    vin: str = ""
    vin_valid: bool = False
    make: str = ""
    style: str = ""
    colour: str = ""
    year: int | None = None


class OrganisationMention(NamedTuple):
    """An organisation as one record names it; `tokens` are the telling words of its name."""

    mention_id: str
    recorded_at: int = 0
    version: int = 0
    name: str = ""
    tokens: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[AddressForm, ...] = ()


Mention = PersonMention | VehicleMention | OrganisationMention
