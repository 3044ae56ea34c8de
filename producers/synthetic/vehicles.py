"""Vehicles with a valid VIN and a plate, owned by one or two people or by an organisation."""

from __future__ import annotations

from dataclasses import dataclass

from producers.synthetic.departments import STATE
from producers.synthetic.draws import Uniform, data_lines, weighted_table
from producers.synthetic.identifiers import plate, vin, vin_prefix

COLOURS = weighted_table(
    [
        ("BLK", 20.0), ("WHI", 21.0), ("GRY", 15.0), ("SIL", 13.0), ("BLU", 8.0), ("RED", 8.0),
        ("DBL", 3.0), ("GRN", 3.0), ("TAN", 2.5), ("BRO", 2.0), ("GLD", 1.5), ("MAR", 1.5),
        ("ONG", 1.0), ("YEL", 1.0), ("LBL", 1.0), ("DGR", 0.8), ("PLE", 0.4), ("BRZ", 0.3),
    ],
    200,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """A make and model with its style and the VIN's first eight characters."""

    make: str
    name: str
    style: str
    prefix: tuple[str, int]


def _models() -> tuple[Model, ...]:
    weighted = []
    for rank, line in enumerate(data_lines("vehicles.txt")):
        make, name, style, weight = line.split()
        maker = "ABCDEFGHJKLMNPRSTUVWXYZ"[hash_of(make) % 23]
        head = f"1{maker}9{rank + 10:02d}AX{rank % 9 + 1}"
        weighted.append((Model(make, name, style, vin_prefix(head)), float(weight)))
    return weighted_table(weighted, 400)


def hash_of(text: str) -> int:
    """Return a small number that depends on the text alone (the built-in hash is salted)."""
    return sum(ord(character) * (place + 3) for place, character in enumerate(text))


MODELS = _models()


class VehicleTruth:
    """One vehicle; `owners` are person ids, `organisation` the owning one or None."""

    __slots__ = ("colour", "id", "model", "organisation", "owners", "plate", "state", "vin", "year")

    def __init__(self, index: int, uniform: Uniform, owners: tuple[int, ...]) -> None:
        u = uniform()
        self.id = index
        self.model = MODELS[int(u * 400)]
        age = uniform()
        self.year = 2026 - int(age * age * 22)
        self.colour = COLOURS[int(uniform() * 200)]
        self.plate = plate(index)
        self.state = STATE
        self.vin = vin(self.model.prefix, self.year, index)
        self.owners = owners
        self.organisation: int | None = None

    def rewritten(self) -> VehicleTruth:
        """Return a copy that may be altered without altering this vehicle."""
        copy = VehicleTruth.__new__(VehicleTruth)
        for name in VehicleTruth.__slots__:
            setattr(copy, name, getattr(self, name))
        return copy
