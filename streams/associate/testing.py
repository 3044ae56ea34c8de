"""Associate on a registry in memory, for tests: stages speak to it message by message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from recordbus import ids
from recordbus.avro.reader import EPOCH, PlainReader
from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from schemas.rules import basis_table
from streams.associate.entries import RELATIONS
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS, IDENTITIES
from streams.associate.sides import Relations, relations
from streams.associate.stage import associate_stage
from streams.runtime.contract import Handled, Input

ENTRY: Final = "recordbus.v1.RelationsEntry"
DAY: Final = datetime(2024, 3, 5, tzinfo=UTC)


def record_key(number: int = 1) -> str:
    """Give the key of the record of this number."""
    return ids.record_key(records.SECRET, "arrest", f"A-{number}")


def part(name: str, /, **fields: Any) -> dict[str, Any]:
    """Give a record of `recordbus.v1`, blank but for these fields."""
    return records.part(name, **fields)


def mention(local_id: str, kind: str = "person", **fields: Any) -> dict[str, Any]:
    """Give a mention; what needs no resolution has an entity of its own."""
    entity = None if kind in ("person", "vehicle", "organisation") else f"entity of {local_id}"
    return part(
        "RelatedMention", **({"local_id": local_id, "kind": kind, "entity_id": entity} | fields)
    )


def relation(
    start: str, end: str, type_: str, basis: str, key: str, **fields: Any
) -> dict[str, Any]:
    """Give a relation as intake states it, with the evidence and grade of its basis."""
    evidence = basis_table()[basis].evidence_for(fields.get("contact_basis"))
    mentions = (ids.mention_id(key, start), ids.mention_id(key, end))
    grade = part("Grade", source="not_assessed", information="not_assessed", handling="C")
    stated = {
        "relation_id": ids.association_id(key, *mentions, type_, basis, symmetric=False),
        "type": type_,
        "from_local_id": start,
        "to_local_id": end,
        "basis": basis,
        "evidence_kind": evidence.kind,
        "grade": grade if evidence.grade_required else None,
        "first_date": DAY.date().isoformat(),
    }
    return part("Relation", **(stated | fields))


def arrest(version: int = 1, key: str = "", **fields: Any) -> dict[str, Any]:
    """Give an arrest of two people in one case, with a car, as intake states it."""
    key = key or record_key()
    stated = {
        "record_key": key,
        "record_kind": "arrest",
        "department": records.DEPARTMENT,
        "owner_ori": records.ORI,
        "version": version,
        "content_hash": f"{version:064}",
        "published_at": DAY,
        "recorded_at": DAY,
        "first_recorded_on": DAY.date().isoformat(),
        "dissemination_level": "law_enforcement",
        "contact": part("Contact", unit="Records desk"),
        "mentions": [
            mention("p1"),
            mention("p2"),
            mention("v1", "vehicle"),
            mention("@case:1", "matter"),
        ],
        "relations": [
            relation("p1", "p2", "co_arrested", "arrest", key, from_category="suspect"),
            relation("p1", "@case:1", "subject_of", "arrest", key, from_category="suspect"),
            relation("p2", "@case:1", "subject_of", "arrest", key, from_category="suspect"),
            relation("p1", "v1", "used_vehicle", "arrest", key, from_category="suspect"),
        ],
    }
    return part("RecordRelations", **(stated | fields))


def resolved(
    version: int = 1, key: str = "", entities: Mapping[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """Give the entities of an arrest's people and car, as identify states them."""
    found = entities or {"p1": "ent-1", "p2": "ent-2", "v1": "ent-3"}
    mentions = [part("ResolvedMention", local_id=m, entity_id=e) for m, e in found.items()]
    stated: dict[str, Any] = {
        "record_key": key or record_key(),
        "version": version,
        "mentions": mentions,
    }
    return part("RecordIdentities", **(stated | fields))


def as_read(said: Mapping[str, Any]) -> Relations:
    """Give a record's relations as associate reads them from their bytes."""
    tree = records.tree("recordbus.v1.RecordRelations")
    fields, _ = PlainReader(tree, as_tuples=True).read(records.encode(said, tree.name))
    return relations(fields)


def disposition(person: str, outcome: str, **fields: Any) -> dict[str, Any]:
    """Give a court's decision that reaches a person of an arrest."""
    stated = {
        "local_id": person,
        "outcome": outcome,
        "record_key": record_key(99),
        "version": 1,
        "matter_local_id": "@case:1",
    }
    return part("ReachingDisposition", **(stated | fields))


def dispute(**fields: Any) -> dict[str, Any]:
    """Give an open dispute about a whole record."""
    stated = {"dispute_id": "D-1", "by": "subject", "raised_at": DAY}
    return part("RelatedDispute", **(stated | fields))


