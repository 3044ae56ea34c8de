"""Compares an index with the log it was made from, while its writer goes on.

Both are taken at the positions that the index itself has stored. A record that the log changes
after them is left out: compaction may have removed what the index rightly still shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from consumers.search.changes import is_passed_over
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.ties import TIES
from consumers.sink import RECORDS, Change, Removal, TopicPartition, is_stale
from recordbus.errors import Rejected
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.message import Message

_BATCH = 1000
_WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison found, as opaque keys; an index is right when all are empty.

    `missing` are in the log only, `surplus` in the index only, `different` in both at another
    version. `problems` are faults of the file itself.
    """

    compared: int
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    different: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Tell whether nothing was found."""
        return not (self.missing or self.surplus or self.different or self.problems)


def verify(
    index: SqliteSearch, log: LogReader, decode: Callable[[Message], Change[Any]]
) -> Verdict:
    """Compare an index with the log; reads the log to its present end."""
    positions, held = index.contents()
    expected, changing = _expected(log, positions, decode)
    known = {key: version for key, version in held.items() if key not in changing}
    wanted = {key: version for key, version in expected.items() if key not in changing}
    return Verdict(
        len(wanted.keys() | known.keys()),
        tuple(sorted(wanted.keys() - known.keys())),
        tuple(sorted(known.keys() - wanted.keys())),
        tuple(sorted(key for key in wanted.keys() & known.keys() if wanted[key] != known[key])),
        tuple(index.problems()),
    )


def _expected(
    log: LogReader,
    positions: Mapping[TopicPartition, int],
    decode: Callable[[Message], Change[Any]],
) -> tuple[dict[str, int], set[str]]:
    """Give what the log says at the positions, by key, and the keys that change after them."""
    said: dict[str, tuple[str, int, bool]] = {}
    changing: set[str] = set()
    if not positions:
        return {}, changing
    log.assign(dict.fromkeys(positions, EARLIEST))
    while not log.at_end():
        for message in log.consume(_BATCH, _WAIT_SECONDS):
            if is_passed_over(message):
                continue
            try:
                change = decode(message)
            except Rejected:
                continue
            key = named(change.table, change.key)
            if message.offset >= positions[message.topic, message.partition]:
                changing.add(key)
            else:
                _apply(said, key, change)
    return {key: version for key, (_, version, is_live) in said.items() if is_live}, changing


def named(table: str, key: bytes) -> str:
    """Give a key as a person reads it: a record's alone, others with what they are."""
    if table == RECORDS:
        return key.hex()
    return f"{table} {key.hex() if table == TIES else key.decode('utf-8', 'replace')}"


def _apply(said: dict[str, tuple[str, int, bool]], key: str, change: Change[Any]) -> None:
    if change.payload is Removal.TOMBSTONE:
        said.pop(key, None)
        return
    before = said.get(key)
    if not is_stale(before[:2] if before else None, change.origin, change.version):
        said[key] = (change.origin, change.version, not isinstance(change.payload, Removal))
