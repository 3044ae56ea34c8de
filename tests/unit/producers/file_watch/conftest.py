"""A department that drops files, with a broker in memory and watchers that may be killed."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from producers.connectors.csv_snapshot import Account, DifferState
from producers.connectors.file_watch import Layout, Watcher
from producers.connectors.file_watch.complete import Completeness
from producers.connectors.file_watch.publishing import publish_drop
from producers.mapping import DepartmentMapping, load
from producers.publisher import Owner, Publisher
from producers.session import Session
from recordbus import crashpoints
from recordbus.testing.clock import ManualClock
from tests.unit.producers.connectors.conftest import MemoryBroker

OWNER = Owner(
    "test-pd", "ZZ0000100", "ingest.test-pd.v1",
    {"unit": "Records", "phone": None, "email": None}, b"k" * 32,
)  # fmt: skip
MAPPING = """
mapping: test
title: Test
source: {SOURCE}
exports:
  calls:
    file: "calls*.csv"
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body: {narrative: TEXT}
"""
HEADER = "NO,AT,TEXT"
QUIET_SECONDS = 10.0


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def csv(rows: dict[str, str]) -> str:
    return "\n".join([HEADER, *(f"{no},2020-01-02,{text}" for no, text in rows.items())]) + "\n"


def zipped(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@dataclass
class Desk:
    """A watched place; `source` goes into the mapping."""

    root: Path
    source: str = "encoding: utf-8"
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.layout = Layout(self.root)
        self._watcher: Watcher | None = None

    @property
    def mapping(self) -> DepartmentMapping:
        return load(MAPPING.replace("SOURCE", self.source), name="test")

    @property
    def incoming(self) -> Path:
        return self.layout.place("incoming")

    def publish(self, path: Path, approved: bool) -> Sequence[Account]:
        state = DifferState(self.root / "state.sqlite", self.clock)

        def connect(owner: Owner) -> tuple[Publisher, Any]:
            return Publisher(owner, self.broker, self.broker, clock=self.clock), lambda: None

        session = Session(OWNER, state, self.clock, connect)
        with session:
            return publish_drop(session, self.mapping, path, approved=approved)

    @property
    def watcher(self) -> Watcher:
        if self._watcher is None:
            complete = Completeness(
                self.clock, QUIET_SECONDS, marker="ready: marker" in self.source
            )
            self._watcher = Watcher(OWNER.name, self.layout, self.publish, self.clock, complete)
        return self._watcher

    def drop(self, name: str, content: str | bytes | dict[str, str]) -> Path:
        """Drop a file by one rename, with its marker if the mapping wants one."""
        raw = csv(content) if isinstance(content, dict) else content
        path = self.incoming / name
        part = self.incoming / f"{name}.part"
        part.write_bytes(raw.encode() if isinstance(raw, str) else raw)
        part.rename(path)
        if "ready: marker" in self.source:
            path.with_name(f"{name}.done").touch()
        return path

    def look(self) -> Counter[str]:
        """Look until whatever is quiet was taken."""
        ended = self.watcher.round()
        self.clock.advance(QUIET_SECONDS)
        return ended + self.watcher.round()

    def restarted(self) -> None:
        self._watcher = None

    @contextmanager
    def killed_at(self, step: str) -> Iterator[None]:
        def kill(name: str) -> None:
            if name == step:
                self.broker.waiting.clear()
                raise Killed

        crashpoints.arm(kill)
        try:
            with pytest.raises(Killed):
                yield
        finally:
            crashpoints.arm(None)
            self.restarted()

    def reports(self, place: str) -> list[dict[str, Any]]:
        claims = self.layout.claims(place)
        return [json.loads((claim / "report.json").read_text()) for claim in claims]

    def reasons(self) -> list[str]:
        return [report["reason"] for report in self.reports("refused")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "place")
