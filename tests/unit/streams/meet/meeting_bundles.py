"""Bundles of records that name one person, made by hand for tests."""

from __future__ import annotations

from random import Random
from typing import cast

from schemas.types import Bundle, Record
from streams.meet.digests import Digests
from streams.meet.offer import bundles_of_record
from tests.simulator.meet.people import record as random_record

DIGESTS = Digests(b"identifier secret of the bus 32b")


def bundle(number: int, version: int = 1, *, like: int = 0) -> Bundle:
    """Give a bundle of one person; records that are alike name the same one."""
    record = cast(Record, random_record(_person(like), f"{number:064x}", version))
    return bundles_of_record(record, 0, DIGESTS, 1)[0]


def _person(like: int) -> Random:
    """Give what makes a record with one person, who has a name, a date of birth and a phone."""
    seed = like * 1000
    while True:
        record = random_record(Random(seed), "", 1)
        people = record["normalised"]["people"]
        told = ("names", "date_of_birth", "phones")
        if len(people) == 1 and all(people[0][field] for field in told):
            return Random(seed)
        seed += 1


def key(number: int) -> str:
    return f"{number:064x}"
