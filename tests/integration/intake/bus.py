"""A small bus for tests: its topics and schemas on real servers, and intake as a process."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from recordbus import departments
from recordbus.avro.reader import PlainReader
from recordbus.kafka.admin import Admin
from recordbus.kafka.consumer import LogReader, Message
from recordbus.kafka.producer import DeliveryError, IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.kafka.wire import frame
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from schemas import catalog

OTHER = "millbrook-pd"
OTHER_ORI = "MA0140200"
UPKEEP = "ingest.upkeep.v1"
PATIENCE_SECONDS = 60.0


T = TypeVar("T")


def wait_for(what: str, ask: Callable[[], T | None]) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
    raise AssertionError(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}")


class Bus:
    """Topics, schemas, two departments and an intake worker; `directory` holds what is on disk."""

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.servers = servers
        self.directory = directory
        self.registry = servers.schema_registry()
        self.topic, self.other_topic = self._departments()
        self.schema_ids: dict[str, int] = {}
        self._topics()
        self._producer = IdempotentProducer(servers.connection)
        self.worker: subprocess.Popen[bytes] | None = None

    def _departments(self) -> tuple[str, str]:
        contact = departments.Contact(unit="Records desk")
        known = [
            departments.Department(name=name, title=name, ori=ori, contact=contact)
            for name, ori in ((records.DEPARTMENT, records.ORI), (OTHER, OTHER_ORI))
        ]
        departments.save(self.directory / "departments.yaml", known)
        return known[0].topic, known[1].topic

    def _topics(self) -> None:
        specs = catalog.topics().concrete([records.DEPARTMENT, OTHER])
        Admin(self.servers.connection).apply_topics(
            [Topic(spec.name, spec.partitions, config=dict(spec.config)) for spec in specs]
        )
        for spec in specs:
            if spec.subject and spec.value_schema:
                text = catalog.self_contained_text(spec.value_schema)
                self.schema_ids[spec.name] = self.registry.register(spec.subject, text)

    def start(self) -> None:
        """Start intake's worker."""
        settings = {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": self.servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": self.servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(self.directory),
            "RECORDBUS_IDENTIFIERS__KEY": secrets.token_hex(32),
            "RECORDBUS_STAGE__SESSION_TIMEOUT_SECONDS": "6",
        }
        command = [str(Path(sys.executable).with_name("recordbus")), "stage", "run", "intake"]
        with (self.directory / "intake.log").open("ab") as log:
            self.worker = subprocess.Popen(
                command, env=os.environ | settings, stdout=log, stderr=log, cwd=self.directory
            )

    def stop(self) -> None:
        """Stop the worker in order, and everything else."""
        if self.worker is not None:
            self.worker.terminate()
            self.worker.wait(30)
        self._producer.close()
        self.registry.close()

    def framed(self, change: dict[str, Any], topic: str | None = None) -> bytes:
        """Give a change's framed bytes for a department's topic."""
        return frame(self.schema_ids[topic or self.topic], records.encode(change))

    def publish(
        self, key: bytes | str | None, value: bytes | None, topic: str | None = None
    ) -> str:
        """Publish any bytes; give the message's position once it is durable."""
        positions: list[str] = []

        def report(failure: DeliveryError | None, topic: str, partition: int, offset: int) -> None:
            assert failure is None, failure
            positions.append(f"{topic}/{partition}/{offset}")

        raw = key.encode() if isinstance(key, str) else key
        self._producer.produce(topic or self.topic, raw, value, partition=0, on_delivery=report)
        self._producer.flush(30)
        return positions[0]

    def say(self, change: dict[str, Any], topic: str | None = None) -> str:
        """Publish a change under its own key."""
        return self.publish(change["record_key"], self.framed(change, topic), topic)

    def ask_upkeep(self, kind: str, key: str, version: int | None = None) -> str:
        """Send a request of the upkeep worker."""
        asked = {"kind": kind, "at": records.MOMENT, "record_key": key, "version": version}
        payload = records.encode(asked, "recordbus.v1.Upkeep")
        return self.publish(key, frame(self.schema_ids[UPKEEP], payload), UPKEEP)


class Follower:
    """Follows a topic of the bus and keeps what it said last of each key, and every message."""

    def __init__(self, bus: Bus, topic: str) -> None:
        full_name = catalog.topics().spec(topic).value_schema
        assert full_name is not None
        self._value = PlainReader(records.tree(full_name))
        self._reader = LogReader(bus.servers.connection)
        self._reader.assign({(topic, 0): 0})
        self.messages: list[Message] = []
        self.last: dict[str, dict[str, Any] | None] = {}

    def wait(self, key: str, about: Callable[[Any], bool] = lambda _value: True) -> Any:
        """Wait until the last word on a key is as described, and give it."""

        def ask() -> tuple[Any] | None:
            self._read()
            found = key in self.last and about(self.last[key])
            return (self.last[key],) if found else None

        return wait_for(f"{key} to be said", ask)[0]

    def _read(self) -> None:
        for message in self._reader.consume(500, 0.2):
            self.messages.append(message)
            assert message.key is not None
            value = None if message.value is None else self._value.read(message.value, 5)[0]
            self.last[message.key.decode()] = value

    def close(self) -> None:
        """Stop following."""
        self._reader.close()
