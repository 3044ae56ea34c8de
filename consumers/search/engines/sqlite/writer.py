"""Writes records, ties, removals and the reading position into an index file, in one transaction.

Invariant: the file holds what the log said up to the stored positions, whatever happened between
two transactions.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from consumers.search.document import Document
from consumers.search.engines.sqlite.classes import ClassesWritten
from consumers.search.engines.sqlite.erasure import Eraser
from consumers.search.engines.sqlite.gaps import Gaps
from consumers.search.engines.sqlite.keyed import TABLES, KeyedRows
from consumers.search.engines.sqlite.positions import note, stored_positions
from consumers.search.engines.sqlite.records import Records
from consumers.search.engines.sqlite.tables import open_to_write, rows
from consumers.search.engines.sqlite.transaction import WORTH_ANOTHER_TRY, Immediate, explained
from consumers.sink import (
    RECORDS,
    Applied,
    Change,
    Progress,
    Removal,
    TopicPartition,
    is_stale,
)
from recordbus.crashpoints import crashpoint

Counted = Callable[[str, int], None]


def _nobody(_department: str, _count: int) -> None:
    """Tell nobody."""


class SqliteIndex:
    """The writing side of an index file, a `Sink[Payload]`. One at a time per file."""

    name = "index"

    def __init__(
        self,
        path: Path,
        counted: Counted = _nobody,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the index at `path`, making it when there is none.

        `counted` is told how many records of a department the index holds: of every department
        now, and of those that a transaction changed once it is committed. Raises Misconfigured
        for a file of another version or an old SQLite library.
        """
        self._connection = open_to_write(path)
        self._gaps = Gaps(path)
        self._eraser = Eraser(self._connection, self._gaps, monotonic)
        self._classes = ClassesWritten(self._connection)
        self._rows = Records(self._connection, self._eraser, self._classes)
        self._beside = {
            name: KeyedRows(self._connection, self._eraser, table, self._classes)
            for name, table in TABLES.items()
        }
        self._counted = counted
        self._told: dict[str, int] = {}
        self._records = self._count()
        self._tell()

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this index has read."""
        return stored_positions(self._connection)

    def apply(
        self, changes: Sequence[Change[Any]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store changes and progress in one transaction; nothing is stored when it raises."""
        try:
            with Immediate(self._connection):
                crashpoint("sink.transaction_begun")
                applied = self._store(changes)
                note(self._connection, changes, progress)
                crashpoint("sink.transaction_filled")
        except WORTH_ANOTHER_TRY as error:
            self._recover()
            raise explained(error) from error
        except BaseException:
            self._recover()
            raise
        crashpoint("sink.committed")
        self._tell()
        return applied

    def settle(self) -> bool:
        """Erase a bounded part of what removals left in the file; True when nothing is left."""
        return self._eraser.settle()

    def count(self) -> int:
        """Give how many records the index holds."""
        return int(rows(self._connection, "SELECT count(*) FROM record")[0][0])

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._connection.close()
        self._gaps.close()

    def _recover(self) -> None:
        self._classes.recall()
        self._rows.recall()
        self._records = self._count()
        self._eraser.recall()

    def _count(self) -> Counter[str]:
        sql = "SELECT department, count(*) FROM record GROUP BY department"
        return Counter({str(name): int(count) for name, count in rows(self._connection, sql)})

    def _tell(self) -> None:
        for department, count in self._records.items():
            if self._told.get(department) != count:
                self._told[department] = count
                self._counted(department, count)

    def _store(self, changes: Sequence[Change[Any]]) -> Applied:
        by_table: dict[str, list[Change[Any]]] = {}
        for change in changes:
            by_table.setdefault(change.table, []).append(change)
        applied = [
            self._store_records(found) if table == RECORDS else self._beside[table].store(found)
            for table, found in by_table.items()
        ]
        return Applied(*map(sum, zip(*applied, strict=True))) if applied else Applied()

    def _store_records(self, changes: Sequence[Change[Document]]) -> Applied:
        before = self._rows.held({change.key for change in changes})
        held = {key: (each.origin, each.version) for key, each in before.items()}
        last: dict[bytes, Change[Document]] = {}
        stale = 0
        for change in changes:
            if change.payload is not Removal.TOMBSTONE and is_stale(
                held.get(change.key), change.origin, change.version
            ):
                stale += 1
                continue
            held[change.key] = (change.origin, change.version)
            last[change.key] = change
        self._rows.replace(last, before)
        documents = [each.payload for each in last.values() if isinstance(each.payload, Document)]
        stored = len(documents)
        self._records.update(document.department for document in documents)
        gone = (before[key] for key in last if key in before)
        self._records.subtract(each.department for each in gone if each.row_id is not None)
        return Applied(stored, len(last) - stored, stale, len(changes) - stale - len(last))
