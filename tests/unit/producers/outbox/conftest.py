"""A department with a SQLite outbox, a broker in memory, and relays that may be killed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from producers.connectors.outbox import Relay, ddl
from producers.connectors.outbox.service import OutboxService, Pace
from producers.connectors.outbox.sqlite import SqliteOutbox
from producers.publisher import Owner, Publisher
from recordbus import crashpoints
from recordbus.errors import Retryable
from recordbus.testing.clock import ManualClock

Change = Mapping[str, Any]
OWNER = Owner(
    "test-pd", "ZZ0000100", "ingest.test-pd.v1",
    {"unit": "Records", "phone": None, "email": None}, b"k" * 32,
)  # fmt: skip


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing more of our code runs."""


class MemoryBroker:
    """Keeps what was acknowledged; `away` fails every message, `takes` only so many more."""

    def __init__(self) -> None:
        self.held: list[Change] = []
        self.waiting: list[tuple[Change, Callable[..., None]]] = []
        self.takes: int | None = None

    def body(self, body: Mapping[str, Any] | None) -> bytes:
        return json.dumps(body, default=str, sort_keys=True).encode()

    def encode(self, change: Change, body: bytes) -> bytes:
        self._last = dict(change)
        return b"x" * 100

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        self.waiting.append((self._last, on_delivery))

    def poll(self, timeout_seconds: float = 0.0) -> int:
        delivered, self.waiting = self.waiting, []
        for change, on_delivery in delivered:
            self._deliver(change, on_delivery)
        return len(delivered)

    def _deliver(self, change: Change, on_delivery: Callable[..., None]) -> None:
        if self.takes == 0:
            on_delivery(Retryable("the broker is away"), "t", 0, 0)
            self.failed = True
            return
        if self.takes is not None:
            self.takes -= 1
        self.held.append(change)
        on_delivery(None, "t", 0, len(self.held) - 1)

    failed = False

    def flush(self, timeout_seconds: float = 60.0) -> None:
        self.poll()
        failed, self.failed = self.failed, False
        if failed:
            raise Retryable("the broker is away")

    def newest(self) -> dict[str, Change]:
        """The newest state of each record, as intake would keep it."""
        newest: dict[str, Change] = {}
        for change in self.held:
            known = newest.get(change["record_key"])
            if known is None or change["source_seq"] > known["source_seq"]:
                newest[change["record_key"]] = change
            elif change["source_seq"] == known["source_seq"]:
                assert change["event_id"] == known["event_id"], "one sequence, two contents"
        return newest

    def live_texts(self) -> dict[str, str]:
        """Record id to narrative, for the records that are live."""
        live = [c["body"] for c in self.newest().values() if c["status"] == "live"]
        return {body["record_id"]: body["narrative"] for body in live}


@dataclass
class Department:
    """A department's system, its table and what its relay reached."""

    path: Path
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.executescript(ddl("sqlite"))

    def write(self, record_id: str, text: str = "text", **more: Any) -> None:
        record = {
            "record_kind": "service_call",
            "recorded_at": "2026-01-02T03:04:05Z",
            "body": {
                "record_id": record_id,
                "narrative": text,
                "details": ["recordbus.v1.ServiceCallDetails", {}],
            },
        }
        self.row(record_id=record_id, payload=json.dumps(record | more))

    def remove(self, verb: str, record_id: str, reason: str | None = "court_order") -> None:
        self.row(record_id=record_id, verb=verb, reason=reason)

    def row(self, **columns: Any) -> None:
        columns = {"record_kind": "service_call"} | columns
        places = ", ".join("?" * len(columns))
        self.database.execute(
            f"INSERT INTO recordbus_outbox({', '.join(columns)}) VALUES ({places})",
            tuple(columns.values()),
        )

    @contextmanager
    def relay(self, batch_rows: int = 1000) -> Iterator[Relay]:
        outbox = SqliteOutbox(self.path)
        publisher = Publisher(OWNER, self.broker, self.broker, clock=self.clock)
        try:
            yield Relay(outbox, lambda: publisher, self.clock, batch_rows=batch_rows)
        finally:
            outbox.close()

    def relayed(self, batch_rows: int = 1000) -> None:
        """Carry all that waits, with a relay of its own."""
        with self.relay(batch_rows) as relay:
            while (done := relay.round()).published or done.refused:
                pass

    def killed_at(self, step: str, visit: int, *, delivers: bool, batch_rows: int = 2) -> bool:
        """Relay until a step kills it, and say whether one did; in flight arrives or is lost."""
        left = visit

        def kill(name: str) -> None:
            nonlocal left
            left -= name == step
            if name == step and left == 0:
                if delivers:
                    self.broker.poll()
                self.broker.waiting.clear()
                raise Killed

        crashpoints.arm(kill)
        try:
            self.relayed(batch_rows)
        except Killed:
            return True
        finally:
            crashpoints.arm(None)
        return False

    def service(self, sleep: Callable[[float], None], **pace: Any) -> OutboxService:
        @contextmanager
        def connect() -> Iterator[Publisher]:
            yield Publisher(OWNER, self.broker, self.broker, clock=self.clock)

        outbox = SqliteOutbox(self.path, sleep)
        return OutboxService(OWNER.name, outbox, connect, self.clock, Pace(**pace), sleep)

    def rows(self, columns: str = "id, state, refused_because, refused_detail") -> list[Any]:
        return self.database.execute(f"SELECT {columns} FROM recordbus_outbox").fetchall()

    def states(self) -> list[str]:
        return [row[0] for row in self.rows("state")]


@pytest.fixture
def department(tmp_path: Path) -> Iterator[Department]:
    made = Department(tmp_path / "records.sqlite")
    yield made
    made.database.close()
