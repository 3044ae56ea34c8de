"""A gateway in memory: the real routes, publisher and encoder, with a broker that tests command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from producers.connectors.http_push.api import Parts, gateway_door
from producers.connectors.http_push.gateway import Bounds, Gateway
from producers.connectors.http_push.line import Line
from producers.connectors.http_push.lines import Lines
from producers.connectors.http_push.remembered import Remembered
from producers.publisher import Limits, Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from recordbus.ids import UuidSource
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.web.issuing import issue, make_key
from recordbus.web.keyring import Keyring
from recordbus.web.limits import RequestLimits
from recordbus.web.rates import Rate, RateLimits
from recordbus.web.tokens import Terms, Tokens
from tests.unit.producers.publisher.conftest import CONTACT, FixedRegistry, MemoryProducer

DEPARTMENTS = ("test-pd", "other-pd")
TERMS = Terms("recordbus", "recordbus-gateway")
RECORD: dict[str, Any] = {
    "record_kind": "service_call",
    "source_seq": 1,
    "recorded_at": "2026-01-02T03:04:05Z",
    "body": {
        "record_id": "C-1",
        "details": ["recordbus.v1.ServiceCallDetails", {}],
    },
}


def record(number: int = 1, source_seq: int = 1, **body: Any) -> dict[str, Any]:
    """Give a small record."""
    held = {**RECORD["body"], "record_id": f"C-{number}", **body}
    return {**RECORD, "source_seq": source_seq, "body": held}


def keys_of(door: MemoryDoor, department: str = "test-pd") -> list[str]:
    """Give the record keys that reached the broker, in their order."""
    return [(key or b"").decode() for _, key, _ in door.messages(department)]


class MemoryDoor:
    """Everything of one gateway, and short ways to ask it."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: RequestLimits | None = None,
        bounds: Bounds | None = None,
        rate: Rate | None = None,
        waiting_records: int = 5000,
        database: Path | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.producers = {name: MemoryProducer() for name in DEPARTMENTS}
        self.opened: list[str] = []
        self.audit = MemoryAudit()
        self.keys = folder / "keys.json"
        self.is_ready = True
        if not self.keys.exists():
            make_key(self.keys)
        self._waiting = waiting_records
        self.lines = Lines(DEPARTMENTS, self._open)
        self.remembered = Remembered(database, b"s" * 32, self.clock, hours=24, most=1000)
        self.gateway = Gateway(
            self.lines,
            self.remembered,
            self.audit,
            RateLimits(rate or Rate(1e6, 1e6), self.clock),
            self.clock,
            bounds or Bounds(1000, 5.0),
        )
        self.parts = Parts(
            self.gateway,
            Tokens(Keyring(self.keys), TERMS, self.clock),
            limits or RequestLimits(),
            self._ready,
            self.clock,
            UuidSource(),
        )
        self.app = gateway_door(self.parts)

    def token(
        self, department: str = "test-pd", scopes: tuple[str, ...] = ("records:write",)
    ) -> str:
        """Give a token that counts now."""
        return issue(
            self.keys, TERMS, self.clock, UuidSource(),
            department=department, subject="rms", scopes=scopes, seconds=900,
        )  # fmt: skip

    def headers(self, department: str = "test-pd", **more: str) -> dict[str, str]:
        """Give the headers of an honest request."""
        return {
            "authorization": f"Bearer {self.token(department)}",
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gw") as client:
                return await client.request(method, path, content=content, headers=headers)

        return asyncio.run(send())

    def post(self, value: Any, department: str = "test-pd", **headers: str) -> httpx.Response:
        """Push a value, or bytes as they are."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask("POST", "/v1/records", content, self.headers(department, **headers))

    def messages(self, department: str = "test-pd") -> list[tuple[str, bytes | None, bytes | None]]:
        """Give what reached the broker for a department."""
        return self.producers[department].messages

    def close(self) -> None:
        """End the lines' threads and close the file."""
        self.lines.close()
        self.remembered.close()

    def _open(self, name: str) -> Line:
        self.opened.append(name)
        owner = Owner(name, "ZZ0000100", f"ingest.{name}.v1", CONTACT, name.encode() * 8)
        encoder = ChangeEncoder(FixedRegistry({7: "recordbus.v1.RecordChange"}), owner.topic)
        publisher = Publisher(
            owner, encoder, self.producers[name], clock=self.clock, limits=Limits(records=2000)
        )
        return Line(publisher, lambda: None, waiting_records=self._waiting)

    async def _ready(self) -> bool:
        return self.is_ready
