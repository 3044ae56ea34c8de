"""How fast an outbox is relayed, and how long after its commit a row is on the bus.

A real Kafka, registry and PostgreSQL, started for the bench; PostgreSQL waits for its disk, and
SQLite syncs each commit as the department's system would. In turns, three rounds each; the median
counts:

- a backlog that is already there, relayed from SQLite and from PostgreSQL, and the same records
  through the publisher alone: what is left of its speed is what the outbox costs beyond it;
- rows committed one by one at a steady rate, from the commit's return to the acknowledgement.

    python -m bench.outbox [ROWS]
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg

from producers.connectors.outbox import Outbox, ddl
from producers.connectors.outbox.postgres import PostgresOutbox
from producers.connectors.outbox.service import OutboxService, Pace
from producers.connectors.outbox.sqlite import SqliteOutbox
from producers.publisher import Owner, Publisher, Receipt
from producers.publisher.encoding import ChangeEncoder
from producers.publisher.record import checked_value
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.clock import SystemClock
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.producer import IdempotentProducer
from recordbus.local.servers import LocalServers
from recordbus.testing.postgres import running_postgres
from schemas.limits import RECORD_BYTES

DEPARTMENT: Final = "bench-pd"
ROUNDS: Final = 3
STEADY_PER_SECOND: Final = 200
STEADY_SECONDS: Final = 10
INSERT: Final = "INSERT INTO recordbus_outbox(record_kind, record_id, payload) VALUES (%s, %s, %s)"

Written = tuple[str, str, str]


class Timed(Publisher):
    """A publisher that notes when each record was acknowledged, by its number of the source."""

    acknowledged: dict[int, float]

    def publish(self, record: Any, notify: Any = None, *, checked: bool = False) -> Receipt:
        """Publish, and note the time of the acknowledgement."""

        def note(receipt: Receipt) -> None:
            self.acknowledged[receipt.source_seq] = time.perf_counter()
            if notify is not None:
                notify(receipt)

        return super().publish(record, note, checked=checked)


class Bench:
    """The servers of one run, and a department on them."""

    def __init__(self, servers: LocalServers, folder: Path, postgres: str) -> None:
        contact = {"unit": "Records", "phone": None, "email": None}
        topic = f"ingest.{DEPARTMENT}.v1"
        self.owner = Owner(DEPARTMENT, "ZZ0000100", topic, contact, b"s" * 32)
        self._servers, self._folder, self._address = servers, folder, postgres
        registry = servers.schema_registry()
        self._encoder = ChangeEncoder(registry, topic)
        registry.close()
        self._made = 0

    @contextmanager
    def publisher(self) -> Iterator[Timed]:
        """Connect a publisher of its own."""
        producer = IdempotentProducer(self._servers.connection, max_message_bytes=RECORD_BYTES)
        made = Timed(self.owner, self._encoder, producer)
        made.acknowledged = {}
        try:
            yield made
        finally:
            producer.close()

    @contextmanager
    def outbox(self, engine: str) -> Iterator[tuple[Outbox, Callable[[Sequence[Written]], None]]]:
        """Make an empty outbox, and what writes rows to it in one transaction."""
        self._made += 1
        if engine == "sqlite":
            path = self._folder / f"{self._made}.sqlite"
            with sqlite_system(path) as write:
                yield SqliteOutbox(path), write
            return
        address = f"{self._address}&options=-csearch_path%3Ds{self._made}"
        with postgres_system(address, f"s{self._made}") as write:
            yield PostgresOutbox(address), write


@contextmanager
def sqlite_system(path: Path) -> Iterator[Callable[[Sequence[Written]], None]]:
    """A department's system on SQLite: write-ahead log, every commit synced."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(ddl("sqlite"))

    def write(rows: Sequence[Written]) -> None:
        database.execute("BEGIN IMMEDIATE")
        database.executemany(INSERT.replace("%s", "?"), rows)
        database.execute("COMMIT")

    yield write
    database.close()


@contextmanager
def postgres_system(address: str, schema: str) -> Iterator[Callable[[Sequence[Written]], None]]:
    """A department's system on PostgreSQL."""
    with psycopg.connect(address, autocommit=True) as database:
        database.execute(f"CREATE SCHEMA {schema}".encode())
        database.execute(ddl("postgres").encode())

        def write(rows: Sequence[Written]) -> None:
            with database.transaction(), database.cursor() as cursor:
                cursor.executemany(INSERT, rows)

        yield write


