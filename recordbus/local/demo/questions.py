"""Three searches that fit what was published, whatever it was (pure).

Each is made from a record that stands on the bus, asked the way a person would ask who saw only a
part of it: a name spelled wrong, the first half of a plate, looks without a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

PURPOSE: Final = ("--purpose", "criminal_investigation", "--case", "DEMO-1")
WHO: Final = ("--requester", "demo")
_PLATE_SHOWN: Final = 4
_SHORTEST_NAME: Final = 5

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A search: what it shows, in words, and the arguments that ask it."""

    says: str
    asks: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """Give the whole command, purpose and case included (R-28)."""
        return ("search", *self.asks, *PURPOSE, *WHO)


def questions(records: Iterable[Record], count: int = 3) -> list[Question]:
    """Give up to `count` different kinds of question, most telling kind first."""
    seen = list(records)
    found = (next(_asked(kind, seen), None) for kind in _KINDS)
    return [question for question in found if question is not None][:count]


def _asked(kind: Callable[[Record], Question | None], records: list[Record]) -> Iterator[Question]:
    for record in records:
        question = kind(record) if record["body"] else None
        if question is not None:
            yield question


def _misspelled_name(record: Record) -> Question | None:
    for person in record["normalised"]["people"]:
        for name in person["names"]:
            given, surname = name["given"], name["surname"]
            if given and surname and len(surname) >= _SHORTEST_NAME and surname.isalpha():
                asked = f"{given} {surname[:2]}{surname[3:]}"
                return Question("a name with a letter missing", ("--name", asked))
    return None


def _looks(record: Record) -> Question | None:
    for role in record["body"]["people"]:
        person = role["person"]
        sex, hair = _code(person["sex"]), _code(person["hair_colour"])
        marks = [_code(mark["code"]) for mark in person["marks"]]
        if sex and hair and marks and marks[0]:
            asked = ("--sex", sex, "--hair", hair, "--marks", marks[0])
            return Question("a described person, no name known", asked)
    return None


def _part_of_a_plate(record: Record) -> Question | None:
    for vehicle in record["normalised"]["vehicles"]:
        plate = vehicle["plate"]
        if plate and len(plate) > _PLATE_SHOWN:
            return Question("the first half of a plate", ("--plate", f"{plate[:_PLATE_SHOWN]}*"))
    return None


def _vehicle_looks(record: Record) -> Question | None:
    for role in record["body"]["vehicles"]:
        vehicle = role["vehicle"]
        colour, style = _code(vehicle["colour"]), _code(vehicle["style"])
        if colour and style:
            return Question(
                "a vehicle by its looks", ("--colour", colour, "--style", style, "--sort", "newest")
            )
    return None


def _street(record: Record) -> Question | None:
    for location in record["normalised"]["locations"]:
        address = location["address"]
        if address and address["street"]:
            return Question("everything on one street", ("--address", address["street"]))
    return None


def _number(record: Record) -> Question | None:
    number = record["body"]["record_id"]
    return Question("a record by its number", ("--number", number))


def _code(coded: Mapping[str, Any] | None) -> str | None:
    """Give a code that says something; NCIC's XXX stands for unknown."""
    return coded["code"] if coded and coded["code"] != "XXX" else None


_KINDS: Final = (_misspelled_name, _looks, _part_of_a_plate, _vehicle_looks, _street, _number)
