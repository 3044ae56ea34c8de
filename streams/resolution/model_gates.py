"""What a model must hold before it may be used: the release gates that its numbers decide (pure).

A model that breaks one would link on a near agreement what it would not link on a full one, or
take a coincidence for proof. The gates that need people to resolve are tests of the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streams.resolution.model import Model

U_FLOORS: Final = {
    ("given_name", "exact"): 0.001,
    ("surname", "exact"): 0.0005,
    ("date_of_birth", "exact"): 3e-5,
    ("identifier", "equal"): 1e-6,
    ("identifier", "near"): 1e-4,
    ("phone", "exact"): 2e-5,
    ("email", "exact"): 1e-5,
    ("address", "home"): 5e-5,
    ("address", "building"): 5e-5,
}
"""The least share of coincidence that is believed of a level of persons, whatever a sample says.

A date of birth: 80 years of days are 29,000, and births are not spread evenly. A number, phone or
address: what typing errors, shared lines and large households do at least. Names: the share of
pairs that agree on some name, which no population of the United States comes under.
"""
TERM_FLOOR: Final = 1e-4
"""The least frequency that is believed of one name: rarer ones are seen too seldom to tell."""
_TOLERANCE_BITS: Final = 1e-4  # what rounding to six digits may do


def broken_gates(model: Model) -> list[str]:
    """Give what keeps a model from being used, each in a sentence; none means it may be."""
    return [*_untrained(model), *_out_of_order(model), *_under_floor(model), *_thresholds(model)]


def _untrained(model: Model) -> Iterator[str]:
    for field, weights in zip(model.fields, model.levels, strict=True):
        if field.weighed and len(weights) != len(field.levels):
            yield f"{field.name} has levels without weights"


def _out_of_order(model: Model) -> Iterator[str]:
    for field, weights in zip(model.fields, model.levels, strict=True):
        bits = [weight.bits for weight in weights[1:]] if field.weighed else []
        for level, better, worse in zip(field.levels[2:], bits, bits[1:], strict=False):
            if worse > better + _TOLERANCE_BITS:
                yield f"{field.name}.{level} weighs more than the level before it"


def _under_floor(model: Model) -> Iterator[str]:
    for field, weights in zip(model.fields, model.levels, strict=True):
        for level, weight in zip(field.levels, weights, strict=True):
            floor = U_FLOORS.get((field.name, level), 0.0)
            if model.kind == "person" and field.weighed and weight.u < floor:
                yield f"{field.name}.{level} has u = {weight.u:g}, under the floor of {floor:g}"
    for name, table in model.terms.items():
        if table.minimum_u < TERM_FLOOR:
            yield f"the least frequency of {name} is {table.minimum_u:g}, under {TERM_FLOOR:g}"


def _thresholds(model: Model) -> Iterator[str]:
    if not (model.possible < model.same and model.same > 0.0):
        yield "the thresholds are not possible < same, and same above 0"
