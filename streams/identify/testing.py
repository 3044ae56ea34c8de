"""Identify on a registry in memory, for tests: meet and intake speak to it message by message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from recordbus import ids
from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES, frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.identify.entries import VERDICTS
from streams.identify.publish import RELATIONS
from streams.identify.stage import identify_stage
from streams.resolution.fields import FIELDS
from streams.resolution.limits import LIMITS, Limits
from streams.runtime.contract import Handled, Input, Stage

ENTRY: Final = "recordbus.v1.VerdictsEntry"
DAY: Final = datetime(2024, 3, 5, tzinfo=UTC)
STRONG: Final = {"given_name": 1, "surname": 1, "date_of_birth": 1, "identifier": 1, "sex": 1}
"""Levels of a person that are *same* beyond any doubt."""
WITH_PHONE: Final = {"given_name": 1, "surname": 1, "date_of_birth": 1, "phone": 1}
"""Levels that are *same* as long as the phone counts."""
VETOED: Final = STRONG | {"name_suffix": 2}
"""Levels at which a veto stands between two persons: a father and his son."""
LEAD: Final = {"given_name": 1, "surname": 1, "date_of_birth": 1}
"""Levels that are a lead for people."""


def record_key(number: int = 1) -> str:
    """Give the key of the record of this number."""
    return ids.record_key(records.SECRET, "arrest", f"A-{number}")


def mention(number: int = 1, local_id: str = "p1") -> str:
    """Give the id of a mention of the record of this number."""
    return ids.mention_id(record_key(number), local_id)


def part(name: str, /, **fields: Any) -> dict[str, Any]:
    """Give a record of `recordbus.v1`, blank but for these fields."""
    return records.part(name, **fields)


def member(local_id: str = "p1", kind: str = "person", **fields: Any) -> dict[str, Any]:
    """Give a mention of a list."""
    return part("EvidenceMember", **({"local_id": local_id, "kind": kind} | fields))


def levels(kind: str = "person", **agreed: int) -> bytes:
    """Give the levels of a comparison by field; fields that are not named are missing."""
    names = [field.name for field in FIELDS[kind]]
    assert not agreed.keys() - set(names), f"no such field of a {kind}"
    return bytes(agreed.get(name, 0) for name in names)


def pair(
    other: str, agreed: Mapping[str, int] = STRONG, version: int = 1, **fields: Any
) -> dict[str, Any]:
    """Give a pair of the mention p1 with another record's, as a list states it."""
    stated = {
        "local_id": "p1",
        "other": other,
        "other_version": version,
        "kind": "person",
        "levels": levels(fields.get("kind", "person"), **agreed),
    }
    return part("PairEvidence", **(stated | fields))


def shared(value: str, level: int = 1) -> list[dict[str, Any]]:
    """Give a value that both mentions of a pair have."""
    return [part("SharedValue", key=value, level=level)]


def evidence(number: int = 1, version: int = 1, **fields: Any) -> dict[str, Any]:
    """Give the only list of a record with one person."""
    stated: dict[str, Any] = {
        "record_key": record_key(number),
        "version": version,
        "parts": [0],
        "members": [member(recorded_at=number)],
    }
    return part("RecordEvidence", **(stated | fields))


def court(arrest: int, number: int, **fields: Any) -> dict[str, Any]:
    """Give a decision of a court's record about its p1, and an arrest that it may reach."""
    stated: dict[str, Any] = {
        "arrest_key": record_key(arrest),
        "arrest_version": 1,
        "matter_local_id": "@case:1",
        "court_key": record_key(number),
        "court_version": 1,
        "outcome": "dismissed",
        "people": ["p1"],
    }
    return part("CourtLink", **(stated | fields))


def judgement(a: str, b: str, outcome: str = "same", **fields: Any) -> dict[str, Any]:
    """Give a judgement on two mentions."""
    first, second = sorted((a, b))
    stated = {"a": first, "b": second, "outcome": outcome, "reason": "prints", "author": "jo"}
    return part("Judgement", **(stated | fields))


def key_of(name: str, said: Mapping[str, Any], meeting_partition: int = 0) -> bytes:
    """Give the key under which something is said."""
    if name == "DefaultValue":
        return f"value/{said['value']}".encode()
    if name == "Judgement":
        return f"judgement/{said['a']}~{said['b']}".encode()
    if name == "Tick":
        return b"tick/0"
    return f"{said['record_key']}/{meeting_partition}".encode()


