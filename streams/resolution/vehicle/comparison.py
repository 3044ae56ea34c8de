"""Compares two vehicles field by field (pure)."""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import OSA

from streams.resolution.evidence import Evidence, Terms
from streams.resolution.mentions import VehicleMention
from streams.resolution.vehicle.fields import Code, Plate, Vin, Year

NO_TERMS: Final[Terms] = {}
LAST: Final = 8
MOST_EDITS: Final = 2


def compare(a: VehicleMention, b: VehicleMention, terms: Terms = NO_TERMS) -> Evidence:  # noqa: ARG001 - one shape for every kind
    """Give the evidence of two mentions; it is the same whichever comes first."""
    return Evidence(
        (
            vin_level(a.vin, b.vin),
            _plate_level(a, b),
            _code_level(a.make, b.make),
            _year_level(a.year, b.year),
            _code_level(a.style, b.style),
            _code_level(a.colour, b.colour),
        )
    )


def vin_level(a: str, b: str) -> int:
    """Compare two VINs; a short one is often the last eight characters only."""
    if not a or not b:
        return Vin.MISSING
    if a == b:
        return Vin.EXACT
    if len(a) != len(b):
        return Vin.NEAR if len(a) >= LAST <= len(b) and a[-LAST:] == b[-LAST:] else Vin.DIFFERENT
    return Vin.NEAR if OSA.distance(a, b, score_cutoff=MOST_EDITS) <= MOST_EDITS else Vin.DIFFERENT


def _plate_level(a: VehicleMention, b: VehicleMention) -> int:
    if not a.plate or not b.plate:
        return Plate.MISSING
    if a.plate_folded != b.plate_folded:
        return Plate.DIFFERENT
    if not a.plate_state or not b.plate_state:
        return Plate.NO_STATE
    if a.plate_state != b.plate_state:
        return Plate.DIFFERENT
    return Plate.EXACT if a.plate == b.plate else Plate.MISREAD


def _code_level(a: str, b: str) -> int:
    if not a or not b:
        return Code.MISSING
    return Code.EXACT if a == b else Code.DIFFERENT


def _year_level(a: int | None, b: int | None) -> int:
    if a is None or b is None:
        return Year.MISSING
    if a == b:
        return Year.EXACT
    return Year.NEXT if abs(a - b) == 1 else Year.DIFFERENT
