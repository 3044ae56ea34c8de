"""The four stages in one process without Kafka: what the bus would say of a department's records.

The invariant: the stages are the real ones, and each message passes all of them before the next,
as on a bus that has nothing else to do.
"""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from recordbus.departments import Contact, Department, Departments
from recordbus.errors import RecordbusError
from recordbus.kafka.catalogue import register_all
from recordbus.kafka.codec import Decoder
from recordbus.kafka.registry import SchemaRegistry
from recordbus.rehearsals import Heard
from streams.associate.stage import associate_stage
from streams.identify.stage import identify_stage
from streams.intake.stage import intake_stage
from streams.meet.stage import meet_stage
from streams.runtime.contract import Handled, Input, Output, Quarantine, Stage
from streams.runtime.envelope import version_of

_EPOCH: Final = 1
_RECORDS: Final = "records.v1"
_ASSOCIATIONS: Final = "associations.v1"
_IDENTITIES: Final = "identities.v1"


class _Room:
    """One stage at work on its only partition."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._machine = stage.machine(0)
        self._values: dict[bytes, bytes] = {}
        self._offset = 0

    def take(self, said: Output, moment_ms: int) -> Handled:
        """Handle one message; what nobody foresaw is set aside, as on the bus."""
        self._offset += 1
        version = version_of(_EPOCH, self._offset)
        message = Input(said.topic, 0, self._offset, said.key, said.value, moment_ms, version)
        try:
            key = self._machine.state_key(message)
            old = self._values.get(key)
            handled = self._machine.handle(message, old)
        except RecordbusError:
            raise
        except Exception as error:  # noqa: BLE001 - a stage's mistake is a finding here
            return Handled(quarantined=Quarantine("unhandled", type(error).__name__))
        if isinstance(handled.state, bytes):
            self._machine.changed(key, old, handled.state)
            self._values[key] = handled.state
        return handled


class StagesRehearsal:
    """One department's records through all stages; not for use by several threads."""

    def __init__(self, department: str, ori: str) -> None:
        self.registry = SchemaRegistry(f"mock://rehearsal-{secrets.token_hex(8)}")
        register_all(self.registry, [department])
        who = Department(name=department, title=department, ori=ori, contact=Contact(unit="-"))
        rooms = [
            _Room(intake_stage(self.registry, Departments([who]), secrets.token_bytes(32))),
            _Room(meet_stage(self.registry)),
            _Room(identify_stage(self.registry)),
            _Room(associate_stage(self.registry)),
        ]
        self._topic = who.topic
        self._readers = {topic: room for room in rooms for topic in room.stage.sources}
        self._said: dict[str, dict[bytes, bytes | None]] = {_ASSOCIATIONS: {}, _IDENTITIES: {}}
        self._troubles: Counter[str] = Counter()
        self._record = Decoder(self.registry, f"{_RECORDS}-value").decode

    def offer(self, key: bytes, value: bytes, moment_ms: int) -> Heard:
        """Let the bus take one message of the department's topic, through all its stages."""
        handled = self._readers[self._topic].take(Output(self._topic, key, value), moment_ms)
        if handled.quarantined is not None:
            return Heard(False, handled.quarantined.reason, handled.quarantined.detail)
        flags: list[str] = []
        waiting = deque(handled.outputs)
        while waiting:
            said = waiting.popleft()
            if said.topic == _RECORDS and said.value is not None:
                flags = self._record(said.value)["flags"]
            waiting.extend(self._pass_on(said, moment_ms))
        return Heard(handled.outcome not in ("duplicate", "superseded"), handled.outcome, "", flags)

    def associations(self) -> Iterator[Mapping[str, Any]]:
        """Give the latest update of every association."""
        return self._latest(_ASSOCIATIONS)

    def identities(self) -> Iterator[Mapping[str, Any]]:
        """Give the latest identity of every mention."""
        return self._latest(_IDENTITIES)

    def troubles(self) -> Mapping[str, int]:
        """Count what stages behind intake set aside, by stage and reason."""
        return self._troubles

    def _pass_on(self, said: Output, moment_ms: int) -> tuple[Output, ...]:
        room = self._readers.get(said.topic)
        if room is None:
            if said.topic in self._said:
                self._said[said.topic][said.key] = said.value
            return ()
        handled = room.take(said, moment_ms)
        if handled.quarantined is not None:
            self._troubles[f"{room.stage.name}: {handled.quarantined.reason}"] += 1
        return tuple(handled.outputs)

    def _latest(self, topic: str) -> Iterator[Mapping[str, Any]]:
        decode = Decoder(self.registry, f"{topic}-value").decode
        return (decode(value) for value in self._said[topic].values() if value is not None)


def open_rehearsal(department: str, ori: str) -> StagesRehearsal:
    """Open the stages for one department."""
    return StagesRehearsal(department, ori)
