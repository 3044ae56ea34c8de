"""What departments, judges and upkeep say in a random world of the whole bus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.judgements import TOPIC as JUDGEMENTS
from recordbus.judgements import key_of
from recordbus.kafka.wire import frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.testing import ANSWERS, OTHER, OTHER_ANSWERS, OTHER_ORI, PUBLISHERS, TOPIC
from streams.intake.topics import QUESTIONS, UPKEEP
from tests.oracle.accepted import Change
from tests.simulator.bus.bodies import TODAY, body, scene
from tests.simulator.judge import Event

DEPARTMENTS: Final = {TOPIC: records.ORI, OTHER: OTHER_ORI}
LOGS: Final = (*DEPARTMENTS, ANSWERS, OTHER_ANSWERS, JUDGEMENTS, QUESTIONS, UPKEEP)
REMOVALS: Final = ("withdrawn", "withdrawn", "sealed", "expunged")
_STEPS: Final = (timedelta(days=1), timedelta(days=200), timedelta(days=400), timedelta(days=900))
_MARK: Final = "content {:04} of it"


class Said(NamedTuple):
    """An event with what it means: a change of a record, a judgement, the time, or a request."""

    event: Event
    change: Change | None = None
    judgement: Mapping[str, Any] | None = None
    at: datetime | None = None
    fault: str = ""


@cache
def registry() -> MemoryRegistry:
    """Give the registry of this process, with the schema of every topic that has one."""
    found = MemoryRegistry()
    departments = [name.removeprefix("ingest.").removesuffix(".v1") for name in PUBLISHERS]
    for spec in catalog.topics().concrete(departments):
        if spec.value_schema is not None:
            found.add_topic(spec.name)
    return found


def framed(topic: str, value: Mapping[str, Any], type_name: str) -> bytes:
    """Give a value's framed bytes for a topic."""
    return frame(registry().id_of(f"{topic}-value"), records.encode(value, type_name))


def request(key: str, version: int, partition: int) -> Event:
    """Let upkeep ask for a tombstone."""
    return Event(UPKEEP, key.encode(), _upkeep("tombstone", TODAY, key, version), partition)


def ticks(at: datetime, partitions: int) -> Iterator[Said]:
    """Give the time to every partition."""
    value = _upkeep("tick", at, None, None)
    for partition in range(partitions):
        yield Said(Event(UPKEEP, b"tick", value, partition), at=at)


def _upkeep(kind: str, at: datetime, key: str | None, version: int | None) -> bytes:
    asked = {"kind": kind, "at": at, "record_key": key, "version": version}
    return framed(UPKEEP, asked, "recordbus.v1.Upkeep")


def published_again(fields: Mapping[str, Any], source_seq: int) -> dict[str, Any]:
    """Give the change that publishes the same content under a number of its own."""
    names = ("record_key", "owner_ori", "recorded_at", "occurred_at", "dissemination_level",
             "contact", "disputes", "reviews", "body")  # fmt: skip
    said = {name: fields[name] for name in names}
    return records.change(fields["record_kind"], source_seq=source_seq, **said)


def _said(topic: str, fields: Mapping[str, Any]) -> Said:
    written = framed(topic, fields, records.CHANGE)
    key = fields["record_key"]
    event = Event(topic, key.encode(), written)
    return Said(event, Change(key, fields["status"], fields["source_seq"], written, fields))


def topic_of_owner(ori: str) -> str:
    """Give the topic of the department with this ORI."""
    return next(topic for topic, each in DEPARTMENTS.items() if each == ori)


def _topic(change: Change) -> str:
    return topic_of_owner(change.fields["owner_ori"])


def _topic_of(number: int) -> str:
    return (TOPIC, OTHER)[number % 2]