@cache
def registry() -> MemoryRegistry:
    """Give the registry, made once, since it keeps no state."""
    found = MemoryRegistry()
    for topic in (VERDICTS, RELATIONS):
        found.add_topic(topic)
    return found


@cache
def stage(limits: Limits = LIMITS) -> Stage:
    """Give the stage, made once for each set of limits."""
    return identify_stage(registry(), limits)


def framed(name: str, said: Mapping[str, Any]) -> bytes:
    """Give the bytes of something that is said."""
    schema_id = registry().id_of(f"{VERDICTS}-value")
    return frame(schema_id, records.encode({"content": (f"recordbus.v1.{name}", said)}, ENTRY))


def read(value: bytes) -> tuple[str, dict[str, Any]]:
    """Read what identify wrote: its short name, and what it says."""
    name, said = _reader().read(value, HEADER_BYTES)[0]["content"]
    return name.rpartition(".")[2], said


@cache
def _reader() -> PlainReader:
    return PlainReader(records.tree("recordbus.v1.RelationsEntry"))


class Desk:
    """Feeds messages to identify one by one, keeps its state values, and reads what it says."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.stage = stage(limits)
        self.machine: Any = self.stage.machine(0)
        self.states: dict[bytes, bytes] = {}
        self.board: dict[str, tuple[str, dict[str, Any]]] = {}
        self.heard: list[str] = []
        self.offset = 0

    def evidence(self, number: int = 1, version: int = 1, **fields: Any) -> Handled:
        """Let the only meeting partition state a record's list."""
        return self.say("RecordEvidence", evidence(number, version, **fields))

    def remove(self, number: int, version: int, reason: str | None = "withdrawn") -> Handled:
        """Let the only meeting partition say that a record is gone."""
        said = part(
            "EvidenceRemoved", record_key=record_key(number), version=version, reason=reason
        )
        return self.say("EvidenceRemoved", said)

    def default(self, value: str, *, is_default: bool = True) -> Handled:
        """Let a value be a default value or not."""
        return self.say("DefaultValue", {"value": value, "is_default": is_default})

    def judge(self, a: str, b: str, outcome: str = "same", **fields: Any) -> Handled:
        """Let somebody judge two mentions."""
        return self.say("Judgement", judgement(a, b, outcome, **fields))

    def tick(self, at: datetime) -> Handled:
        """Tell the time."""
        return self.say("Tick", {"at": at})

    def say(self, name: str, said: Mapping[str, Any], meeting_partition: int = 0) -> Handled:
        """Say anything."""
        return self.send(key_of(name, said, meeting_partition), framed(name, said))

    def send(self, key: bytes | None, value: bytes | None) -> Handled:
        """Send any bytes under any key; raises Rejected as identify does."""
        self.offset += 1
        message = Input(VERDICTS, 0, self.offset, key, value, 0, self.offset)
        state_key = self.machine.state_key(message)
        old = self.states.get(state_key)
        handled: Handled = self.machine.handle(message, old)
        if isinstance(handled.state, bytes):
            self.states[state_key] = handled.state
            self.machine.changed(state_key, old, handled.state)
        self._post(handled)
        return handled

    def restart(self) -> None:
        """Let a new owner of the partition load the values, in another order."""
        self.machine = self.stage.machine(0)
        for key, state in sorted(self.states.items(), key=lambda item: item[0][::-1]):
            self.machine.loaded(key, state)

    def _post(self, handled: Handled) -> None:
        self.heard = []
        for output in handled.outputs:
            key = output.key.decode()
            assert key not in self.heard, "one message a key and version"
            assert output.topic == RELATIONS
            self.heard.append(key)
            self.board[key] = read(output.value or b"")

    # ------------------------------------------------------------------ what was said last
    def said(self, number: int) -> tuple[str, dict[str, Any]]:
        """Give what was last said of the record of this number."""
        return self.board[f"{record_key(number)}/identify"]

    def resolved(self, number: int, local_id: str = "p1") -> dict[str, Any]:
        """Give what was last said of a mention."""
        _, said = self.said(number)
        found: dict[str, Any] = next(m for m in said["mentions"] if m["local_id"] == local_id)
        return found

    def together(self, numbers: Iterable[int]) -> bool:
        """Tell whether the first persons of these records are one entity."""
        return len({self.resolved(number)["entity_id"] for number in numbers}) == 1

    def told_of(self) -> set[str]:
        """Give the records of which the last message made identify speak."""
        return {key.partition("/")[0] for key in self.heard}
