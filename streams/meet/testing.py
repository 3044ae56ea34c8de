"""Meet on a registry in memory, for tests: stages speak to it message by message."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas.types import Bundle, BundleRemoved
from streams.meet.entries import MEETINGS
from streams.meet.handle import VERDICTS
from streams.meet.publish import MeetingWriter
from streams.meet.stage import meet_stage
from streams.resolution.limits import LIMITS, Limits
from streams.runtime.contract import Handled, Input

_MOMENT_MS: Final = 1_700_000_000_000


class Desk:
    """Feeds messages to one partition of meet, keeps its state values, and reads what it says.

    `board` holds what was last said of each key, decoded, with the name of its type.
    """

    def __init__(self, limits: Limits = LIMITS, partition: int = 0) -> None:
        self.registry = MemoryRegistry()
        schema_id = self.registry.add_topic(MEETINGS)
        self.registry.add_topic(VERDICTS)
        self.writer = MeetingWriter(schema_id, self.registry.schema_by_id(schema_id).parsed)
        self.stage = meet_stage(self.registry, limits)
        self.partition = partition
        self.machine: Any = self.stage.machine(partition)
        self.states: dict[bytes, bytes] = {}
        self.board: dict[str, tuple[str, dict[str, Any]]] = {}
        self.heard: list[str] = []
        self.offset = 0

    def bundle(self, said: Bundle) -> Handled:
        """Lay a bundle before the partition."""
        return self.send(said["record_key"].encode(), self.writer.bundle(said))

    def removed(self, said: BundleRemoved) -> Handled:
        """Take what a record has here away."""
        return self.send(said["record_key"].encode(), self.writer.removed(said))

    def send(self, key: bytes | None, value: bytes | None) -> Handled:
        """Send any bytes under any key; raises Rejected as meet does."""
        self.offset += 1
        message = self.message(key, value)
        state_key = self.machine.state_key(message)
        old = self.states.get(state_key)
        handled: Handled = self.machine.handle(message, old)
        if isinstance(handled.state, bytes):
            self.states[state_key] = handled.state
            self.machine.changed(state_key, old, handled.state)
        self._post(handled)
        return handled

    def message(self, key: bytes | None, value: bytes | None) -> Input:
        """Give what comes next under a key."""
        moment = _MOMENT_MS + self.offset
        return Input(MEETINGS, self.partition, self.offset, key, value, moment, self.offset)

    def restart(self) -> None:
        """Let a new owner of the partition load the values."""
        self.machine = self.stage.machine(self.partition)
        for key, state in self.states.items():
            self.machine.loaded(key, state)

    def _post(self, handled: Handled) -> None:
        seen = set()
        for output in handled.outputs:
            assert (output.topic, output.partition) == (VERDICTS, 0)
            assert output.key not in seen, "one message a key and version"
            seen.add(output.key)
            assert output.value is not None
            self.board[output.key.decode()] = read(output.value)
            self.heard.append(output.key.decode())

    def evidence(self, record_key: str) -> Mapping[str, Any]:
        """Give the list that was last said of a record."""
        name, said = self.board[f"{record_key}/{self.partition}"]
        assert name == "RecordEvidence", f"{name} was said"
        return said

    def defaults(self) -> set[str]:
        """Give the values that were last said to be default values."""
        said = [each for name, each in self.board.values() if name == "DefaultValue"]
        return {each["value"] for each in said if each["is_default"]}


def read(value: bytes) -> tuple[str, dict[str, Any]]:
    """Read what meet wrote: the short name of what is said, and what it says."""
    name, said = _reader().read(value, HEADER_BYTES)[0]["content"]
    return name.rpartition(".")[2], said


@cache
def _reader() -> PlainReader:
    return PlainReader(records.tree("recordbus.v1.VerdictsEntry"))
