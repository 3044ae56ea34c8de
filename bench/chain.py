"""The four real stages in one process without Kafka, fed message by message.

What a stage says is handed to the stage that reads it, each topic in its order, until nobody has
anything left to say. Every message's handling is timed alone, in CPU time of this process, so what
else the machine does hardly counts.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from recordbus.departments import Contact, Department, Departments
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.associate.stage import Registry as AssociatesRegistry
from streams.associate.stage import associate_stage
from streams.identify.stage import identify_stage
from streams.intake.stage import Registry as IntakesRegistry
from streams.intake.stage import intake_stage
from streams.meet.stage import meet_stage
from streams.runtime.contract import Input, Machine, Output, Stage
from streams.runtime.envelope import version_of

SECRET: Final = b"identifier secret of the bus 32b"
_EPOCH: Final = 1


class Registry(IntakesRegistry, AssociatesRegistry, Protocol):
    """The schema registry, as all four stages use it."""


class Refused(AssertionError):
    """A stage set a message aside, which no bench but one expects."""


class Event(NamedTuple):
    """A message of somebody outside: its topic, its key, and its framed value."""

    topic: str
    key: bytes
    value: bytes


Hear = Callable[[Output], None]
"""Is told everything that no stage reads: the public topics."""


def _ignore(_said: Output) -> None:
    """Hear nothing."""


@dataclass(slots=True)
class Room:
    """One stage with its values, and what its work came to so far."""

    stage: Stage
    machine: Machine
    values: dict[bytes, bytes] = field(default_factory=dict)
    handled: int = 0
    said: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    longest_at: str = ""
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def state_bytes(self) -> int:
        """Count the bytes of all values."""
        return sum(map(len, self.values.values()))

    def opened(self) -> float:
        """Let a new owner take the values over; give the CPU seconds until it is ready."""
        machine = self.machine = self.stage.machine(0)  # the one so far goes before
        began = time.process_time()
        for key, value in self.values.items():
            machine.loaded(key, value)
        return time.process_time() - began

    def take(self, said: Output, moment_ms: int) -> Sequence[Output]:
        """Handle one message; gives what the stage says to it. Raises when it is refused."""
        self.handled += 1
        version = version_of(_EPOCH, self.handled)
        message = Input(said.topic, 0, self.handled, said.key, said.value, moment_ms, version)
        machine = self.machine
        began = time.process_time()
        key = machine.state_key(message)
        old = self.values.get(key)
        handled = machine.handle(message, old)
        if isinstance(handled.state, bytes):
            machine.changed(key, old, handled.state)
            self.values[key] = handled.state
        took = time.process_time() - began
        if handled.quarantined is not None:
            raise Refused(f"{self.stage.name} refused a record: {handled.quarantined}")
        self.seconds += took
        if took > self.longest:
            self.longest, self.longest_at = took, f"{handled.outcome} at {self.handled}"
        for note in handled.notes:
            self.notes[" ".join((note.name, *note.labels))] += 1
        self.said += len(handled.outputs)
        return handled.outputs


class Chain:
    """Intake, meet, identify and associate, one partition each."""

    def __init__(
        self,
        departments: Mapping[str, str],
        hear: Hear = _ignore,
        registry: Registry | None = None,
    ) -> None:
        """Open the stages for departments, names with their ORI; by default without a registry."""
        self.registry: Registry = registry_of(departments) if registry is None else registry
        known = Departments(
            Department(name=name, title=name, ori=ori, contact=Contact(unit="Records"))
            for name, ori in departments.items()
        )
        stages = (
            intake_stage(self.registry, known, SECRET),
            meet_stage(self.registry),
            identify_stage(self.registry),
            associate_stage(self.registry),
        )
        self.rooms = {stage.name: Room(stage, stage.machine(0)) for stage in stages}
        self._readers = {
            topic: room for room in self.rooms.values() for topic in room.stage.sources
        }
        self.hear = hear

    def feed(self, events: Iterable[Event], moment_ms: int) -> None:
        """Let events pass all stages, one after the other."""
        for event in events:
            waiting = deque([Output(*event)])
            while waiting:
                said = waiting.popleft()
                room = self._readers.get(said.topic)
                if room is None:
                    self.hear(said)
                else:
                    waiting.extend(room.take(said, moment_ms))


def registry_of(departments: Iterable[str]) -> MemoryRegistry:
    """Give a registry in memory with the schema of every topic that has one."""
    found = MemoryRegistry()
    for spec in catalog.topics().concrete(list(departments)):
        if spec.value_schema is not None:
            found.add_topic(spec.name)
    return found
