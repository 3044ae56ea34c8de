"""How far an index has read each partition, and what is the newest of each department."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import apsw

from consumers.search.engines.sqlite.tables import rows
from consumers.sink import Change, Progress, TopicPartition

_NOTE_NEWEST = (
    "INSERT INTO freshness VALUES (?, ?) ON CONFLICT (department) "
    "DO UPDATE SET newest_us = max(newest_us, excluded.newest_us)"
)
_NOTE_PROGRESS = (
    "INSERT INTO progress VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition) DO UPDATE "
    "SET next_offset = excluded.next_offset, "
    "complete_to_us = max(complete_to_us, excluded.complete_to_us)"
)


def stored_positions(connection: apsw.Connection) -> dict[TopicPartition, int]:
    """Give the next offset to read of every partition this index has read."""
    stored = rows(connection, "SELECT topic, partition, next_offset FROM progress")
    return {(topic, partition): offset for topic, partition, offset in stored}


def note(
    connection: apsw.Connection,
    changes: Iterable[Change[Any]],
    progress: Mapping[TopicPartition, Progress],
) -> None:
    """Store how far each partition now is, in the transaction that stores its changes."""
    newest: dict[str, int] = {}
    for change in changes:
        if change.department is not None and change.published_us is not None:
            known = newest.get(change.department, 0)
            newest[change.department] = max(known, change.published_us)
    connection.executemany(_NOTE_NEWEST, newest.items())
    connection.executemany(
        _NOTE_PROGRESS, ((*partition, *reached) for partition, reached in progress.items())
    )
