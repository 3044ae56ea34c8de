"""The closed list of purposes (R-29), and which of them are shut unless an owner opens them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from schemas.code_lists import code_list
from schemas.errors import CatalogError
from schemas.files import read_yaml


@dataclass(frozen=True, slots=True)
class Purposes:
    """The list in its parts; a purpose is in exactly one of them.

    `side_doors` are denied unless an agreement names them with a legal authority of their own;
    `never` are those that no agreement may name and no search or feed may have.
    """

    ordinary: frozenset[str]
    side_doors: frozenset[str]
    never: frozenset[str]

    @property
    def of_agreements(self) -> frozenset[str]:
        """What an agreement may name."""
        return self.ordinary | self.side_doors


@cache
def purposes() -> Purposes:
    """Give the purposes; CatalogError when the file names one that is not in its list."""
    every = frozenset(code_list("purpose").codes)
    data = read_yaml("codes/purpose.yaml")
    side_doors, never = frozenset(data["side_doors"]), frozenset(data["never"])
    if not side_doors | never <= every or side_doors & never:
        raise CatalogError("schemas/codes/purpose.yaml: side_doors or never name no purpose")
    return Purposes(every - side_doors - never, side_doors, never)
