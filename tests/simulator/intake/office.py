"""What departments, partners and upkeep say to intake in a simulated world, good and bad.

Every content is a text of its own, so that it can be looked for in whatever is left at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.avro.reader import PlainReader
from recordbus.errors import Retryable
from recordbus.judgements import key_of as key_of_pair
from recordbus.kafka.wire import frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.handle import Intake, state_key
from streams.intake.stage import make_intake
from streams.intake.testing import (
    ANSWERS,
    OTHER,
    OTHER_ANSWERS,
    OTHER_ORI,
    PUBLISHERS,
    SECRET,
    TOPIC,
)
from streams.intake.topics import JUDGEMENTS, QUESTIONS, UPKEEP, WRITTEN
from streams.runtime.contract import Handle, Handled, Input, SetAside, Stage, plain_stage
from tests.simulator.judge import Event

KIND: Final = "service_call"
MEETING_PARTITIONS: Final = 4
DEPARTMENTS: Final = {TOPIC: records.ORI, OTHER: OTHER_ORI}
LOGS: Final = (*DEPARTMENTS, ANSWERS, OTHER_ANSWERS, JUDGEMENTS, QUESTIONS, UPKEEP)
_KNOWN: Final = (("Ana", "Reyes", "617-555-0142"), ("Otto", "Brandt", "617-555-0187"))
DEADLY: Final = b"boom"
REMOVALS: Final = ("withdrawn", "sealed", "expunged")

Sabotage = Callable[[Handle], Handle]


class Said(NamedTuple):
    """An event with what it means; `fault` is the reason it must be refused for, if any.

    `text` is the content that its bytes hold, empty for none; `day` is the one on which a change
    was recorded, `judgement` what somebody decided.
    """

    event: Event
    status: str = ""
    source_seq: int = -1
    text: str = ""
    fault: str = ""
    day: str = ""
    judgement: Mapping[str, Any] | None = None

    @property
    def is_change(self) -> bool:
        """Say whether a department says something about one of its records."""
        return bool(self.status)


@dataclass(slots=True)
class Office:
    """Intake with its registry, which may be away; made once, since it keeps no state."""

    intake: Intake
    schema_ids: Mapping[str, int]
    is_away: bool = False
    handled: Counter[str] = field(default_factory=Counter)

    def turn(self, away: bool) -> None:
        """Take the registry away, or bring it back."""
        self.is_away = away

    def stage(self, sabotage: Sabotage | None, set_aside: SetAside | None) -> Stage:
        """Give the stage as the runtime knows it; `sabotage` plants a bug in its handle."""
        handle = self.handle if sabotage is None else sabotage(self.handle)
        return plain_stage(
            "intake",
            LOGS,
            handle,
            state_key=state_key,
            set_aside=set_aside or self.intake.set_aside,
        )

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Ask intake, unless its registry is away or the message is the one that it dies of."""
        if self.is_away:
            raise Retryable("the registry is away")
        if message.value is not None and message.value.endswith(DEADLY):
            raise ZeroDivisionError
        handled = self.intake.handle(message, state)
        self.handled[handled.outcome] += 1
        return handled

    def framed(self, topic: str, value: Mapping[str, Any], type_name: str) -> bytes:
        """Give a value's framed bytes for a topic."""
        return frame(self.schema_ids[topic], records.encode(value, type_name))


@cache
def office() -> Office:
    """Give the one office of this process."""
    registry = MemoryRegistry()
    schema_ids = {topic: registry.add_topic(topic) for topic in (*LOGS, *WRITTEN)}
    intake = make_intake(registry, PUBLISHERS, SECRET, meeting_partitions=MEETING_PARTITIONS)
    return Office(intake, schema_ids)


@cache
def key_of(number: int) -> str:
    """Give the key of the record of this number."""
    return ids.record_key(records.SECRET, KIND, f"SC-{number}")


def read_record(value: bytes) -> dict[str, Any]:
    """Read a value of `records.v1`."""
    found: dict[str, Any] = _record_reader().read(value, 5)[0]
    return found


@cache
def _record_reader() -> PlainReader:
    return PlainReader(records.tree("recordbus.v1.Record"))


def change(number: int, status: str, source_seq: int, text: str) -> Said:
    """Let a record's department say something about it; each number is recorded a day later."""
    topic = (TOPIC, OTHER)[number % 2]
    value = _change(number, status, source_seq, text, DEPARTMENTS[topic])
    key = key_of(number).encode()
    event = Event(topic, key, office().framed(topic, value, records.CHANGE))
    return Said(event, status, source_seq, text, day=value["recorded_at"].date().isoformat())


@cache
def _details() -> tuple[str, Any]:
    name = catalog.details_type(KIND)
    return name, records.blank(records.tree(name))


def _change(number: int, status: str, source_seq: int, text: str, ori: str) -> dict[str, Any]:
    live = status == "live"
    body = records.part(
        "RecordBody", record_id=f"SC-{number}", narrative=text, details=_details(),
        people=_people(text),
    )  # fmt: skip
    return records.change(
        KIND,
        record_key=key_of(number),
        recorded_at=records.MOMENT + timedelta(days=source_seq),
        owner_ori=ori,
        source_seq=source_seq,
        status=status,
        status_reason=None if live else "court_order",
        body=body if live else None,
    )


