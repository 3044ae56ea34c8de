"""The reading side of an index file: what is asked of the file itself, and of what a sight sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from consumers.search.engines.interface import Freshness
from consumers.search.engines.sqlite import vocabulary
from consumers.search.engines.sqlite.classes import ClassesRead
from consumers.search.engines.sqlite.graph import versions_beside
from consumers.search.engines.sqlite.seen import SqliteSeen
from consumers.search.engines.sqlite.tables import open_to_read, problems, rows
from consumers.search.sight import Sight

_COMPLETE = "SELECT min(complete_to_us) FROM progress WHERE topic = 'records.v1'"
_TIED = (
    "SELECT min(complete_to_us) FROM progress WHERE topic IN ('identities.v1', 'associations.v1')"
)


class SqliteSearch:
    """The reading side of an index file; for one thread."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Open the index at `path`; raises Retryable when there is none yet."""
        self._connection = open_to_read(path)
        self._monotonic = monotonic
        self._names = vocabulary.Names(self._connection, monotonic)
        self._classes = ClassesRead(self._connection)

    def classes(self) -> Mapping[int, str]:
        """Give what decisions depend on, by the number of each class of records and ties."""
        return dict(self._classes.all())

    def seen(self, sight: Sight) -> SqliteSeen:
        """Give the reader of what a sight sees; a sight sees classes that were known when made."""
        return SqliteSeen(self._connection, self._names, sight, self.freshness, self._monotonic)

    def freshness(self) -> Freshness:
        """Tell how complete the index is; the slowest partition counts."""
        complete = rows(self._connection, _COMPLETE)[0][0]
        newest = rows(self._connection, "SELECT department, newest_us FROM freshness")
        return Freshness(complete, dict(newest), rows(self._connection, _TIED)[0][0])

    def positions(self) -> dict[tuple[str, int], int]:
        """Give the next offset that the writer will read of each partition."""
        stored = rows(self._connection, "SELECT topic, partition, next_offset FROM progress")
        return {(topic, partition): offset for topic, partition, offset in stored}

    def contents(self) -> tuple[dict[tuple[str, int], int], dict[str, int]]:
        """Give the positions, and the version of all that is there at them, by key.

        Keys are those of `consumers.search.verify.named`.
        """
        with self._connection:
            positions = self.positions()
            versions = rows(self._connection, "SELECT record_key, version FROM record")
            beside = dict(versions_beside(self._connection))
        return positions, {key.hex(): version for key, version in versions} | beside

    def problems(self) -> list[str]:
        """Check the file itself; give what is wrong with it, nothing when it is sound."""
        return problems(self._connection)

    def count(self) -> int:
        """Give how many records the index holds."""
        return int(rows(self._connection, "SELECT count(*) FROM record")[0][0])

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds; none has no entry."""
        sql = "SELECT department, count(*) FROM record GROUP BY department"
        return {str(name): int(count) for name, count in rows(self._connection, sql)}

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._connection.close()
