"""The classes of an index: each text of what decisions depend on is kept once, under a number.

Invariant: a number means the same text for as long as the file is there. A class stays when its
last record has gone; it says nothing of any record.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from consumers.search.engines.sqlite.tables import rows

_INSERT = "INSERT INTO class (items, newest_us) VALUES (?, 0) RETURNING id"
_NOTE_NEWEST = "UPDATE class SET newest_us = ?1 WHERE id = ?2 AND newest_us < ?1"


class ClassesWritten:
    """Gives numbers to texts within the transaction that its caller has open."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}
        self.recall()

    def recall(self) -> None:
        """Read what is there: at the start, and when a transaction failed."""
        self._known = dict(rows(self._connection, "SELECT items, id FROM class"))

    def id_of(self, items: str) -> int:
        """Give the number of a text, a new one when it has none."""
        known = self._known.get(items)
        if known is None:
            known = self._known[items] = int(rows(self._connection, _INSERT, (items,))[0][0])
        return known

    def note(self, newest_us: Mapping[int, int]) -> None:
        """Keep when a record of each class was last published."""
        news = [(newest, class_id) for class_id, newest in newest_us.items()]
        self._connection.executemany(_NOTE_NEWEST, news)


class ClassesRead:
    """Reads the texts of the classes; those that were read before are not read again."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[int, str] = {}

    def all(self) -> Mapping[int, str]:
        """Give the text of every class by its number."""
        last = max(self._known, default=0)
        found = rows(self._connection, "SELECT id, items FROM class WHERE id > ?", (last,))
        self._known.update(found)
        return self._known
