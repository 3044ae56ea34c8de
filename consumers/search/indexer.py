"""Carries `records.v1` into the search index: what a message means, and the worker around it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from consumers.quarantine import KafkaQuarantine
from consumers.runner import Pace, Runner, start_positions
from consumers.search.alone import Alone
from consumers.search.document import Document
from consumers.search.documents import document, microseconds
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.rebuild import WholeLog, rebuild
from consumers.search.verify import Verdict, verify
from consumers.sink import Change, Removal, TopicPartition
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Rejected
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import GroupConsumer, LogReader
from recordbus.kafka.message import Message
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.metrics import INDEX_DOCUMENTS
from schemas import catalog
from schemas.catalog import CatalogError
from schemas.types import Record

TOPIC = "records.v1"
SUBJECT = f"{TOPIC}-value"
GROUP = "recordbus-index"
_ORIGIN = "origin"
_IDENTITY_BYTES = 12


class RecordChanges:
    """Reads messages of `records.v1` as changes of documents."""

    def __init__(self, decode: Callable[[bytes | None], object]) -> None:
        """`decode` gives the decoded `Record` of a message's value."""
        self._decode = decode

    def __call__(self, message: Message) -> Change[Document]:
        """Give the change a message carries; raises Rejected for one that cannot be used."""
        key = _key(message)
        origin = _origin(message)
        if message.value is None:
            return Change(key, origin, 0, Removal.TOMBSTONE, None, None)
        record = cast(Record, self._decode(message.value))
        if record["record_key"] != key.hex():
            raise Rejected("key_mismatch", "the message's key is not its record's")
        payload = _document(record) if record["status"] == "live" else Removal.MARKER
        return Change(
            key, origin, record["version"], payload, record["department"],
            microseconds(record["published_at"]),
        )  # fmt: skip

    def department_of(self, message: Message) -> str | None:
        """Give the department that intake named in a message; None if that cannot be read."""
        try:
            record = cast(Record, self._decode(message.value))
            return catalog.checked_department(record["department"])
        except (Rejected, CatalogError):
            return None


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
        alone = Alone(_partitions(connection), GROUP, clock)
        index = SqliteIndex(path, lambda name, count: INDEX_DOCUMENTS.labels(name).set(count))

        def start(partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
            alone.assigned(partitions)
            return start_positions(index, partitions)

        def ends() -> bool:
            alone.check()
            return should_stop()

        source = GroupConsumer(
            connection, GROUP, [TOPIC], on_assign=start, instance_id=f"index-{identity}"
        )
        decode = RecordChanges(Decoder(registry, SUBJECT).decode)
        producer = IdempotentProducer(connection)
        quarantine = KafkaQuarantine(producer, registry, "index", decode.department_of)
        Runner(source, index, decode, quarantine, clock, pace).run(ends)


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
        partitions = [(TOPIC, number) for number in range(_partitions(connection))]
        source = WholeLog(LogReader(connection), GROUP, partitions)
        decode = RecordChanges(Decoder(registry, SUBJECT).decode)
        producer = IdempotentProducer(connection)
        quarantine = KafkaQuarantine(producer, registry, "index", decode.department_of)
        return rebuild(path, source, decode, quarantine, clock, report)


def verify_index(connection: Connection, registry: SchemaRegistry, path: Path) -> Verdict:
    """Compare the index at `path` with the log; its worker may go on meanwhile."""
    index, log = SqliteSearch(path), LogReader(connection)
    try:
        return verify(index, log, RecordChanges(Decoder(registry, SUBJECT).decode))
    finally:
        log.close()
        index.close()


def _partitions(connection: Connection) -> int:
    known = Admin(connection).list_topics()
    if TOPIC not in known:
        raise Misconfigured(f"there is no topic {TOPIC}", hint="run: recordbus topics apply")
    return known[TOPIC]


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


def _key(message: Message) -> bytes:
    try:
        key = bytes.fromhex((message.key or b"").decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != hashlib.sha256().digest_size:
        raise Rejected("key_mismatch", "the message's key is no record key")
    return key


def _origin(message: Message) -> str:
    for name, value in message.headers:
        if name == _ORIGIN:
            return value.decode("ascii", "replace")
    return f"{message.topic}/{message.partition}"


def _document(record: Record) -> Document:
    try:
        return document(record)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        detail = f"{type(error).__name__} while the search document was made"
        raise Rejected("decoder_crash", detail) from None
