"""Code lists: the codes that departments already have, each list named by where it comes from.

Codes are matched exactly. What a department wrote stays beside the code, so a value outside every
list loses nothing: its code is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from schemas.errors import CatalogError
from schemas.files import names_in, read_yaml

_SIDES = {"L": "left", "R": "right"}


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: its codes in the order of the file, each with a label in our words."""

    name: str
    title: str
    source: str
    codes: Mapping[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def label(self, code: str) -> str:
        """Give the label of a code; CatalogError when the list does not have it."""
        if code not in self.codes:
            raise CatalogError(f"{code!r} is not in the code list {self.name} ({self.source})")
        return self.codes[code]


@dataclass(frozen=True, slots=True)
class MarkParts:
    """What a mark's code is composed of; side and place are None where the code has none."""

    category: str
    side: str | None
    place: str | None


@cache
def code_list_names() -> tuple[str, ...]:
    """Give the names of all code lists, sorted."""
    return names_in("codes", ".yaml")


@cache
def code_list(name: str) -> CodeList:
    """Give a code list by its name, which is also the name of its file below `codes/`."""
    data = read_yaml(f"codes/{name}.yaml")
    if data["list"] != name:
        raise CatalogError(f"schemas/codes/{name}.yaml is called {data['list']} inside")
    codes = _mark_labels() if name == "mark" else data["codes"]
    for code, label in codes.items():
        if not (isinstance(code, str) and isinstance(label, str) and code and label):
            raise CatalogError(f"schemas/codes/{name}.yaml: {code!r} needs quotes or a label")
    return CodeList(name, data["title"], data["source"], MappingProxyType(dict(codes)))


@cache
def mark_parts() -> Mapping[str, MarkParts]:
    """Give what every mark code is composed of, by code: `TAT L ARM` is TAT, L, ARM."""
    return MappingProxyType({code: parts for code, (parts, _) in _marks().items()})


def _mark_labels() -> Mapping[str, str]:
    return {code: label for code, (_, label) in _marks().items()}


@cache
def _marks() -> Mapping[str, tuple[MarkParts, str]]:
    data = read_yaml("codes/mark.yaml")
    found: dict[str, tuple[MarkParts, str]] = {}
    for category, kind in data["categories"].items():
        for place, where in data["places"].items():
            if kind["places"] == "all" or place in kind["places"]:
                _add_place(found, category, kind["label"], place, where)
    for code, entry in data["whole"].items():
        parts = MarkParts(entry["category"], entry.get("side"), entry.get("place"))
        found[code] = (parts, entry["label"])
    return MappingProxyType(found)


def _add_place(
    found: dict[str, tuple[MarkParts, str]], category: str, what: str, place: str, where: Any
) -> None:
    for side, written in _spellings(place, where).items():
        sided = f"{_SIDES[side]} {where['label']}" if side else where["label"]
        code = f"{category} {written}"
        found[code] = (MarkParts(category, side, place), f"{what}, {sided}")


def _spellings(place: str, where: Mapping[str, Any]) -> Mapping[str | None, str]:
    """Give how a place is written in a code, by side; the key None is for no side."""
    if "sides" in where:
        spellings: dict[str | None, str] = dict(where["sides"])
        return spellings
    if where["sided"]:
        return {None: place, **{side: f"{side} {place}" for side in _SIDES}}
    return {None: place}
