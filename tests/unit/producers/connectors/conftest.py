"""A broker in memory, a small mapping, and a department's folder with its snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from producers.connectors.csv_snapshot import Account, DifferState, Options, publish_snapshot
from producers.mapping import ExportMapping, load
from producers.publisher import Owner, Publisher
from recordbus.testing.clock import ManualClock

MAPPING = """
mapping: test
title: Test
source:
  dates: ["%Y-%m-%d"]
  SOURCE
exports:
  calls:
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    SETTINGS
    body:
      narrative: TEXT
      details: {priority: PRIORITY}
"""

Change = Mapping[str, Any]


class MemoryBroker:
    """Keeps what was acknowledged; what waits is delivered when it is polled or flushed."""

    def __init__(self) -> None:
        self.held: list[Change] = []
        self.waiting: list[tuple[Change, Callable[..., None]]] = []

    def body(self, body: Mapping[str, Any] | None) -> bytes:
        return repr(body).encode()

    def encode(self, change: Change, body: bytes) -> bytes:
        self._last = dict(change)
        return b"x" * 100

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        assert key == self._last["record_key"].encode()
        self.waiting.append((self._last, on_delivery))

    def poll(self, timeout_seconds: float = 0.0) -> int:
        delivered, self.waiting = self.waiting, []
        for change, on_delivery in delivered:
            self.held.append(change)
            on_delivery(None, "t", 0, len(self.held) - 1)
        return len(delivered)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        self.poll()

    def newest(self) -> dict[str, Change]:
        """The newest state of each record, as intake would keep it."""
        newest: dict[str, Change] = {}
        for change in self.held:
            key, known = change["record_key"], newest.get(change["record_key"])
            if known is None or change["source_seq"] > known["source_seq"]:
                newest[key] = change
            elif change["source_seq"] == known["source_seq"]:
                assert change["event_id"] == known["event_id"], "one sequence, two contents"
        return newest

    def live_texts(self) -> dict[str, str]:
        """Record id to narrative, for the records that are live."""
        live = [c["body"] for c in self.newest().values() if c["status"] == "live"]
        return {body["record_id"]: body["narrative"] for body in live}


@dataclass
class Department:
    """A department with its folder, state and broker."""

    folder: Path
    owner: Owner
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    clock: ManualClock = field(default_factory=ManualClock)
    source: str = "encoding: utf-8"
    settings: str = "optional_columns: [PRIORITY]"

    @property
    def export(self) -> ExportMapping:
        text = MAPPING.replace("SOURCE", self.source).replace("SETTINGS", self.settings)
        return load(text, name="test").exports["calls"]

    def publisher(self) -> Publisher:
        return Publisher(self.owner, self.broker, self.broker, clock=self.clock)

    def state(self) -> DifferState:
        return DifferState(self.folder / "state.sqlite", self.clock)

    def write(self, rows: Mapping[str, str] | Sequence[str], name: str = "calls.csv") -> Path:
        """Write a snapshot: number to text, or lines as they are to stand in the file."""
        path = self.folder / name
        if isinstance(rows, Mapping):
            rows = [f'{number},2020-01-02,"{text}"' for number, text in rows.items()]
        path.write_text("\n".join(["NO,AT,TEXT", *rows]) + "\n", encoding="utf-8")
        return path

    def publish(self, path: Path, **options: Any) -> Account:
        publisher = None if options.get("dry_run") else self.publisher()
        with self.state() as state:
            return publish_snapshot(
                self.export, path, self.owner, publisher, state, self.clock, Options(**options)
            )


@pytest.fixture
def department(tmp_path: Path) -> Department:
    contact = {"unit": "Records", "phone": None, "email": None}
    owner = Owner("test-pd", "ZZ0000100", "ingest.test-pd.v1", contact, b"k" * 32)
    return Department(tmp_path, owner)
