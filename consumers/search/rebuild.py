"""Makes an index anew from the log, beside the one in use, and puts it in its place when done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from consumers.quarantine import Quarantine
from consumers.runner import Decode, Pace, Runner
from consumers.search.changes import is_passed_over
from consumers.search.engines.sqlite.tables import SIDE_FILES
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.sink import TopicPartition
from recordbus.clock import Clock
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.message import Message

_SETTLE_CALLS = 1000


class WholeLog:
    """A log from its beginning as a runner's source; it tells no group anything."""

    def __init__(self, log: LogReader, group: str, partitions: list[TopicPartition]) -> None:
        self.group = group
        self._log = log
        log.assign(dict.fromkeys(partitions, EARLIEST))

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        """Give up to `count` messages."""
        return self._log.consume(count, timeout_seconds)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Do nothing: the group is where the index in use is."""

    def positions(self) -> dict[TopicPartition, int]:
        """Give the next offset to read of each partition."""
        return self._log.positions()

    def all_watermarks(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Give the first and the next offset of each partition."""
        return self._log.all_watermarks(partitions)

    def at_end(self) -> bool:
        """Tell whether everything that was there has been read."""
        return self._log.at_end()

    def close(self) -> None:
        """Stop reading."""
        self._log.close()


def rebuild(
    path: Path,
    source: WholeLog,
    decode: Decode[Any],
    quarantine: Quarantine,
    clock: Clock,
    report: Callable[[int], None],
) -> int:
    """Make the index at `path` anew; give how many records it holds.

    The index in use answers searches until the new one takes its place. The caller holds the
    right to write. `report` is told the number of records after each batch.
    """
    fresh = path.with_name(f"{path.name}.new")
    _remove(fresh)
    index = SqliteIndex(fresh)
    pace = Pace(max_records=5000, gather_ms=0)
    runner = Runner(source, index, decode, quarantine, clock, pace, is_passed_over)
    try:
        while not source.at_end():
            runner.step()
            report(index.count())
        for _ in range(_SETTLE_CALLS):
            if index.settle():
                break
        records = index.count()
    finally:
        source.close()
        quarantine.close()
        index.close()
    for side in SIDE_FILES:
        path.with_name(path.name + side).unlink(missing_ok=True)
    fresh.replace(path)
    _remove(fresh)
    return records


def _remove(path: Path) -> None:
    for name in (path.name, *(path.name + side for side in SIDE_FILES)):
        path.with_name(name).unlink(missing_ok=True)
