"""Worlds in which associate's `handle` runs under faults, and what is looked at when they rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, Final

from recordbus.canonical import canonical_json
from streams.associate.entries import RELATIONS
from streams.associate.handle import ASSOCIATIONS, IDENTITIES
from streams.associate.testing import Desk, read
from streams.runtime.contract import Machine, Stage
from tests.oracle.associations import Who, as_compared, expected
from tests.simulator.associate.talk import Said, Tick, newest, talk
from tests.simulator.judge import Event, Expected, Published, Violation
from tests.simulator.world import Faults, Plan, World

Sabotage = Callable[[Machine], Machine]
TABLES: Final = (ASSOCIATIONS, IDENTITIES)


@cache
def desk() -> Desk:
    """Give the registry and the stage, made once, since neither keeps state."""
    return Desk()


class AssociateWorld(World):
    """A world of associate alone; its input may be compacted at any time, as a table is."""

    def _compact(self) -> None:
        partition = self.random.randrange(self.broker.partitions(RELATIONS))
        self.broker.log(RELATIONS, partition).compact()
        super()._compact()

    def check(self) -> World:
        """Look at what partners were told, then compare everything with the oracle."""
        for topic in TABLES:
            for partition in range(self.broker.partitions(topic)):
                self._check_residue(topic, partition)
        return super().check()

    def _check_residue(self, topic: str, partition: int) -> None:
        """What was taken back has nothing of its content left."""
        numbers: dict[bytes | None, int] = {}
        for message in self.broker.log(topic, partition).committed():
            if message.value is None:
                continue
            said = read(topic, message.value)
            if said.get("sequence", 1) <= numbers.get(message.key, 0):
                raise Violation(f"{message.key!r} of {topic} is numbered {said['sequence']} again")
            numbers[message.key] = said.get("sequence", 0)
            if topic == IDENTITIES and (said["entity_id"] is None) != (said["reason"] is not None):
                raise Violation(f"{said['mention_id']} is neither there nor gone")
            frozen = topic == ASSOCIATIONS and said["reason"] == "dispute"
            content = said.get("association") if topic == ASSOCIATIONS else said["entity_id"]
            if said["reason"] is not None and not frozen and content is not None:
                raise Violation(f"{message.key!r} of {topic} was taken back and has content")


def stage(sabotage: Sabotage | None) -> Stage:
    """Give the stage; `sabotage` plants a bug in its machines."""
    real = desk().stage
    if sabotage is None:
        return real
    return replace(real, machine=lambda partition: sabotage(real.machine(partition)))


def tidy(topic: str, value: bytes) -> bytes | None:
    """Give what of a value is compared; what was taken back stands for nothing."""
    said = read(topic, value)
    if topic == IDENTITIES:
        if said["entity_id"] is None:
            return None
        return repr(Who(said["entity_id"], tuple(said["verdicts"]))).encode()
    if said["association"] is None:
        return None
    return _as_bytes("frozen" if said["status"] == "retracted" else "stands", said["association"])


def _as_bytes(how: str, association: dict[str, Any]) -> bytes:
    return _plain(how, as_compared(association))


def _plain(how: str, content: dict[str, Any]) -> bytes:
    return canonical_json([how, {name: repr(value) for name, value in content.items()}])


def foretold(said: Sequence[Said | Tick]) -> Expected:
    """Give what the tables must hold in the end."""
    found = expected(*newest(list(said)))
    held = {name.encode(): _plain("stands", each) for name, each in found.associations.items()}
    held |= {name.encode(): _plain("frozen", each) for name, each in found.frozen.items()}
    entities = {name.encode(): repr(who).encode() for name, who in found.entities.items()}
    return Expected({ASSOCIATIONS: held, IDENTITIES: entities}, {})


def as_its_writers_say_it(said: Sequence[Said | Tick]) -> list[Said | Tick]:
    """Leave out what goes back in time: one fenced writer owns each key, and says nothing older.

    In a compacted table it would take the place of what is newer.
    """
    told: dict[tuple[int, str], Any] = {}
    kept: list[Said | Tick] = []
    for each in said:
        key, at = _place(each)
        if key not in told or at >= told[key]:
            told[key] = at
            kept.append(each)
    return kept


def _place(said: Said | Tick) -> tuple[tuple[int, str], Any]:
    """Give whose turn it is, and how far on in their talk."""
    if isinstance(said, Tick):
        return (0, "time"), said.at
    return (said.number, said.side), said.said["version"]


@dataclass(frozen=True, slots=True)
class _Writing:
    """Turns what is said into events, each record in a partition of its own choosing."""

    partitions: int

    def events(self, said: Sequence[Said | Tick]) -> list[Event]:
        return [event for each in said for event in self._of(each)]

    def _of(self, said: Said | Tick) -> list[Event]:
        framed = desk().framed
        if isinstance(said, Tick):
            value = framed("Tick", {"at": said.at})
            return [Event(RELATIONS, b"tick/%d" % p, value, p) for p in range(self.partitions)]
        key = f"{said.said['record_key']}/{said.side}".encode()
        partition = said.number % self.partitions
        return [Event(RELATIONS, key, framed(said.name, said.said), partition)]


def world_of(
    seed: int, faults: Faults | None = None, *, sabotage: Sabotage | None = None
) -> AssociateWorld:
    """Make a seed's world; `sabotage` plants a bug."""
    random = Random(seed * 7919 + 3)
    partitions = random.choice((1, 1, 2))
    said = as_its_writers_say_it(talk(random))

    def oracle(_history: Sequence[Published]) -> Expected:
        return foretold(said)

    plan = Plan(
        stages=(stage(sabotage),),
        logs={RELATIONS: partitions},
        tables=dict.fromkeys(TABLES, partitions),
        events=_Writing(partitions).events(said),
        oracle=oracle,
        tidy=tidy,
    )
    return AssociateWorld(seed, plan, faults or Faults())
