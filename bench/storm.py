"""A merge storm: thousands of different people whom one address, phone and sound of name join.

    python -m bench.storm [--people 5000]

Everybody lives in one shelter, gave its phone, and has a name that sounds like all others'; days
of birth differ, by as little as a digit, and three of four have a licence of their own. Every
tenth is known to two departments. First all are taken in. Then the one person with a ninth
surname is corrected, withdrawn and published again, so that address and phone turn from default
values into telling ones and back while all are there; that again when all but as many as a block
may have are withdrawn; and then some of the others come and go, so that blocks are suspended and
resumed. While the values are default values no entity may hold two people. While eight surnames
hold them they count, by their rule, and who then differs by one digit of a date alone and has no
licence is taken for the other; that is told apart, and must be undone when they flip back.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from bench.chain import Chain, Event
from recordbus import ids
from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES, frame
from recordbus.testing import records
from streams.associate.handle import IDENTITIES
from streams.resolution.limits import LIMITS
from streams.runtime.contract import Output

DEPARTMENTS: Final = {"harbor-city-pd": records.ORI, "millbrook-pd": "MA0140200"}
_SEED: Final = 5
_GIVEN: Final = ("Maria", "Marie", "Mary", "Mara", "Myra", "Mario", "Maura", "Moira", "Mira")
_SURNAMES: Final = ("Meier", "Meyer", "Maier", "Mayer", "Myer", "Moyer", "Mohr", "Moore")
_NINTH: Final = "Muir"
_FIRST_DAY: Final = date(1925, 1, 1)
_DAYS: Final = 30_000
_MOMENT_MS: Final = int(records.MOMENT.timestamp() * 1000)
_KIND: Final = "field_contact"


class Step(NamedTuple):
    """What the bus makes of everybody after a step.

    `telling`: so few surnames hold address and phone now that these are no default values. `wrong`
    counts entities that hold two people, `twice` the people whom two departments know, `joined`
    those of them who are one entity.
    """

    says: str
    telling: bool
    mentions: int
    wrong: int
    joined: int
    twice: int


class Town:
    """Who is in the storm, what departments say of them, and what the bus made of it."""

    def __init__(self, people: int) -> None:
        random = Random(_SEED)
        self.people = people
        self._days = random.sample(range(_DAYS), people)
        self._names = [(random.choice(_GIVEN), random.choice(_SURNAMES)) for _ in range(people)]
        self._said = 0
        self.chain = Chain(DEPARTMENTS, self._hear)
        self._reader = PlainReader(records.tree("recordbus.v1.Identity"))
        self.who: dict[str, int] = {}
        self.entities: dict[str, str] = {}

    def _hear(self, said: Output) -> None:
        """Follow the identities, as a partner would."""
        if said.topic == IDENTITIES and said.value is not None:
            found = self._reader.read(said.value, HEADER_BYTES)[0]
            self.entities.pop(found["mention_id"], None)
            if found["entity_id"] is not None and found["mention_id"] in self.who:
                self.entities[found["mention_id"]] = found["entity_id"]

    # ------------------------------------------------------------------ what happens
    def publish(self, persons: Iterable[int], surname: str = "") -> None:
        """Let everybody who knows these persons publish them, under their own surname or this."""
        self.chain.feed(self._events(persons, surname, "live"), _MOMENT_MS)

    def withdraw(self, persons: Iterable[int]) -> None:
        """Let everybody who knows these persons take them back."""
        self.chain.feed(self._events(persons, "", "withdrawn"), _MOMENT_MS)

    def _events(self, persons: Iterable[int], surname: str, status: str) -> Iterator[Event]:
        for person in persons:
            for department in departments_of(person):
                yield self._event(person, department, surname, status)

    def _event(self, person: int, department: str, surname: str, status: str) -> Event:
        self._said += 1
        topic = f"ingest.{department}.v1"
        key = ids.record_key(department.encode().ljust(32), _KIND, f"FC-{person}")
        self.who[ids.mention_id(key, "p1")] = person
        stated = {"record_key": key, "owner_ori": DEPARTMENTS[department]}
        if status == "live":
            body = records.body(
                _KIND, record_id=f"FC-{person}", people=[self._role(person, surname)], vehicles=[]
            )
            change = records.change(_KIND, source_seq=self._said, body=body, **stated)
        else:
            change = records.removal(status, self._said, record_kind=_KIND, **stated)
        schema_id = self.chain.registry.id_of(f"{topic}-value")
        return Event(topic, key.encode(), frame(schema_id, records.encode(change)))

    def _role(self, person: int, surname: str) -> dict[str, Any]:
        given, own = self._names[person]
        born = _FIRST_DAY + timedelta(days=self._days[person])
        licence = records.part(
            "Identifier", type="driver_license", value=f"S{person * 7919:08}", issuer="MA"
        )
        who = records.person(
            given,
            surname or own,
            date_of_birth=records.part("DateValue", value=born.isoformat()),
            sex=records.coded("F" if person % 2 else "M"),
            identifiers=[licence] if person % 4 else [],
            marks=[],
        )
        return records.person_role(_KIND, "p1", person=who)

    # ------------------------------------------------------------------ what came of it
    @property
    def wrong(self) -> int:
        """Count the entities that hold more than one person."""
        people = defaultdict[str, set[int]](set)
        for mention, entity in self.entities.items():
            people[entity].add(self.who[mention])
        return sum(len(each) > 1 for each in people.values())

    @property
    def joined(self) -> tuple[int, int]:
        """Count those whom both departments know and the bus took for one, and all of those."""
        entities = defaultdict[int, list[str]](list)
        for mention, entity in self.entities.items():
            entities[self.who[mention]].append(entity)
        twice = [each for each in entities.values() if len(each) > 1]
        return sum(len(set(each)) == 1 for each in twice), len(twice)


def departments_of(person: int) -> tuple[str, ...]:
    """Give the departments that know a person: both of them every tenth."""
    return tuple(DEPARTMENTS) if person % 10 == 1 else tuple(DEPARTMENTS)[:1]


def storm(town: Town) -> list[Step]:
    """Let a town live through the storm; give what was found after each step."""
    found: list[Step] = []
    odd = (0,)

    def look(step: str, *, telling: bool) -> None:
        found.append(Step(step, telling, len(town.entities), town.wrong, *town.joined))

    town.publish(odd, _NINTH)
    town.publish(range(1, town.people))
    look("everybody came", telling=False)
    for there in ("everybody there", "a block there"):
        town.publish(odd)
        look(f"the ninth surname corrected, {there}", telling=True)
        town.publish(odd, _NINTH)
        look(f"corrected back, {there}", telling=False)
        town.withdraw(odd)
        look(f"withdrawn, {there}", telling=True)
        town.publish(odd, _NINTH)
        look(f"back, {there}", telling=False)
        town.withdraw(_beyond_a_block(town.people))
    last = _beyond_a_block(town.people)[-20:]
    for _ in range(3):
        town.publish(last)
        town.withdraw(last)
    look("some came and went", telling=False)
    return found


def _beyond_a_block(people: int) -> range:
    """Give the persons without whom the rest is a few short of what a block may have."""
    return range(LIMITS.block_members * 9 // 10 - 2, people)


def told(town: Town, steps: list[Step]) -> dict[str, Any]:
    """Give the figures of a storm that is over."""
    rooms = town.chain.rooms
    return {
        "people": town.people,
        "messages": {name: room.handled for name, room in rooms.items()},
        "cpu_seconds": {name: round(room.seconds, 2) for name, room in rooms.items()},
        "longest_ms": {name: round(room.longest * 1000, 1) for name, room in rooms.items()},
        "longest_at": {name: room.longest_at for name, room in rooms.items()},
        "longest_ms_of_all": round(max(room.longest for room in rooms.values()) * 1000, 1),
        "wrong": max(each.wrong for each in steps if not each.telling),
        "wrong_while_telling": max(each.wrong for each in steps if each.telling),
        "joined_share": min(each.joined / each.twice for each in steps),
        "counted": {name: dict(room.notes) for name, room in rooms.items()},
        "steps": [each._asdict() for each in steps],
    }


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5000)
    options = parser.parse_args()
    town = Town(options.people)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # rarely; a worker has its own way
    print(json.dumps(told(town, storm(town))))


if __name__ == "__main__":
    main()