def _people(text: str) -> list[dict[str, Any]]:
    """Give the people whom a content names: now these, now those, and each has keys of his own."""
    chosen = (_KNOWN[:0], _KNOWN[:1], _KNOWN[1:], _KNOWN)[sum(text.encode()) % 4]
    return [
        records.person_role(
            KIND, f"p{at}", person=records.person(given, surname, phones=[phone], identifiers=[])
        )
        for at, (given, surname, phone) in enumerate(chosen)
    ]


def judge(one: int, other: int, outcome: str, day: int, **spoilt: Any) -> Said:
    """Let somebody judge the first people of two records; `spoilt` fields make it unsound."""
    first, second = sorted(f"{key_of(number)}.p0" for number in (one, other))
    judgement = {
        "a": first,
        "b": second,
        "a_version": day,
        "b_version": 0,
        "outcome": outcome,
        "reason": "the same licence",
        "author": "examiner 7",
        "decided_at": records.MOMENT,
        "expires_at": records.MOMENT + timedelta(days=day) if day else None,
    } | spoilt
    value = office().framed(JUDGEMENTS, judgement, "recordbus.v1.Judgement")
    return Said(Event(JUDGEMENTS, key_of_pair(judgement).encode(), value), judgement=judgement)


def request(key: bytes, version: int, partition: int) -> Said:
    """Let upkeep ask for a tombstone."""
    asked = {
        "kind": "tombstone",
        "at": records.MOMENT,
        "record_key": key.decode(),
        "version": version,
    }
    value = office().framed(UPKEEP, asked, "recordbus.v1.Upkeep")
    return Said(Event(UPKEEP, key, value, partition))


@cache
def ticks(partitions: int) -> tuple[Said, ...]:
    """Give time to every partition, and what makes idle department topics roll."""
    asked = {"kind": "tick", "at": records.MOMENT, "record_key": None, "version": None}
    value = office().framed(UPKEEP, asked, "recordbus.v1.Upkeep")
    return tuple(
        said
        for p in range(partitions)
        for said in (
            Said(Event(UPKEEP, b"tick", value, p)),
            *(Said(Event(t, b"tick/%d" % p, None, p)) for t in (*DEPARTMENTS, JUDGEMENTS)),
        )
    )


class Talk:
    """Makes up what is said in one world about a few records."""

    def __init__(self, random: Random, partitions: int) -> None:
        self._random = random
        self._partitions = partitions
        self._numbers = range(random.choice((1, 2, 3, 4)))
        self._sequence: Counter[int] = Counter()
        self._texts = 0
        self.said: list[Said] = []

    def run(self) -> list[Said]:
        """Give the whole talk, in the order in which it is said."""
        for _ in range(len(self._numbers) * self._random.choice((3, 6, 9))):
            self._one()
        return self.said

    def _one(self) -> None:
        number, dice = self._random.choice(self._numbers), self._random.random()
        if dice < 0.08:
            self.said += ticks(self._partitions)
        elif dice < 0.18 and self.said:
            self.said.append(self._random.choice(self.said))  # repeated, at any age
        elif dice < 0.24:
            version = self._random.randint(0, 30)
            key = key_of(number).encode()
            self.said.append(request(key, version, self._partition_of(key)))
        elif dice < 0.42:
            self.said.append(self._bad(number))
        elif dice < 0.46:
            self.said.append(self._judgement(number))
        elif dice < 0.54:
            self.said.append(change(number, "live", self._sequence[number], self._text()))
        else:
            self.said.append(self._change(number))

    def _judgement(self, number: int) -> Said:
        other = number + self._random.randint(1, 2)
        outcome = self._random.choice(("same", "different", "revoked"))
        day = self._random.randint(0, 3)
        if self._random.random() < 0.7:
            return judge(number, other, outcome, day)
        spoilt, fault = self._random.choice(
            (
                ({"reason": " "}, "unexplained_judgement"),
                ({"expires_at": records.MOMENT}, "judgement_expired"),
                (
                    {"a": f"{key_of(number)}.p0", "b": f"{key_of(number)}.p1"},
                    "judged_within_record",
                ),
                ({"b": "nobody"}, "bad_pair"),
            )
        )
        return judge(number, other, outcome, day, **spoilt)._replace(fault=fault)

    def _partition_of(self, key: bytes) -> int:
        return sum(key) % self._partitions

    def _text(self) -> str:
        self._texts += 1
        return f"content {self._texts:04} of it"

    def _change(self, number: int) -> Said:
        late = self._random.random() < 0.2
        self._sequence[number] += 0 if late else self._random.randint(1, 2)
        at = max(0, self._sequence[number] - late * self._random.randint(1, 3))
        status = self._random.choice(("live",) * 6 + REMOVALS)
        return change(number, status, at, self._text() if status == "live" else "")

    def _bad(self, number: int) -> Said:
        good = change(number, "live", self._sequence[number] + 1, self._text())
        event, value = good.event, good.event.value or b""
        other = OTHER if event.topic == TOPIC else TOPIC
        spoilt, fault = self._random.choice(
            (
                (replace(event, value=value[:-4]), "truncated"),
                (replace(event, value=b"\x01" + value), "not_framed"),
                (replace(event, value=value + DEADLY), "unhandled"),
                (replace(event, value=None), "tombstone_from_publisher"),
                (replace(event, key=None), "key_mismatch"),
                (replace(event, key=key_of(99).encode()), "key_mismatch"),
                (replace(event, topic=other), "origin_mismatch"),
            )
        )
        return Said(spoilt, text=good.text if spoilt.value else "", fault=fault)
