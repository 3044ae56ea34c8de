"""How fast the search index takes records: the whole way from Kafka, and its steps alone.

    python -m bench.index [--records N] [--corrections N] [--documents N]

The whole way is the worker's own: a real Kafka on this machine, a group's consumer, decoding, the
document, SQLite with the positions in the same transaction. It is timed from the first batch that
is stored to the last. The records are field contacts as intake makes them, of two people, a
vehicle, a place and a narrative; corrections change a name, an address and the narrative of as many
of them, in random order. Storing alone is measured with documents of more words, see
`bench.search_corpus`, made beforehand. With associations, a new record brings three identities and
four associations of its own; records are counted, not messages.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

from bench.index_records import corrected, framed
from bench.index_ties import ASSOCIATIONS, IDENTITIES, PER_RECORD, said_of
from bench.search_corpus import Corpus
from consumers.assembly import prepare_worker
from consumers.runner import Pace
from consumers.search.document import Document
from consumers.search.documents import document, microseconds
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.indexer import TOPIC, run_indexer
from consumers.sink import Change, Progress
from recordbus.clock import SystemClock
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.codec import Encoder
from recordbus.kafka.producer import IdempotentProducer
from recordbus.local.servers import LocalServers
from recordbus.metrics import SINK_CHANGES_TOTAL
from schemas.types import Record

BATCH = 1000
_DEPARTMENT = "bench-pd"


def change(record: dict[str, Any]) -> Change[Document]:
    """Give the change that a record makes."""
    return Change(
        bytes.fromhex(record["record_key"]), "intake/0", record["version"],
        document(cast(Record, record)), record["department"],
        microseconds(record["published_at"]),
    )  # fmt: skip


def batches(count: int, seed: int = 1) -> Iterator[list[Change[Document]]]:
    """Give the changes of a corpus, a thousand at a time."""
    corpus = Corpus(seed)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        yield [change(corpus.record(number)) for number in numbers]


def fill(path: Path, count: int, seed: int = 1) -> tuple[float, float]:
    """Fill an index; give the seconds of wall clock and of this process that storing took."""
    index = SqliteIndex(path)
    spent_wall = spent_cpu = 0.0
    for number, changes in enumerate(batches(count, seed), 1):
        cpu, wall = time.process_time(), time.perf_counter()
        index.apply(changes, {(TOPIC, 0): Progress(number * BATCH, 1)})
        spent_cpu += time.process_time() - cpu
        spent_wall += time.perf_counter() - wall
    index.close()
    return spent_wall, spent_cpu


class Stopwatch:
    """Stops the worker once so many changes are stored, and knows how long they took."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._stored = SINK_CHANGES_TOTAL.labels(sink="index", outcome="stored")
        self._at_start = self._count()
        self._first: tuple[int, float, float] | None = None
        self.found: dict[str, float] = {}

    def __call__(self) -> bool:
        """Tell whether all is stored."""
        stored, wall, cpu = self._count() - self._at_start, time.perf_counter(), time.process_time()
        if stored and self._first is None:
            self._first = (stored, wall, cpu)
        if self._first is None or stored < self._wanted:
            return False
        count, began, cpu_began = self._first
        self.found = {
            "per_second": round((stored - count) / (wall - began)),
            "per_cpu_second": round((stored - count) / (cpu - cpu_began)),
        }
        return True

    def _count(self) -> int:
        return int(self._stored._value.get())  # noqa: SLF001 - prometheus_client has no other way


def from_kafka(servers: LocalServers, path: Path, values: list[tuple[bytes, bytes]]) -> Any:
    """Publish messages as intake would, and let the worker take them in; give its speed."""
    return taken_in(servers, path, [(TOPIC, key, value) for key, value in values])


def taken_in(servers: LocalServers, path: Path, messages: list[tuple[str, bytes, bytes]]) -> Any:
    """Publish messages, and let the worker take them in; give its speed in messages."""
    producer = IdempotentProducer(servers.connection)
    for topic, key, value in messages:
        producer.produce(topic, key, value)
        producer.poll()
    producer.flush(120)
    producer.close()
    stopwatch = Stopwatch(len(messages))
    registry = servers.schema_registry()
    run_indexer(servers.connection, registry, path, SystemClock(), Pace(2000), stopwatch)
    registry.close()
    return stopwatch.found


def with_associations(directory: Path, records: int) -> dict[str, Any]:
    """Measure new records that come with identities and associations; give records a second."""
    path = directory / "with-associations" / "records.sqlite"
    with LocalServers() as servers:
        schema_ids = ready(servers)
        registry = servers.schema_registry()
        encoders = {each: Encoder(registry, f"{each}-value") for each in schema_ids}
        made = framed(records, schema_ids[TOPIC])
        said = said_of([key.decode() for key, _ in made])
        messages: list[tuple[str, bytes, bytes]] = []
        for key, value in made:
            messages.append((TOPIC, key, value))
            for topic, own_key, told in islice(said, PER_RECORD):
                messages.append((topic, own_key, encoders[topic].encode(told)))
        registry.close()
        found = taken_in(servers, path, messages)
    return {name: round(figure / (PER_RECORD + 1)) for name, figure in found.items()} | {
        "bytes_per_record": round(path.stat().st_size / records)
    }


def ready(servers: LocalServers) -> dict[str, int]:
    """Make the topics and schemas; give the schema id of each topic that is written here."""
    Admin(servers.connection).apply_topics(wanted_topics([_DEPARTMENT]))
    registry = servers.schema_registry()
    register_all(registry, [_DEPARTMENT])
    found = {each: registry.id_of(f"{each}-value") for each in (TOPIC, IDENTITIES, ASSOCIATIONS)}
    registry.close()
    return found


def whole_way(directory: Path, records: int, corrections: int) -> dict[str, Any]:
    """Measure new records, then corrections of them, from a real Kafka."""
    path = directory / "whole-way" / "records.sqlite"
    with LocalServers() as servers:
        schema_id = ready(servers)[TOPIC]
        found = {
            "from_kafka": from_kafka(servers, path, framed(records, schema_id)),
            "corrections": from_kafka(servers, path, corrected(records, corrections, schema_id)),
        }
    engine = SqliteSearch(path)
    held = engine.count()
    engine.close()
    if held != records:
        raise SystemExit(f"the index holds {held} of {records} records")
    return found


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--corrections", type=int, default=10_000)
    parser.add_argument("--documents", type=int, default=50_000)
    asked = parser.parse_args()
    prepare_worker()
    with tempfile.TemporaryDirectory() as directory:
        told = whole_way(Path(directory), asked.records, asked.corrections)
        told["with_associations"] = with_associations(Path(directory), asked.records)
        path = Path(directory) / "alone.sqlite"
        wall, cpu = fill(path, asked.documents)
        size = path.stat().st_size
    told |= {
        "records": asked.records,
        "documents": asked.documents,
        "stored_per_second": round(asked.documents / wall),
        "stored_per_cpu_second": round(asked.documents / cpu),
        "bytes_per_document": round(size / asked.documents),
        "max_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
