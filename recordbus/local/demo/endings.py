"""What became of the records when they met: four endings, found in what the bus itself says (pure).

Somebody whom several departments know; two of one household who stay two; an arrest whose ties a
court's dismissal took back; a field contact whose time ran out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice
from typing import Any, Final

from recordbus.local.demo.questions import PURPOSE, WHO

_DEPARTMENTS: Final = 3
_LARGEST_HOUSEHOLD: Final = 6

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """One ending in words, and the commands that show it."""

    says: str
    commands: tuple[tuple[str, ...], ...] = ()

    @property
    def arguments(self) -> list[tuple[str, ...]]:
        """Give the whole commands, purpose and case included (R-28)."""
        return [(*command, *PURPOSE, *WHO) for command in self.commands]


class Bus:
    """The newest word of the public topics: live records, entities of mentions, associations."""

    def __init__(
        self, records: Iterable[Value], identities: Iterable[Value], updates: Iterable[Value]
    ) -> None:
        self.records: dict[str, Value] = {}
        for record in records:
            self.records.pop(record["record_key"], None)  # who spoke last shall stand last
            self.records[record["record_key"]] = record
        entities = {i["mention_id"]: i["entity_id"] for i in identities}
        self.entities = {mention: entity for mention, entity in entities.items() if entity}
        self.updates = {u["association_id"]: u for u in updates}

    def people(self) -> Iterator[tuple[Value, Value]]:
        """Give every named person of a live record with the record."""
        for record in self.records.values():
            if record["status"] == "live":
                for person in record["normalised"]["people"]:
                    if person["names"]:
                        yield record, person


def summary(bus: Bus) -> dict[str, Any]:
    """Give how many entities and standing ties there are, and why ties were retracted."""
    counts: Counter[str | None] = Counter()
    for each in _counted(bus.updates.values()).values():
        counts += each
    standing = counts.pop(None, 0)
    return {
        "entities": len(set(bus.entities.values())),
        "standing": standing,
        "retracted": dict(sorted(counts.items(), key=str)),
    }


def endings(bus: Bus) -> Iterator[Ending]:
    """Give the endings that this bus has, in the order in which they are told."""
    found = (
        _known_to_several(bus),
        _household(bus),
        _taken_back(bus, "disposition", "arrest"),
        _taken_back(bus, "expired", "field_contact") or _never_tied(bus, "field_contact"),
    )
    yield from (ending for ending in found if ending is not None)


def _known_to_several(bus: Bus) -> Ending | None:
    """Find the person with the fewest records whom most departments know."""
    departments: dict[str, list[str]] = {}
    for record, person in bus.people():
        entity = bus.entities.get(person["mention_id"])
        if entity is not None:
            departments.setdefault(entity, []).append(record["department"])
    known = [
        (-len(set(names)), len(names), entity)
        for entity, names in departments.items()
        if len(set(names)) >= _DEPARTMENTS
    ]
    if not known:
        return None
    entity = min(known)[2]
    names = ", ".join(sorted(set(departments[entity])))
    return Ending(f"one person in the records of {names}", (("show", entity),))


def _household(bus: Bus) -> Ending | None:
    """Find two of one surname and one address, born closest to each other, who are two entities.

    They share no issued number, and first come those who both have one: it is plain of them that
    they are two. Two with one number may be one person whom the bus did not recognise.
    """
    homes: dict[tuple[str, str], dict[str, Value]] = {}
    for _, person in bus.people():
        name, entity = person["names"][0], bus.entities.get(person["mention_id"])
        keys = {address["key"] for address in person["addresses"]} - {None}
        if entity and keys and name["surname"] and name["given"] and person["date_of_birth"]:
            homes.setdefault((name["surname"], min(keys)), {}).setdefault(entity, person)
    pairs = [
        (not (_numbers(a) and _numbers(b)), _days_between(a, b), a["mention_id"], b["mention_id"])
        for household in homes.values()
        if len(household) <= _LARGEST_HOUSEHOLD
        for a, b in combinations(household.values(), 2)
        if a["names"][0]["given"][:1] != b["names"][0]["given"][:1]
        and _numbers(a).isdisjoint(_numbers(b))
    ]
    if not pairs:
        return None
    says = "two of one surname at one address stay two, and why"
    return Ending(says, (("why-not", *min(pairs)[2:]),))


def _numbers(person: Value) -> frozenset[tuple[str, str]]:
    return frozenset((each["type"], each["digest"]) for each in person["identifiers"])


def _days_between(a: Value, b: Value) -> int:
    days = [date.fromisoformat(each["date_of_birth"]) for each in (a, b)]
    return abs((days[0] - days[1]).days)


def _taken_back(bus: Bus, reason: str, kind: str) -> Ending | None:
    """Find a live record of a kind some of whose ties were retracted for a reason."""
    for key, counts in sorted(_counted(bus.updates.values()).items()):
        record = bus.records.get(key)
        if record is None or record["status"] != "live" or record["record_kind"] != kind:
            continue
        if counts[reason]:
            return Ending(
                f"{_name(record)}: ties taken back {counts[reason]}, ties left {counts[None]}; "
                f"{_WHY[reason]}",
                tuple(("show", entity) for entity in islice(_entities(bus, record), 1)),
            )
    return None


def _never_tied(bus: Bus, kind: str) -> Ending | None:
    """Find a live record of a kind whose ties were over before it came."""
    spoken_of = {update["record_key"] for update in bus.updates.values()}
    for key, record in bus.records.items():
        is_live = record["status"] == "live" and record["record_kind"] == kind
        if is_live and record["relations"] and key not in spoken_of:
            return Ending(
                f"{_name(record)} of {record['occurred_at'] or record['recorded_at']:%Y-%m-%d}: it "
                f"would tie {len(record['relations'])} times, and no tie is left; "
                f"{_WHY['expired']}",
                tuple(("show", entity) for entity in islice(_entities(bus, record), 1)),
            )
    return None


def _name(record: Value) -> str:
    kind = record["record_kind"].replace("_", " ")
    return f"{record['department']}, {kind} {record['body']['record_id']}"


def _counted(updates: Iterable[Value]) -> dict[str, Counter[str | None]]:
    """Count the ties of each record by why they were retracted; None counts those that stand."""
    found: dict[str, Counter[str | None]] = {}
    for update in updates:
        reason = update["reason"] if update["status"] == "retracted" else None
        found.setdefault(update["record_key"], Counter())[reason] += 1
    return found


def _entities(bus: Bus, record: Value) -> Iterator[str]:
    for person in record["normalised"]["people"]:
        if person["mention_id"] in bus.entities:
            yield bus.entities[person["mention_id"]]


_WHY: Final = {
    "disposition": "a court dismissed the case, acquitted, or found nothing to it (R-26)",
    "expired": "their time ran out, and nothing new supports them (R-21)",
}
