"""A whole bus whose erasure is over in seconds, and what a test asks of it from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw
import pytest

from consumers.assembly import search_of
from consumers.search.criteria import Context, Criteria
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.tables import FULL_TEXT_TABLES
from producers.publisher.encoding import ChangeEncoder
from producers.publisher.record import checked_value
from producers.publisher.stamp import live_change
from producers.session import connect, owner_of
from recordbus import departments
from recordbus.audit.log import AuditLog
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.producer import DeliveryError, IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.topics import Topic
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.sharing import TASK_FORCE, shared_with_task_force, write_agreements
from recordbus.settings import load

DEPARTMENT: Final = "harbor-city-pd"
OTHER: Final = "millbrook-pd"
CSV: Final = "alder-csv"
WHO: Final = Context(requester="erasure test", purpose="training", case_number="ERASURE-1")
PATIENCE_SECONDS: Final = 45.0

# A closed segment, and all that follows from it, after seconds instead of minutes.
QUICK: Final = {
    "segment.ms": "1000",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
    "min.cleanable.dirty.ratio": "0.0",
    "delete.retention.ms": "1000",
    "file.delete.delay.ms": "200",
}

T = TypeVar("T")


def eventually(
    what: str, ask: Callable[[], T], seconds: float = PATIENCE_SECONDS, pace: float = 0.02
) -> T:
    """Ask until the answer is true, every `pace` seconds, and give it."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(pace)
    return answer


@contextmanager
def erasing_bus(
    root: Path, monkeypatch: pytest.MonkeyPatch, *, store: str, compression: str
) -> Iterator[ErasingBus]:
    """Run a bus with three departments, ticks every second and topics that forget quickly."""
    monkeypatch.setenv("RECORDBUS_UPKEEP__TICK_SECONDS", "1")
    monkeypatch.setenv("RECORDBUS_STAGE__STORE", store)
    monkeypatch.setenv("RECORDBUS_STAGE__ERASE_SECONDS", "2")
    contact = departments.Contact(unit="Records desk")
    known = [
        departments.Department(name=name, title=name, ori=ori, contact=contact)
        for name, ori in ((DEPARTMENT, "MA0130100"), (OTHER, "MA0140200"), (CSV, "MA0150300"))
    ]
    root.mkdir(parents=True)
    departments.save(root / "departments.yaml", known)
    names = [each.name for each in known]
    write_agreements(root, [shared_with_task_force(names, datetime.now(UTC).date())])
    with DemoBus(root, TASK_FORCE) as bus:
        monkeypatch.setenv("RECORDBUS_CONFIG", str(bus.config))
        made = ErasingBus(bus)
        try:
            made.forget_quickly({**QUICK, "compression.type": compression})
            yield made
        finally:
            made.close()


class ErasingBus:
    """A running bus."""

    def __init__(self, bus: DemoBus) -> None:
        self.bus = bus
        self.root = bus.directory
        self._settings = load()
        self._connection = Connection(bus.state().bootstrap_servers)
        self._registry = SchemaRegistry(bus.state().registry_url)
        self._producer = IdempotentProducer(self._connection)
        self.publisher, self._close_publisher = connect(
            self._settings, owner_of(self._settings, DEPARTMENT)
        )
        self._encoder = ChangeEncoder(self._registry, self.publisher.owner.topic)

    def close(self) -> None:
        """Let go of the bus."""
        self._close_publisher()
        self._producer.close()
        self._registry.close()

    def forget_quickly(self, config: Mapping[str, str]) -> None:
        """Set every topic of the bus so that what is removed leaves the disk within seconds."""
        admin = Admin(self._connection)
        topics = admin.list_topics().items()
        admin.apply_topics([Topic(name, count, config=config) for name, count in topics])

    # --- publishing ----------------------------------------------------------------------

    def framed(self, record: Mapping[str, Any]) -> tuple[str, bytes]:
        """Give the key and the bytes of the message that publishes a record."""
        value = checked_value(record)
        body = self._encoder.body(value["body"])
        change = live_change(self.publisher.owner, value, body)
        return change["record_key"], self._encoder.encode(change, body)

    def send(self, key: str | None, value: bytes, department: str = DEPARTMENT) -> str:
        """Write any bytes on a department's topic; give their position once durable."""
        positions: list[str] = []

        def report(failure: DeliveryError | None, topic: str, partition: int, offset: int) -> None:
            assert failure is None, failure
            positions.append(f"{topic}/{partition}/{offset}")

        topic = owner_of(self._settings, department).topic
        raw = None if key is None else key.encode()
        self._producer.produce(topic, raw, value, on_delivery=report)
        self._producer.flush(30)
        return positions[0]

    # --- asking --------------------------------------------------------------------------

    def finds(self, criteria: Criteria) -> int:
        """Count what a search finds, through the rules and the audit."""
        search = search_of(self._settings)
        assert isinstance(search.engine, SqliteSearch)
        assert isinstance(search.audit, AuditLog)
        try:
            return search.search(WHO, criteria).total or 0
        finally:
            search.engine.close()
            search.audit.close()

    def last_words(self, topic: str) -> dict[str, dict[str, Any] | None]:
        """Give what a topic now says last of each key; None stands for a tombstone."""
        decoder = Decoder(self._registry, f"{topic}-value")
        said: dict[str, dict[str, Any] | None] = {}
        reader = LogReader(self._connection)
        try:
            reader.assign({(topic, 0): EARLIEST})
            while not reader.at_end():
                for message in reader.consume(1000, 1.0):
                    key = (message.key or b"").decode()
                    said[key] = None if message.value is None else decoder.decode(message.value)
        finally:
            reader.close()
        return {key: value for key, value in said.items() if not key.startswith("tick/")}

    def indexed_terms(self) -> list[str]:
        """Give every term of the index's full-text tables."""
        database = apsw.Connection(str(self._settings.index_path()))
        try:
            for table in FULL_TEXT_TABLES:
                database.execute(
                    f"CREATE VIRTUAL TABLE temp.v_{table} USING fts5vocab(main, {table}, row)"
                )
            return [
                str(term)
                for table in FULL_TEXT_TABLES
                for (term,) in database.execute(f"SELECT term FROM temp.v_{table}")
            ]
        finally:
            database.close()


def record(kind: str, source_seq: int, body: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Give a record as a department hands it over."""
    return {
        "record_kind": kind,
        "source_seq": source_seq,
        "recorded_at": datetime.now(UTC),
        "body": body,
        **more,
    }
