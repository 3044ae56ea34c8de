"""The columns that `recordbus resolve` knows, and where each stands in one file (pure).

Invariant: a column that is not named here is never read. Race, ethnicity, complexion, country of
birth and the like are not named (R-10); they are kept out whatever the file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from recordbus.errors import Rejected

COLUMNS: Final = (
    "source",
    "record_id",
    "full_name",
    "given_name",
    "middle_name",
    "surname",
    "name_suffix",
    "date_of_birth",
    "sex",
    "ssn",
    "driver_license_number",
    "driver_license_state",
    "state_id",
    "passport_number",
    "phone",
    "email",
    "address",
    "street_number",
    "street_name",
    "unit",
    "city",
    "state",
    "postal_code",
)
TRUTH_COLUMNS: Final = ("source", "record_id", "true_id")


class Row(NamedTuple):
    """One record as written; a column that the file has not, and an empty cell, are empty."""

    source: str
    record_id: str
    full_name: str
    given_name: str
    middle_name: str
    surname: str
    name_suffix: str
    date_of_birth: str
    sex: str
    ssn: str
    driver_license_number: str
    driver_license_state: str
    state_id: str
    passport_number: str
    phone: str
    email: str
    address: str
    street_number: str
    street_name: str
    unit: str
    city: str
    state: str
    postal_code: str


class Header(NamedTuple):
    """A file's first line: how many cells it has, where each wanted column is, what is extra."""

    width: int
    places: tuple[int, ...]
    """One place per wanted column, in their order; a column that is missing has `width`."""
    extra: tuple[str, ...]


def header(cells: Sequence[str], wanted: Sequence[str], needed: Sequence[str]) -> Header:
    """Read a header line; case and surrounding spaces do not matter.

    Raises Rejected when a needed column is missing or a wanted one stands there twice.
    """
    names = [cell.strip().lower() for cell in cells]
    for name in wanted:
        if names.count(name) > 1:
            raise Rejected("duplicate_header", f"the column {name} stands there twice")
    missing = [name for name in needed if name not in names]
    if missing:
        raise Rejected("missing_required", f"there is no column {', '.join(missing)}")
    places = tuple(names.index(name) if name in names else len(names) for name in wanted)
    extra = tuple(
        cell.strip() for cell, name in zip(cells, names, strict=True) if name not in wanted
    )
    return Header(len(names), places, extra)