class Desk:
    """Feeds messages to associate one by one, keeps its state values, and reads what it says."""

    def __init__(self, *, designations: bool = False) -> None:
        self.registry = MemoryRegistry()
        self.schema_id = self.registry.add_topic(RELATIONS)
        for topic in (ASSOCIATIONS, DESIGNATIONS, IDENTITIES):
            self.registry.add_topic(topic)
        self.stage = associate_stage(self.registry, designations=designations)
        self.machine = self.stage.machine(0)
        self.states: dict[bytes, bytes] = {}
        self.board: dict[str, dict[str, Any]] = {ASSOCIATIONS: {}, DESIGNATIONS: {}, IDENTITIES: {}}
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.offset = 0
        self.at = DAY

    def intake(self, said: Mapping[str, Any]) -> Handled:
        """Let intake state a record's relations."""
        return self.say(said["record_key"], "intake", "RecordRelations", said)

    def identify(self, said: Mapping[str, Any]) -> Handled:
        """Let identify state who a record's mentions are."""
        return self.say(said["record_key"], "identify", "RecordIdentities", said)

    def remove(self, reason: str, version: int, key: str = "", side: str = "intake") -> Handled:
        """Take one side of a record away."""
        key = key or record_key()
        said = {"record_key": key, "version": version, "reason": reason}
        return self.say(key, side, "PartRemoved", said)

    def tick(self, at: datetime) -> Handled:
        """Tell the time."""
        return self.send(b"tick/0", self.framed("Tick", {"at": at}))

    def say(self, key: str, side: str, name: str, said: Mapping[str, Any]) -> Handled:
        return self.send(f"{key}/{side}".encode(), self.framed(name, said))

    def framed(self, name: str, said: Mapping[str, Any]) -> bytes:
        content = (f"recordbus.v1.{name}", said)
        return frame(self.schema_id, records.encode({"content": content}, ENTRY))

    def send(self, key: bytes | None, value: bytes | None) -> Handled:
        """Send any bytes under any key; raises Rejected as associate does."""
        self.offset += 1
        moment = int((self.at - EPOCH).total_seconds() * 1000)
        message = Input(RELATIONS, 0, self.offset, key, value, moment, self.offset)
        state_key = self.machine.state_key(message)
        old = self.states.get(state_key)
        handled = self.machine.handle(message, old)
        if isinstance(handled.state, bytes):
            self.states[state_key] = handled.state
            self.machine.changed(state_key, old, handled.state)
        self._post(handled)
        return handled

    def restart(self) -> None:
        """Let a new owner of the partition load the values."""
        self.machine = self.stage.machine(0)
        for key, state in self.states.items():
            self.machine.loaded(key, state)

    def reason(self, said: Mapping[str, Any]) -> str:
        """Give why a record's relations are refused, after checking that nothing came of it."""
        before = (dict(self.states), len(self.heard))
        try:
            self.intake(said)
        except Rejected as refused:
            found = refused.reason
        else:
            found = ""
        assert not found or (self.states, len(self.heard)) == before
        return found

    def _post(self, handled: Handled) -> None:
        seen = set()
        for output in handled.outputs:
            assert (output.topic, output.key) not in seen, "one message a key and version"
            seen.add((output.topic, output.key))
            if output.value is not None:
                said = read(output.topic, output.value)
                self.board[output.topic][output.key.decode()] = said
                self.heard.append((output.topic, said))
            elif self.board[output.topic].pop(output.key.decode(), None) is not None:
                self.heard.append((output.topic, {"dropped": output.key.decode()}))

    def update(self, stated: Mapping[str, Any], topic: str = ASSOCIATIONS) -> dict[str, Any]:
        """Give what was last said of the association that a relation supports."""
        found: dict[str, Any] = self.board[topic][stated["relation_id"]]
        return found

    def standing(self) -> dict[str, str | None]:
        """Give every association's status, or the reason for which it was taken back, by id."""
        return {
            name: said["reason"] or said["status"]
            for name, said in self.board[ASSOCIATIONS].items()
        }

    def entities(self) -> dict[str, str | None]:
        """Give the entity of every mention of the first record, by local id."""
        found = self.board[IDENTITIES].items()
        return {name.partition(".")[2]: said["entity_id"] for name, said in found}


def read(topic: str, value: bytes) -> dict[str, Any]:
    """Read what associate wrote."""
    found: dict[str, Any] = _reader(topic).read(value, HEADER_BYTES)[0]
    return found


@cache
def _reader(topic: str) -> PlainReader:
    full_name = catalog.topics().spec(topic).value_schema
    assert full_name is not None
    return PlainReader(records.tree(full_name))
