"""What mentions share that more than one person or firm may use: phones, e-mail, addresses (pure).

The key of such a value names it in evidence and in the count of its holders.
"""

from __future__ import annotations

from streams.resolution.levels import Contact, Place
from streams.resolution.mentions import AddressForm

Values = tuple[str, ...]
Addresses = tuple[AddressForm, ...]


def contact_level(a: Values, b: Values) -> int:
    """Tell whether two mentions share any of their phones, or of their e-mail addresses."""
    if not a or not b:
        return Contact.MISSING
    return Contact.DIFFERENT if set(a).isdisjoint(b) else Contact.EXACT


def value_keys(phones: Values, emails: Values, addresses: Addresses) -> list[str]:
    """Give the keys of the values of one mention that may turn out to be default values."""
    found = [f"phone:{each}" for each in phones]
    found += [f"email:{each}" for each in emails]
    return found + [f"address:{each.key}" for each in addresses if each.key]


def shared_values(level: int, prefix: str, a: Values, b: Values) -> Values:
    """Give the keys of what two mentions share, if their level says they share anything."""
    if level != Contact.EXACT:
        return ()
    return tuple(f"{prefix}:{each}" for each in sorted(set(a).intersection(b)))


def shared_addresses(level: int, a: Addresses, b: Addresses) -> Values:
    """Give the keys of the buildings that two mentions share, if their level says they do."""
    if not Place.MISSING < level < Place.DIFFERENT:
        return ()
    keys = {x.key for x in a if x.key}.intersection(y.key for y in b)
    return tuple(f"address:{each}" for each in sorted(keys))