class Talk:
    """Makes up what is said in one world about a few records; the last word is a tick."""

    def __init__(self, random: Random, partitions: int, size: int = 0, town: int = 0) -> None:
        """Begin a talk; those of several towns have no record and no person in common."""
        self._random = random
        self._town = town
        self._partitions = partitions
        self._size = size or random.choice((2, 3, 4, 6, 8, 12))
        self._scene = scene(random, town)
        self._kinds = [random.choice(self._scene.kinds) for _ in range(self._size)]
        self._sequence: Counter[int] = Counter()
        self._live: dict[int, Change] = {}
        self._judged: list[Mapping[str, Any]] = []
        self._now = TODAY
        self._marks = 0
        self.said: list[Said] = []

    def run(self) -> Sequence[Said]:
        """Give the whole talk, in the order in which it is said."""
        for _ in range(self._size * self._random.choice((2, 3, 4))):
            self._one()
        self.said += ticks(self._now + self._random.choice(_STEPS[:3]), self._partitions)
        return self.said

    def _one(self) -> None:
        dice = self._random.random()
        if dice < 0.05:
            self._now += self._random.choice(_STEPS)
            self.said += ticks(self._now, self._partitions)
        elif dice < 0.13 and self.said:
            self.said.append(self._random.choice(self.said))  # said again, at any age
        elif dice < 0.26 and len(self._live) > 1:
            self._judge()
        elif dice < 0.28:
            self.said.append(self._unreadable())
        else:
            self._change(self._random.randrange(self._size))

    # ---------------------------------------------------------------- records
    def _change(self, number: int) -> None:
        """Publish, correct, dispute or remove a record; now and then too late or twice."""
        late = self._random.random() < 0.12
        self._sequence[number] += 0 if late else self._random.randint(1, 2)
        at = max(0, self._sequence[number] - late * self._random.randint(0, 2))
        is_live = number not in self._live or self._random.random() < 0.72
        status = "live" if is_live else self._random.choice(REMOVALS)
        said = self.publication(number, status, at)
        self.said.append(said)
        assert said.change is not None
        if status == "live":
            self._live[number] = said.change
        else:
            self._live.pop(number, None)

    def publication(self, number: int, status: str, source_seq: int) -> Said:
        """Let a record's department publish it with some content, or take it away."""
        topic = _topic_of(number)
        return _said(topic, self._fields(number, status, source_seq, DEPARTMENTS[topic]))

    def removal_of(self, change: Change, status: str, source_seq: int) -> Said:
        """Take a record away that was published so."""
        named = ("record_key", "record_kind", "owner_ori", "recorded_at")
        fields = {name: change.fields[name] for name in named}
        return _said(_topic(change), records.removal(status, source_seq, **fields))

    def again(self, change: Change, source_seq: int) -> Said:
        """Publish a record as it was published before."""
        return _said(_topic(change), published_again(change.fields, source_seq))

    def _fields(self, number: int, status: str, source_seq: int, ori: str) -> dict[str, Any]:
        kind, key = self._kinds[number], self.key_of(number)
        stated: dict[str, Any] = {
            "record_key": key,
            "owner_ori": ori,
            "source_seq": source_seq,
            "status": status,
            "recorded_at": self._days_ago((1, 2, 30, 400, 1000)),
        }
        if status != "live":
            return records.removal(record_kind=kind, **stated)
        before = self._live.get(number)
        said = before.fields["body"] if before is not None and self._random.random() < 0.3 else None
        content = said or body(self._random, self._scene, kind, self._name(number), self._mark())
        return records.change(
            kind,
            body=content,
            occurred_at=self._random.choice((None, self._days_ago((3, 40, 500, 1900)))),
            contact=records.part("Contact", unit=self._mark()),
            disputes=[self._dispute(content) for _ in range(self._some(0.12))],
            reviews=[self._review() for _ in range(self._some(0.15))],
            **stated,
        )

    def key_of(self, number: int) -> str:
        """Give the key of a record of this world."""
        return ids.record_key(records.SECRET, self._kinds[number], self._name(number))

    def _name(self, number: int) -> str:
        return f"R-{self._town}-{number}"

    def _mark(self) -> str:
        self._marks += 1
        return _MARK.format(self._marks)

    def _some(self, chance: float) -> int:
        return 1 if self._random.random() < chance else 0

    def _days_ago(self, choices: Sequence[int]) -> datetime:
        return TODAY - timedelta(days=self._random.choice(choices), hours=self._random.randrange(9))

    def _dispute(self, content: Mapping[str, Any]) -> dict[str, Any]:
        about = [each["local_id"] for each in (*content["people"], *content["assertions"])]
        return records.part(
            "Dispute",
            dispute_id=f"D-{self._random.randint(1, 3)}",
            raised_at=TODAY,
            by="subject",
            about_local_id=self._random.choice((None, *about)),
            statement_reference="S-1",
            resolved_at=self._random.choice((None, TODAY)),
        )

    def _review(self) -> dict[str, Any]:
        return records.part(
            "Review", reviewed_at=self._days_ago((-900, 2, 300)), reviewer_role="supervisor"
        )

    def _unreadable(self) -> Said:
        """Say something that no schema can read."""
        number = self._random.randrange(self._size)
        event = Event(_topic_of(number), self.key_of(number).encode(), b"\x01no frame")
        return Said(event, fault="not_framed")

    # ---------------------------------------------------------------- judgements
    def _judge(self) -> None:
        if self._judged and self._random.random() < 0.35:
            again = self._random.choice(self._judged)
            self._decide(again["a"], again["b"], self._random.choice(("revoked", "same")))
            return
        kind = self._random.choice(("people", "people", "people", "vehicles"))
        mentions = [
            ids.mention_id(change.key, entry["local_id"])
            for change in self._live.values()
            for entry in change.fields["body"][kind]
        ]
        if len(mentions) > 1:
            a, b = sorted(self._random.sample(mentions, 2))
            self._decide(a, b, self._random.choice(("same", "different")))

    def _decide(self, a: str, b: str, outcome: str) -> None:
        ends = self._now + self._random.choice(_STEPS) if self._random.random() < 0.4 else None
        said = self.judgement(a, b, outcome, None if outcome == "revoked" else ends)
        self.said.append(said)
        if said.judgement is not None:
            self._judged.append(said.judgement)

    def judgement(self, a: str, b: str, outcome: str, ends: datetime | None = None) -> Said:
        """Let somebody decide about two mentions, in order."""
        judgement = {
            "a": a,
            "b": b,
            "a_version": 1,
            "b_version": 1,
            "outcome": outcome,
            "reason": "seen in person",
            "author": "R. Clerk",
            "decided_at": TODAY,
            "expires_at": ends,
        }
        value = framed(JUDGEMENTS, judgement, "recordbus.v1.Judgement")
        event = Event(JUDGEMENTS, key_of(judgement).encode(), value)
        if a[:64] == b[:64]:
            return Said(event, fault="judged_within_record")
        return Said(event, judgement=judgement)
