"""Intake on a registry in memory, for tests: departments speak to it message by message."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from fastavro import parse_schema, schemaless_reader

from recordbus.kafka.wire import frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.handle import Intake, Publisher, state_key
from streams.intake.stage import make_intake
from streams.intake.topics import JUDGEMENTS, QUARANTINE, QUESTIONS, RECORDS, UPKEEP, WRITTEN
from streams.runtime.contract import Handled, Input, Output

TOPIC = f"ingest.{records.DEPARTMENT}.v1"
OTHER = "ingest.millbrook-pd.v1"
OTHER_ORI = "MA0140200"
PUBLISHERS = {
    TOPIC: Publisher(records.DEPARTMENT, records.ORI),
    OTHER: Publisher("millbrook-pd", OTHER_ORI),
}
ANSWERS, OTHER_ANSWERS = (each.answers for each in PUBLISHERS.values())
READ = (TOPIC, OTHER, ANSWERS, OTHER_ANSWERS, JUDGEMENTS, QUESTIONS, UPKEEP)
SECRET = b"identifier secret of the bus 32b"


class Desk:
    """Feeds messages to intake one by one and keeps its state values, as the runtime does."""

    def __init__(
        self, registry: MemoryRegistry, *, designations: bool = False, meeting_partitions: int = 1
    ) -> None:
        self.registry = registry
        self.schema_ids = {topic: registry.add_topic(topic) for topic in (*READ, *WRITTEN)}
        self.intake: Intake = make_intake(
            registry, PUBLISHERS, SECRET,
            designations=designations, meeting_partitions=meeting_partitions,
        )  # fmt: skip
        self.states: dict[bytes, bytes] = {}
        self.offset = 0

    def say(self, change: Mapping[str, Any], topic: str = TOPIC) -> Handled:
        """Publish a change under its own key."""
        return self.send(self.framed(records.encode(change), topic), change["record_key"], topic)

    def framed(self, payload: bytes, topic: str = TOPIC) -> bytes:
        return frame(self.schema_ids[topic], payload)

    def send(self, value: bytes | None, key: str | bytes | None, topic: str = TOPIC) -> Handled:
        """Publish any bytes under any key."""
        raw = key.encode() if isinstance(key, str) else key
        message = self.input(topic, raw, value)
        handled = self.intake.handle(message, self.states.get(state_key(message)))
        if isinstance(handled.state, bytes):
            self.states[state_key(message)] = handled.state
        return handled

    def input(self, topic: str, key: bytes | None, value: bytes | None) -> Input:
        """Give the next message of the log, without handling it."""
        self.offset += 1
        moment = int(records.MOMENT.timestamp() * 1000)
        return Input(topic, 0, self.offset, key, value, moment, self.offset)

    def upkeep(self, kind: str, key: str, version: int | None = None) -> Handled:
        """Send a request of the upkeep worker."""
        asked = {"kind": kind, "at": records.MOMENT, "record_key": key, "version": version}
        payload = records.encode(asked, "recordbus.v1.Upkeep")
        return self.send(self.framed(payload, UPKEEP), key, UPKEEP)

    def ask(self, key: str, subject: str = "", **fields: Any) -> Handled:
        """Let an agency ask about a record, or about an association that rests on it."""
        asked = records.part(
            "VerificationRequest", verification_id=f"vrf_{'a' * 24}", record_key=key,
            subject=subject or f"record/{key}", agency="metro-task-force", requester="det. Alvarez",
            purpose="criminal_investigation", case_number="2026-00117", reason="arrest planned",
        ) | fields  # fmt: skip
        payload = records.encode(asked, "recordbus.v1.VerificationRequest")
        return self.send(self.framed(payload, QUESTIONS), key, QUESTIONS)

    def answer(self, key: str, topic: str = ANSWERS, **fields: Any) -> Handled:
        """Let a department answer on a topic of its own."""
        answered = records.part(
            "VerificationAnswer", verification_id=f"vrf_{'a' * 24}", record_key=key,
            outcome="verified", author="records clerk 4",
        ) | fields  # fmt: skip
        payload = records.encode(answered, "recordbus.v1.VerificationAnswer")
        return self.send(self.framed(payload, topic), key, topic)


def record_of(handled: Handled) -> dict[str, Any]:
    """Give the record that intake published, read by fastavro."""
    (output,) = [each for each in handled.outputs if each.topic == RECORDS]
    return _read(output)


def entry_of(handled: Handled, topic: str) -> tuple[str, dict[str, Any]]:
    """Give what intake told another stage in its one message of a topic: type name and content."""
    (output,) = [each for each in handled.outputs if each.topic == topic]
    return read_entry(output)


def read_value(output: Output) -> dict[str, Any]:
    """Read one message with fastavro."""
    return _read(output)


def read_entry(output: Output) -> tuple[str, dict[str, Any]]:
    """Read one message of a table whose content is one of several records."""
    name, said = _read(output)["content"]
    return name.rpartition(".")[2], said


def _read(output: Output) -> dict[str, Any]:
    """Read an output with fastavro, to its last byte."""
    assert output.value is not None
    name = catalog.topics().spec(output.topic).value_schema
    assert name is not None
    options: dict[str, Any] = dict(catalog.READ_OPTIONS)
    written = BytesIO(output.value[5:])
    value = schemaless_reader(
        written, parse_schema(dict(catalog.avro_schema(name))), None, **options
    )
    assert isinstance(value, dict)
    assert not written.read()
    return value


def reason(handled: Handled) -> str | None:
    """Give why a message was quarantined, after checking that nothing else came of it."""
    if handled.quarantined is None:
        return None
    assert not [each for each in handled.outputs if each.topic == RECORDS]
    assert handled.quarantined.reason in catalog.reasons()
    return handled.quarantined.reason


def erased(handled: Handled) -> list[bytes]:
    """Give the quarantine entries that a message erases."""
    return [each.key for each in handled.outputs if each.topic == QUARANTINE]
