"""The gateway on a real Kafka: 2xx is durable, kill -9 at any step and a retry have one effect."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from recordbus import departments
from recordbus.clock import SystemClock
from recordbus.crashpoints import EXIT_CODE
from recordbus.departments import Contact, Department
from recordbus.ids import UuidSource
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.codec import Decoder
from recordbus.kafka.consumer import LogReader
from recordbus.secret_files import make_secret
from recordbus.web.issuing import issue, make_key
from recordbus.web.tokens import Terms

if TYPE_CHECKING:
    from recordbus.local.servers import LocalServers

TERMS = Terms("recordbus", "recordbus-gateway")


class Bus:
    """One department on the session's servers, and what its topic holds."""

    def __init__(self, servers: LocalServers, folder: Path, name: str) -> None:
        self.servers, self.name = servers, name
        self.run_directory = folder / "run"
        self.keys = self.run_directory / "tokens" / "keys.json"
        secret = folder / "department.key"
        make_secret(secret)
        found = Department(
            name=name, title="Test", ori="ZZ0000100", contact=Contact(unit="Records"),
            secret_file=secret,
        )  # fmt: skip
        departments.save(self.run_directory / "departments.yaml", [found])
        make_key(self.keys)

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "KAFKA__BOOTSTRAP_SERVERS": self.servers.bootstrap_servers,
            "REGISTRY__URL": self.servers.registry_url,
            "RUN_DIRECTORY": str(self.run_directory),
            "GATEWAY__PORT": "0",
            **more,
        }
        return {**os.environ, **{f"RECORDBUS_{name}": value for name, value in own.items()}}

    def headers(self, **more: str) -> dict[str, str]:
        token = issue(
            self.keys, TERMS, SystemClock(), UuidSource(),
            department=self.name, subject="rms", scopes=["records:write"], seconds=900,
        )  # fmt: skip
        return {"authorization": f"Bearer {token}", "content-type": "application/json", **more}

    def held(self) -> list[dict[str, Any]]:
        topic = f"ingest.{self.name}.v1"
        registry = self.servers.schema_registry()
        decoder, reader = Decoder(registry, f"{topic}-value"), LogReader(self.servers.connection)
        reader.assign({(topic, 0): 0})
        found = []
        while not reader.at_end():
            found += [decoder.decode(message.value) for message in reader.consume(1000, 0.5)]
        reader.close()
        registry.close()
        return found


class Gateway:
    """`recordbus gateway run` as a process of its own."""

    def __init__(self, bus: Bus, **settings: str) -> None:
        self._bus = bus
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recordbus", "gateway", "run"],
            env=bus.environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "")
        self.address = next(line.split()[-1] for line in lines if line.startswith("listening"))
        self._rest = threading.Thread(target=lambda: list(lines))
        self._rest.start()

    def post(self, value: Any, **headers: str) -> httpx.Response:
        sent = self._bus.headers(**{name.replace("_", "-"): text for name, text in headers.items()})
        return httpx.post(
            f"{self.address}/v1/records", content=json.dumps(value), headers=sent, timeout=30
        )

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        self._rest.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def record(number: int, source_seq: int = 1) -> dict[str, Any]:
    return {
        "record_kind": "service_call",
        "source_seq": source_seq,
        "recorded_at": "2026-01-02T03:04:05Z",
        "body": {
            "record_id": f"C-{number}", "details": ["recordbus.v1.ServiceCallDetails", {}],
        },
    }  # fmt: skip


@pytest.fixture
def bus(local_servers: LocalServers, topic_names: Callable[[str], str], tmp_path: Path) -> Bus:
    name = topic_names("desk").replace(".", "-")
    Admin(local_servers.connection).apply_topics(wanted_topics([name]))
    registry = local_servers.schema_registry()
    register_all(registry, [name])
    registry.close()
    return Bus(local_servers, tmp_path, name)


def test_what_is_answered_is_in_kafka_whatever_ends_the_gateway(bus: Bus) -> None:
    """Row 44 and F6: kill -9 before sending and after the acknowledgement, then the same again.

    All crash points are visited in memory; here the broker, the files and the deaths are real.
    """
    batch: list[Any] = [record(n) for n in range(1000)]
    for at in (10, 500, 999):
        batch[at] = {**batch[at], "dob": "1990-01-01"}
    first = Gateway(bus, CRASH_AT="gateway.acknowledged:2")
    assert httpx.get(f"{first.address}/readyz").status_code == 200
    answer = first.post(batch)
    results = answer.json()["results"]
    accepted = {each["event_id"] for each in results if each["status"] == "accepted"}
    assert (answer.status_code, len(accepted)) == (207, 997)
    assert {change["event_id"] for change in bus.held()} == accepted

    no_answer(first, record(5000), "key-for-one")
    second = Gateway(bus, CRASH_AT="gateway.audited:2")
    accepted.add(one_effect(second, record(5000), "key-for-one"))
    no_answer(second, record(5001), "key-for-two")
    third = Gateway(bus)
    accepted.add(one_effect(third, record(5001), "key-for-two"))
    assert third.end() == 0

    held = [change["event_id"] for change in bus.held()]
    assert set(held) == accepted
    assert len(accepted) == 999
    assert len(held) == 1000, "what was acknowledged before the crash came twice, and is one"


def no_answer(gateway: Gateway, value: Any, key: str) -> None:
    """Send a record to a gateway that dies of it."""
    with pytest.raises(httpx.TransportError):
        gateway.post(value, idempotency_key=key)
    assert gateway.end() == EXIT_CODE


def one_effect(gateway: Gateway, value: Any, key: str) -> str:
    """Send a record again under its key, twice, and give its event id."""
    assert gateway.post(record(9000), idempotency_key=key).status_code == 409
    second, third = (gateway.post(value, idempotency_key=key) for _ in range(2))
    assert (second.status_code, second.content) == (200, third.content)
    return str(second.json()["event_id"])
