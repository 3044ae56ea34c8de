"""How old somebody may have been, by what a record says (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from recordbus.normalize import dates
from schemas.rules import relation_types

ADULT_AT: Final = max(
    kind.designation.juvenile_below_years
    for kind in relation_types().values()
    if kind.designation is not None
)
"""The age in years from which nobody is a juvenile (R-16)."""


def least_age_years(person: Mapping[str, Any], on: date) -> int | None:
    """Give the lowest age that a record allows for a person, or None when it says nothing."""
    least: int | None = person["age_years"]
    span, born = person["age_range"], person["person"]["date_of_birth"]
    if span is not None and (least is None or span["low"] < least):
        least = span["low"]
    if born is not None and born["value"] is not None and dates.is_iso(born["value"]):
        age = dates.age_years(born["value"], on)
        least = age if least is None or age < least else least
    return least
