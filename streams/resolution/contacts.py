"""What mentions share that more than one person or firm may use: phones, e-mail, addresses (pure).

The key of such a value names it in evidence and in the count of its holders.
"""

from __future__ import annotations

from typing import Final

from streams.resolution.levels import Contact
from streams.resolution.mentions import AddressForm

PHONE: Final = "phone:"
EMAIL: Final = "email:"
ADDRESS: Final = "address:"

Values = tuple[str, ...]
Shared = tuple[tuple[str, int], ...]
Addresses = tuple[AddressForm, ...]


def contact_level(a: Values, b: Values) -> int:
    """Tell whether two mentions share any of their phones, or of their e-mail addresses."""
    if not a or not b:
        return Contact.MISSING
    if len(a) == len(b) == 1:
        return Contact.EXACT if a[0] == b[0] else Contact.DIFFERENT
    return Contact.DIFFERENT if set(a).isdisjoint(b) else Contact.EXACT


def value_keys(phones: Values, emails: Values, addresses: Addresses) -> list[str]:
    """Give the keys of the values of one mention that may turn out to be default values."""
    if not (phones or emails or addresses):
        return []
    found = [PHONE + each for each in phones]
    if emails:
        found += [EMAIL + each for each in emails]
    for each in addresses:
        if each.key:
            found.append(ADDRESS + each.key)
    return found


def shared_values(level: int, prefix: str, a: Values, b: Values) -> Shared:
    """Give what two mentions share, if their level says that they share anything."""
    if level != Contact.EXACT:
        return ()
    if len(a) == len(b) == 1:
        return ((prefix + a[0], level),)
    return tuple((prefix + each, level) for each in sorted(set(a).intersection(b)))
