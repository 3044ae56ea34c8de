"""Reason codes: why an input is not accepted, what happens to it, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from schemas.errors import CatalogError
from schemas.files import read_yaml

Outcome = Literal[
    "quarantine", "id_only", "drop", "refuse_row", "refuse_file", "hold", "refuse_send"
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason code; `stage` is the part of the bus that gives it."""

    code: str
    meaning: str
    what_to_do: str
    stage: str
    outcome: Outcome


@cache
def reasons() -> Mapping[str, Reason]:
    """Give all reason codes, in the order of the file; CatalogError on a malformed entry."""
    found: dict[str, Reason] = {}
    for stage, entries in read_yaml("reasons.yaml").items():
        for code, entry in entries.items():
            if code in found or entry["outcome"] not in get_args(Outcome):
                raise CatalogError(f"schemas/reasons.yaml: {code} is repeated or has no outcome")
            found[code] = Reason(code, entry["meaning"], entry["next"], stage, entry["outcome"])
    return MappingProxyType(found)
