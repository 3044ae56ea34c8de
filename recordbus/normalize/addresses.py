"""Postal addresses in one spelling, with the unit apart and a key for the building (pure).

Plain forms (parts, or `number street type, city, ST zip`) are read here; anything else goes to
`usaddress` and `usaddress-scourgify`. A property test holds the plain form equal to the library.
The key leaves the unit out: it names the building, as a place where records meet.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import scourgify  # type: ignore[import-untyped]
import usaddress  # type: ignore[import-untyped]
from scourgify.address_constants import (  # type: ignore[import-untyped]
    CITY_ABBREVIATIONS,
    DIRECTIONAL_REPLACEMENTS,
    OCCUPANCY_TYPE_ABBREVIATIONS,
    STATE_ABBREVIATIONS,
    STREET_TYPE_ABBREVIATIONS,
)
from scourgify.exceptions import AddressNormalizationError  # type: ignore[import-untyped]

from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE, compact, fold

_LONGEST = 300
_NUMBER = r"\d{1,6}(?:-\d{1,4}|[A-Z])?"
_PLAIN = re.compile(
    rf"({_NUMBER}) ([A-Z0-9 ]{{2,40}}), "
    r"([A-Z][A-Z ]{1,30}), ([A-Z]{2}),? (\d{5})(?:-\d{4})?",
    re.ASCII,
)
_CROSSING = re.compile(
    r"(?!\d+[ /&-])([^,&@/]+?)(?:\s*[&@/]\s*| AND )([^,&@/]+)(?:,(.*))?", re.ASCII
)
_LEADING_NUMBER = re.compile(rf"({_NUMBER}) (?=\S)", re.ASCII)
_PLAIN_WORDS = re.compile(r"[A-Z]{3,}(?: [A-Z]{3,}){0,2}", re.ASCII)
_UNIT = re.compile(
    r"(?:\s|,)+(?:#\s*|(?:APARTMENT|APT|UNIT|SUITE|STE|ROOM|RM|FLOOR|FL)\.?\s*#?\s*)"
    r"([A-Z0-9][A-Z0-9-]{0,7})$",
    re.ASCII,
)
_POSTAL = re.compile(r"(\d{5})(?:-?\d{4})?", re.ASCII)
_UNIT_WORDS = frozenset(OCCUPANCY_TYPE_ABBREVIATIONS) | set(OCCUPANCY_TYPE_ABBREVIATIONS.values())
_STATES = {**STATE_ABBREVIATIONS, **{code: code for code in STATE_ABBREVIATIONS.values()}}
# Words that the library may read as something else than part of a city's or a street's name.
_TELLING_OF_PLACES = (
    set(DIRECTIONAL_REPLACEMENTS) | set(CITY_ABBREVIATIONS) | _UNIT_WORDS
    | {word for name in _STATES for word in str(name).split()}
)  # fmt: skip
_TELLING = (
    _TELLING_OF_PLACES | set(STREET_TYPE_ABBREVIATIONS) | set(STREET_TYPE_ABBREVIATIONS.values())
)


class PostalAddress(NamedTuple):
    """An address in capitals; what is not known is None. `key` is None without a street."""

    street_number: str | None = None
    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    key: str | None = None
    placeholder: bool = False


NO_ADDRESS = PostalAddress()
_PLACEHOLDER = PostalAddress(placeholder=True)


def _keyed(
    number: str | None,
    line: str | None,
    apart: str | None,
    town: str | None,
    where: str | None,
    code: str | None,
) -> PostalAddress:
    """Give an address with the building's key: number, street, and postal code or else place.

    A street without a number or a place names no building, so it gets no key.
    """
    place = code or " ".join(filter(None, (town, where)))
    found = line and place and (number or " & " in line)
    key = f"{number or ''}|{line}|{place}" if found else None
    return PostalAddress(
        number or None, line or None, apart or None, town or None, where or None, code or None, key
    )


def street(text: str) -> str:
    """Spell a street's directions and its last word, the type, as the postal service does."""
    words = fold(text).split()
    if len(words) > 1:
        words[-1] = DIRECTIONAL_REPLACEMENTS.get(words[-1]) or STREET_TYPE_ABBREVIATIONS.get(
            words[-1], words[-1]
        )
        words[0] = DIRECTIONAL_REPLACEMENTS.get(words[0], words[0])
    if len(words) > 2 and words[-1] in DIRECTIONAL_REPLACEMENTS.values():
        words[-2] = STREET_TYPE_ABBREVIATIONS.get(words[-2], words[-2])
    return " ".join(words)


def city(text: str) -> str:
    """Spell a city with its abbreviations written out: `ST PAUL` becomes `SAINT PAUL`."""
    words = fold(text).split()
    if len(words) > 1:
        words[0] = CITY_ABBREVIATIONS.get(words[0], words[0])
    return " ".join(words)