def backlog(bench: Bench, engine: str, rows: Sequence[Written]) -> dict[str, float]:
    """Relay a backlog; rows a second and CPU of this process a row."""
    with bench.outbox(engine) as (outbox, write), bench.publisher() as publisher:
        write(rows)
        service = OutboxService(DEPARTMENT, outbox, lambda: _given(publisher), SystemClock())

        def carry() -> None:
            assert service.drain().published == len(rows)

        found = timed(carry, len(rows))
        service.close()
    return found


def plain(bench: Bench, values: Sequence[Any]) -> dict[str, float]:
    """Publish the same records with the publisher alone."""
    with bench.publisher() as publisher:

        def send() -> None:
            for value in values:
                publisher.publish(value)
            publisher.flush()

        return timed(send, len(values))


def steady(bench: Bench, engine: str, rows: Sequence[Written]) -> list[float]:
    """Commit rows one by one; give the seconds from each commit to its acknowledgement."""
    committed: list[float] = []
    with bench.outbox(engine) as (outbox, write), bench.publisher() as publisher:
        longest = 0.25 if engine == "sqlite" else 5.0
        service = OutboxService(
            DEPARTMENT, outbox, lambda: _given(publisher), SystemClock(),
            Pace(longest_seconds=longest),
        )  # fmt: skip

        def is_over() -> bool:
            return len(publisher.acknowledged) >= len(rows)

        relay = threading.Thread(target=service.run, args=(is_over,))
        relay.start()
        began = time.perf_counter()
        for number, row in enumerate(rows):
            time.sleep(max(0.0, began + number / STEADY_PER_SECOND - time.perf_counter()))
            write([row])
            committed.append(time.perf_counter())
        relay.join(60)
        acknowledged = publisher.acknowledged
    return [acknowledged[number + 1] - at for number, at in enumerate(committed)]


@contextmanager
def _given(publisher: Publisher) -> Iterator[Publisher]:
    yield publisher


def timed(act: Callable[[], None], count: int) -> dict[str, float]:
    """Give records per second of wall clock and CPU time per record of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "rows_per_second": round(count / wall),
        "cpu_us_per_row": round(cpu / count * 1e6, 1),
    }


def middle(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """Give the round of median speed."""
    return sorted(rounds, key=lambda each: each["rows_per_second"])[len(rounds) // 2]


def latency(seconds: list[float]) -> dict[str, float]:
    """Give the median and the 99th percentile, in milliseconds."""
    return {
        "p50_ms": round(statistics.median(seconds) * 1000, 1),
        "p99_ms": round(statistics.quantiles(seconds, n=100)[98] * 1000, 1),
    }


def records(count: int) -> tuple[list[Any], list[Written]]:
    """Give distinct records as values, and as rows of an outbox."""
    made = [checked_value(each) for each in islice(record_inputs(world(2_000, 7)), count)]
    values = [
        {**value, "source_seq": number + 1, "body": {**value["body"], "record_id": f"R-{number}"}}
        for number, value in enumerate((made * (count // len(made) + 1))[:count])
    ]
    rows = [
        (value["record_kind"], value["body"]["record_id"],
         json.dumps(value, default=datetime.isoformat))
        for value in values
    ]  # fmt: skip
    return values, rows


def main() -> None:
    """Measure and print one JSON object."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    values, rows = records(count)
    calm = rows[: STEADY_PER_SECOND * STEADY_SECONDS]
    with (
        LocalServers() as servers,
        running_postgres(durable=True) as postgres,
        tempfile.TemporaryDirectory(prefix="recordbus-bench-") as folder,
    ):
        Admin(servers.connection).apply_topics(wanted_topics([DEPARTMENT]))
        registry = servers.schema_registry()
        register_all(registry, [DEPARTMENT])
        registry.close()
        bench = Bench(servers, Path(folder), postgres)
        plain(bench, values[:2_000])
        rounds = [
            (backlog(bench, "sqlite", rows), backlog(bench, "postgres", rows), plain(bench, values))
            for _ in range(ROUNDS)
        ]
        calm_sqlite = latency(steady(bench, "sqlite", calm))
        calm_postgres = latency(steady(bench, "postgres", calm))
    sqlite, postgresql, alone = (middle(each) for each in zip(*rounds, strict=True))
    print(json.dumps({
        "rows": count,
        "rounds": ROUNDS,
        "payload_bytes": round(sum(len(row[2]) for row in rows) / count),
        "sqlite": sqlite,
        "postgres": postgresql,
        "publisher_alone": alone,
        "ratio_sqlite": round(sqlite["rows_per_second"] / alone["rows_per_second"], 2),
        "ratio_postgres": round(postgresql["rows_per_second"] / alone["rows_per_second"], 2),
        "steady_rows_per_second": STEADY_PER_SECOND,
        "commit_to_acknowledged_sqlite": calm_sqlite,
        "commit_to_acknowledged_postgres": calm_postgres,
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
