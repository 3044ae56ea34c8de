"""What no score may override between two vehicles (pure).

A plate stays with its owner and moves from car to car, so a plate alone is a lead: something of
the vehicle itself has to agree. A VIN alone is enough, as it is the vehicle's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streams.resolution.vehicle.fields import (
    COLOUR,
    MAKE,
    PLATE,
    STYLE,
    VIN,
    YEAR,
    Code,
    Plate,
    Vin,
    Year,
)

Levels = Sequence[int]


def vetoes(levels: Levels) -> Iterator[str]:
    """Give the names of the vetoes on a pair."""
    if levels[VIN] == Vin.DIFFERENT:
        yield "vins_differ"
    if levels[MAKE] == Code.DIFFERENT and levels[VIN] != Vin.EXACT:
        yield "makes_differ"
    if levels[YEAR] == Year.DIFFERENT and levels[VIN] != Vin.EXACT:
        yield "model_years_differ"


def holds(levels: Levels) -> Iterator[str]:
    """Give the names of what keeps a pair from being *same* without a person's judgement."""
    if levels[VIN] == Vin.EXACT:
        return
    described = sum(levels[place] == Code.EXACT for place in (MAKE, YEAR, STYLE, COLOUR))
    if levels[VIN] != Vin.NEAR and described < 1:
        yield "plate_alone"
    if levels[PLATE] not in (Plate.EXACT, Plate.MISREAD):
        yield "no_plate_with_its_state"
    if levels[PLATE] == Plate.MISREAD and described < 2:
        yield "misread_plate_needs_two_more"
