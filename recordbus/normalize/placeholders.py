"""Values that departments write when they do not know: they become null and are never keys.

The lists are closed and small on purpose. What is common by accident (a shelter's address,
a switchboard) is learned from the data by later stages and is not a placeholder.
"""

from __future__ import annotations

from recordbus.normalize.text import fold

_BLANK = frozenset({"", "UNKNOWN", "UNK", "UNKN", "REFUSED", "N A", "TEST", "NOT GIVEN"})
_NAMES = _BLANK | {
    "JOHN DOE",
    "JANE DOE",
    "DOE JOHN",
    "DOE JANE",
    "BABY BOY",
    "BABY GIRL",
    "UNKNOWN UNKNOWN",
    "UNK UNK",
}
_ADDRESSES = _BLANK | {"HOMELESS", "TRANSIENT", "GENERAL DELIVERY", "NO FIXED ADDRESS"}
_PLATES = frozenset({"", "NONE", "TEMP", "UNK", "UNKNOWN", "DEALER", "NOPLATE", "NA"})
_IDS = frozenset({"", "NONE", "UNK", "UNKNOWN", "REFUSED", "NA", "PENDING"})
_SSNS = frozenset({"123456789", "111111111", "078051120", "987654321"})
_DATES = frozenset({"1900-01-01", "1901-01-01", "1970-01-01"})


def is_name(folded: str) -> bool:
    """Say whether a folded name stands for no name."""
    return folded in _NAMES


def is_unnamed_pair(given: str, surname: str) -> bool:
    """Say whether a folded given name and surname together stand for nobody."""
    return surname == "DOE" and given in ("", "JOHN", "JANE", "UNKNOWN", "UNK")


def is_address(text: str) -> bool:
    """Say whether an address, or its street, says only that there is none."""
    return fold(text) in _ADDRESSES


def is_plate(folded: str) -> bool:
    """Say whether a compact plate is the word that stands for no plate."""
    return folded in _PLATES


def is_identifier(kind: str, value: str) -> bool:
    """Say whether an identifier's compact value is one that many people were given."""
    if value in _IDS or (len(value) > 1 and len(set(value)) == 1):
        return True
    return kind == "ssn" and value in _SSNS


def is_phone(digits: str) -> bool:
    """Say whether a national number's digits are a stand-in: 000..., 999..., 555-555-5555."""
    return digits.startswith(("000", "999")) or len(set(digits)) <= 1


def is_date(iso: str) -> bool:
    """Say whether an ISO date of birth is one that systems fill in by themselves."""
    return iso in _DATES or iso.startswith("9999")
