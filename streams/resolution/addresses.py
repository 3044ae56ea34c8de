"""How the addresses of two mentions agree, whichever of their addresses agree best (pure)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import JaroWinkler

from streams.resolution.contacts import ADDRESS, Addresses, Shared
from streams.resolution.levels import Locality, Place
from streams.resolution.mentions import AddressForm

_CACHE_SIZE: Final = 1 << 16
_CLOSE: Final = 0.92


def address_levels(a: Addresses, b: Addresses) -> tuple[int, int, Shared]:
    """Give place level, locality level and shared buildings; one and the same address is quick."""
    if len(a) == len(b) == 1 and a[0] == b[0] and a[0].key and a[0].street and a[0].postal_code:
        return Place.HOME, Locality.POSTAL_CODE, ((ADDRESS + a[0].key, Place.HOME),)
    place = place_level(a, b)
    return place, locality_level(a, b), shared_buildings(place, a, b)


def place_level(a: Addresses, b: Addresses) -> int:
    """Compare the buildings and units of two mentions' addresses."""
    if len(a) == len(b) == 1:
        return _place(a[0], b[0]) if a[0].street and b[0].street else Place.MISSING
    known = [_place(x, y) for x in a if x.street for y in b if y.street]
    return min(known, default=Place.MISSING)


def _place(a: AddressForm, b: AddressForm) -> int:
    if a.key and a.key == b.key:
        if a.unit == b.unit:
            return Place.HOME
        return Place.STREET if a.unit and b.unit else Place.BUILDING
    if not _same_town(a, b):
        return Place.DIFFERENT
    if a.street_number and a.street_number == b.street_number and streets_alike(a.street, b.street):
        return Place.BUILDING if a.unit == b.unit else Place.STREET
    return Place.STREET if a.street == b.street else Place.DIFFERENT


def _same_town(a: AddressForm, b: AddressForm) -> bool:
    if a.postal_code and a.postal_code == b.postal_code:
        return True
    return bool(a.city) and a.city == b.city and a.state == b.state


def shared_buildings(level: int, a: Addresses, b: Addresses) -> Shared:
    """Give the buildings that two mentions share, each with how well their units agree there."""
    if level in (Place.MISSING, Place.DIFFERENT):
        return ()
    if len(a) == len(b) == 1:
        return ((ADDRESS + a[0].key, level),) if a[0].key and a[0].key == b[0].key else ()
    found: dict[str, int] = {}
    for x, y in ((x, y) for x in a for y in b if x.key and x.key == y.key):
        key = ADDRESS + x.key
        found[key] = min(found.get(key, Place.DIFFERENT), _place(x, y))
    return tuple(sorted(found.items()))


@lru_cache(maxsize=_CACHE_SIZE)
def streets_alike(a: str, b: str) -> bool:
    """Tell whether two street lines are one in two spellings."""
    return a == b or JaroWinkler.similarity(a, b) >= _CLOSE


def locality_level(a: Addresses, b: Addresses) -> int:
    """Compare the postal codes, else the cities, of two mentions' addresses."""
    if len(a) == len(b) == 1:
        return _locality(a[0], b[0])
    known = [_locality(x, y) for x in a for y in b]
    return min((level for level in known if level), default=Locality.MISSING)


def _locality(a: AddressForm, b: AddressForm) -> int:
    if a.postal_code and a.postal_code == b.postal_code:
        return Locality.POSTAL_CODE
    if a.city and b.city:
        return Locality.CITY if a.city == b.city and a.state == b.state else Locality.DIFFERENT
    return Locality.DIFFERENT if a.postal_code and b.postal_code else Locality.MISSING
