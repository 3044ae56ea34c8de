"""Flags: what intake notices on a record that it accepts, what each means, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schemas.errors import CatalogError
from schemas.files import read_yaml


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; `about` is the heading that it stands under."""

    code: str
    meaning: str
    what_to_do: str
    about: str


@cache
def flags() -> Mapping[str, Flag]:
    """Give all flags, in the order of the file; CatalogError on a malformed entry."""
    found: dict[str, Flag] = {}
    for about, entries in read_yaml("flags.yaml").items():
        for code, entry in entries.items():
            if code in found or set(entry) != {"meaning", "next"}:
                raise CatalogError(
                    f"schemas/flags.yaml: {code} is repeated, or lacks its sentences"
                )
            found[code] = Flag(code, entry["meaning"], entry["next"], about)
    return MappingProxyType(found)


def flag(code: str) -> str:
    """Give the code of a flag of the catalogue; CatalogError when there is none of that code."""
    if code not in flags():
        raise CatalogError(f"there is no flag {code}; those there are stand in schemas/flags.yaml")
    return code
