"""What tests of consumers need: an index in memory that means what a plan means, and a sink.

`MemoryIndex` looks at every row of every record with `matching`, without any index. The contract
suites run on it and on the real engine, and compare them on plans that nobody thought of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, cast

from fastavro import parse_schema, schemaless_reader

from consumers.search.document import Document
from consumers.search.documents import document, microseconds
from consumers.search.engines.interface import Freshness, SearchEngine, Seen
from consumers.search.plan import Atom, Clause
from consumers.search.sight import Sight, everything
from consumers.search.ties import Tie
from consumers.sink import Applied, Change, Progress, Removal, TopicPartition, is_stale
from consumers.testing_hits import Kept
from consumers.testing_seen import MemorySeen
from recordbus.kafka.wire import unframe
from schemas import catalog
from schemas.types import Record

_RECORD = parse_schema(catalog.avro_schema("recordbus.v1.Record"))


def decoded(framed: bytes | None) -> Record:
    """Give the record in a framed message of `records.v1`."""
    _, payload = unframe(framed)
    return cast(Record, schemaless_reader(BytesIO(bytes(payload)), _RECORD, None))


def change_of(record: Record, origin: str = "intake/0") -> Change[Document]:
    """Give the change that a record makes in the index."""
    payload = document(record) if record["status"] == "live" else Removal.MARKER
    return Change(
        bytes.fromhex(record["record_key"]), origin, record["version"], payload,
        record["department"], microseconds(record["published_at"]),
    )  # fmt: skip


def clause(*tokens: str) -> Clause:
    """Give a clause that any of these tokens answers exactly."""
    return Clause(tuple(Atom(token) for token in tokens))


class MemoryIndex:
    """A sink and search engine without a file; the meaning of both, at the price of speed."""

    name = "memory"

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], Kept] = {}
        self._progress: dict[TopicPartition, Progress] = {}
        self._newest: dict[str, int] = {}
        self._arrivals = 0
        self._classes: dict[str, int] = {}

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this index has read."""
        return {at: reached.next_offset for at, reached in self._progress.items()}

    def apply(
        self, changes: Sequence[Change[Any]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store changes and progress; nothing here can fail half-way."""
        touched: dict[tuple[str, bytes], Change[Any]] = {}
        places = {  # a batch is one step: whoever stood before it keeps its place
            key: kept.arrival
            for key, kept in self._kept.items()
            if not isinstance(kept.change.payload, Removal)
        }
        stale = 0
        for change in changes:
            if change.department is not None and change.published_us is not None:
                newest = max(self._newest.get(change.department, 0), change.published_us)
                self._newest[change.department] = newest
            key = (change.table, change.key)
            held = self._kept.get(key)
            known = (held.change.origin, held.change.version) if held else None
            if change.payload is Removal.TOMBSTONE:
                self._kept.pop(key, None)
            elif is_stale(known, change.origin, change.version):
                stale += 1
                continue
            else:
                self._arrivals += 1
                self._kept.pop(key, None)
                self._kept[key] = Kept(change, places.setdefault(key, self._arrivals))
            if isinstance(change.payload, Document | Tie):
                self._classes.setdefault(change.payload.items, len(self._classes) + 1)
            touched[key] = change
        for at, reached in progress.items():
            before = self._progress.get(at, reached).complete_to_us
            latest = max(before, reached.complete_to_us)
            self._progress[at] = Progress(reached.next_offset, latest)
        stored = sum(not isinstance(change.payload, Removal) for change in touched.values())
        replaced = len(changes) - stale - len(touched)
        return Applied(stored, len(touched) - stored, stale, replaced)

    def settle(self) -> bool:
        """There is nothing to erase."""
        return True

    def close(self) -> None:
        """There is nothing to let go."""

    def count(self) -> int:
        """Give how many records the index holds."""
        return sum(1 for _ in self._documents())

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds."""
        return dict(Counter(document.department for _, document in self._documents()))

    def freshness(self) -> Freshness:
        """Tell how complete the index is; the slowest partition counts."""
        records = self._complete_to("records.v1")
        tied = self._complete_to("identities.v1", "associations.v1")
        return Freshness(records, dict(self._newest), tied)

    def _complete_to(self, *topics: str) -> int | None:
        times = (
            reached.complete_to_us
            for (topic, _), reached in self._progress.items()
            if topic in topics
        )
        return min(times, default=None)

    def classes(self) -> Mapping[int, str]:
        """Give what decisions depend on, by the number of each class."""
        return {number: items for items, number in self._classes.items()}

    def seen(self, sight: Sight) -> MemorySeen:
        """Give the reader of what a sight sees."""
        return MemorySeen(self, sight)

    def kept(self) -> list[Kept]:
        """Give the latest change of every key, the oldest first."""
        return list(self._kept.values())

    def class_of(self, items: str) -> int:
        """Give the number of a class."""
        return self._classes[items]

    def _documents(self) -> Iterator[tuple[Kept, Document]]:
        for kept in self._kept.values():
            if isinstance(kept.change.payload, Document):
                yield kept, kept.change.payload


def seen_whole(engine: SearchEngine) -> Seen:
    """Give the reader of all that an index holds; for tests of indexes, not of answers."""
    return engine.seen(everything(engine.classes()))