def state(text: str) -> str:
    """Give a state's two-letter code, or the folded text when it is none."""
    folded = fold(text)
    return str(_STATES.get(folded, folded))


def unit(text: str) -> str:
    """Give a unit's identifier without the word before it: `Apt. 4B` becomes `4B`."""
    words = fold(text.replace("#", " ")).split()
    if len(words) > 1 and words[0] in _UNIT_WORDS:
        words = words[1:]
    return "".join(words)


def postal_code(text: str) -> str:
    """Give the five digits of a ZIP code, or the folded text of a foreign code."""
    match = _POSTAL.fullmatch(text.strip())
    return match[1] if match else fold(text)


def _split_number(line: str) -> tuple[str, str]:
    match = _LEADING_NUMBER.match(line)
    return (match[1], line[match.end() :]) if match else ("", line)


def _split_unit(line: str) -> tuple[str, str]:
    """Take a unit off the end of a street line."""
    match = _UNIT.search(line)
    return (line[: match.start()], match[1]) if match else (line, "")


def _assemble(
    number: str, line: str, apart: str, town: str, where: str, code: str
) -> PostalAddress:
    return _keyed(
        compact(number), street(line), unit(apart), city(town), state(where), postal_code(code)
    )


def _crossing(text: str) -> PostalAddress | None:
    """Read `street & street[, city[, ST zip]]`; the two streets may come in either order."""
    match = _CROSSING.fullmatch(text)
    if match is None:
        return None
    streets = sorted((street(match[1]), street(match[2])))
    if not all(streets):
        return None
    town, _, rest = (match[3] or "").strip().partition(",")
    where, _, code = rest.strip().partition(" ")
    return _keyed("", " & ".join(streets), "", city(town), state(where), postal_code(code))


def _plain(text: str) -> PostalAddress | None:
    """Read `number street type, city, ST zip`, or give None when the text is not that plain."""
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    number, line, town, where, code = match.groups()
    words = line.split()
    names = " ".join(words[:-1])
    if words[-1] not in STREET_TYPE_ABBREVIATIONS or where not in _STATES:
        return None
    if not (_is_plain(names, _TELLING) and _is_plain(town, _TELLING_OF_PLACES)):
        return None
    spelled = f"{names} {STREET_TYPE_ABBREVIATIONS[words[-1]]}"
    return _keyed(number.replace("-", ""), spelled, None, town, _STATES[where], code)


def _is_plain(text: str, telling: set[str]) -> bool:
    return _PLAIN_WORDS.fullmatch(text) is not None and telling.isdisjoint(text.split())


def by_library(text: str) -> PostalAddress:
    """Read an address with the address libraries; what they cannot part stays a street line."""
    try:
        found = scourgify.normalize_address_record(text)
    except (AddressNormalizationError, usaddress.RepeatedLabelError, ValueError, KeyError,
            IndexError, AttributeError, TypeError):  # fmt: skip
        return _keyed(None, street(text), None, None, None, None)
    number, line = _split_number(str(found["address_line_1"] or ""))
    parts = (str(found[k] or "") for k in ("address_line_2", "city", "state", "postal_code"))
    return _assemble(number, line, *parts)


def _from_full(full: str) -> PostalAddress:
    text = " ".join(full.upper().split())[:_LONGEST]
    plain = _plain(text)
    if plain is not None:
        return plain
    if placeholders.is_address(text):
        return _PLACEHOLDER if full.strip() else NO_ADDRESS
    return _crossing(text) or by_library(text)


def _completed(
    read: PostalAddress, apart: str | None, town: str | None, where: str | None, code: str | None
) -> PostalAddress:
    """Fill in from separate fields what a whole line left out."""
    return _keyed(
        read.street_number,
        read.street,
        read.unit or unit(apart or ""),
        read.city or city(town or ""),
        read.state or state(where or ""),
        read.postal_code or postal_code(code or ""),
    )


@lru_cache(maxsize=CACHE_SIZE)
def normalise(
    full: str | None,
    street_number: str | None,
    street_line: str | None,
    unit_text: str | None,
    city_text: str | None,
    state_text: str | None,
    code: str | None,
) -> PostalAddress:
    """Read an address as written; its parts win over its full form where it has a street part."""
    if full and not street_line:
        read = _from_full(full)
        if read.placeholder or not (unit_text or city_text or state_text or code):
            return read
        return _completed(read, unit_text, city_text, state_text, code)
    if street_line and placeholders.is_address(street_line):
        return _PLACEHOLDER
    line = " ".join((street_line or "").upper().split())[:_LONGEST]
    number = street_number or ""
    if not number:
        number, line = _split_number(line)
    line, inner_unit = _split_unit(line)
    rest = (city_text or "", state_text or "", code or "")
    return _assemble(number, line, unit_text or inner_unit, *rest)
