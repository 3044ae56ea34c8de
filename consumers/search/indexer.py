"""The worker that carries what the bus says into the search index, and what looks after that."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from consumers.quarantine import KafkaQuarantine
from consumers.runner import Pace, Runner, start_positions
from consumers.search.alone import Alone
from consumers.search.changes import RECORDS_TOPIC, TOPICS, Changes, is_passed_over
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.reading import decoders
from consumers.search.rebuild import WholeLog, rebuild
from consumers.search.verify import Verdict, verify
from consumers.sink import TopicPartition
from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import GroupConsumer, LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.metrics import INDEX_DOCUMENTS

TOPIC = RECORDS_TOPIC
GROUP = "recordbus-index"
_IDENTITY_BYTES = 12


def run_indexer(
    connection: Connection,
    registry: SchemaRegistry,
    path: Path,
    clock: Clock,
    pace: Pace,
    should_stop: Callable[[], bool],
) -> None:
    """Keep the index at `path` up to date until told to stop.

    Raises Misconfigured when another process writes this index, or keeps another one of this bus.
    """
    with written_by_us(path) as identity:
        partitions = _partitions(connection)
        alone = Alone(len(partitions), GROUP, clock)
        index = SqliteIndex(path, lambda name, count: INDEX_DOCUMENTS.labels(name).set(count))

        def start(partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
            alone.assigned(partitions)
            return start_positions(index, partitions)

        def ends() -> bool:
            alone.check()
            return should_stop()

        topics = sorted({topic for topic, _ in partitions})
        source = GroupConsumer(
            connection, GROUP, topics, on_assign=start, instance_id=f"index-{identity}"
        )
        decode = _changes(registry)
        producer = IdempotentProducer(connection)
        quarantine = KafkaQuarantine(producer, registry, "index", decode.department_of)
        Runner(source, index, decode, quarantine, clock, pace, is_passed_over).run(ends)


def rebuild_index(
    connection: Connection,
    registry: SchemaRegistry,
    path: Path,
    clock: Clock,
    report: Callable[[int], None],
) -> int:
    """Make the index at `path` anew from the log; give how many records it holds.

    Raises Misconfigured while a worker writes this index: stop it first.
    """
    with written_by_us(path):
        source = WholeLog(LogReader(connection), GROUP, _partitions(connection))
        decode = _changes(registry)
        producer = IdempotentProducer(connection)
        quarantine = KafkaQuarantine(producer, registry, "index", decode.department_of)
        return rebuild(path, source, decode, quarantine, clock, report)


def verify_index(connection: Connection, registry: SchemaRegistry, path: Path) -> Verdict:
    """Compare the index at `path` with the log; its worker may go on meanwhile."""
    index, log = SqliteSearch(path), LogReader(connection)
    try:
        return verify(index, log, _changes(registry))
    finally:
        log.close()
        index.close()


def _changes(registry: SchemaRegistry) -> Changes:
    return Changes(decoders(registry, TOPICS))


def _partitions(connection: Connection) -> list[TopicPartition]:
    """Give every partition that an index reads."""
    known = Admin(connection).list_topics()
    missing = sorted(topic for topic in TOPICS if topic not in known)
    if missing:
        raise Misconfigured(
            f"there is no topic {', '.join(missing)}", hint="run: recordbus topics apply"
        )
    return [(topic, number) for topic in TOPICS for number in range(known[topic])]


@contextmanager
def written_by_us(path: Path) -> Iterator[str]:
    """Hold the right to write an index; raises Misconfigured while another process has it.

    Gives what tells this index from any other: a word that is kept beside it, in its lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.fstat(descriptor).st_size:
            os.write(descriptor, secrets.token_hex(6).encode())
        yield os.pread(descriptor, _IDENTITY_BYTES, 0).decode()
    except BlockingIOError as error:
        raise Misconfigured(
            f"another process writes the index {path}", hint="stop that one first"
        ) from error
    finally:
        os.close(descriptor)
