"""What a whole entity may not have two of: the vetoes between clusters of vehicles (pure)."""

from __future__ import annotations

from typing import NamedTuple

from streams.resolution.mentions import VehicleMention
from streams.resolution.vehicle.comparison import vin_level
from streams.resolution.vehicle.fields import Vin


class VehicleFacts(NamedTuple):
    """What the mentions of a cluster say that tells vehicles apart, each once and in order."""

    vins: tuple[str, ...]
    makes: tuple[str, ...]


def facts_of(vehicle: VehicleMention) -> VehicleFacts:
    """Give the facts of one mention."""
    return VehicleFacts(
        (vehicle.vin,) if vehicle.vin else (), (vehicle.make,) if vehicle.make else ()
    )


def merge(a: VehicleFacts, b: VehicleFacts) -> VehicleFacts:
    """Give the facts of two clusters together."""
    if a == b:
        return a
    return VehicleFacts(
        tuple(dict.fromkeys(a.vins + b.vins)), tuple(dict.fromkeys(a.makes + b.makes))
    )


def conflict(a: VehicleFacts, b: VehicleFacts) -> str:
    """Give the veto between two clusters by its name, or empty."""
    if any(vin_level(x, y) == Vin.DIFFERENT for x in a.vins for y in b.vins):
        return "vins_differ"
    shares_vin = not set(a.vins).isdisjoint(b.vins)
    if not shares_vin and any(x != y for x in a.makes for y in b.makes):
        return "makes_differ"
    return ""


def is_at_peace(facts: VehicleFacts) -> bool:
    """Tell whether nothing in a cluster's facts would keep any two of its mentions apart."""
    return len(facts.vins) < 2 and len(facts.makes) < 2
