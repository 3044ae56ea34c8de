"""Writes documents, removals and the reading position into an index file, in one transaction.

Invariant: the file holds what the log said up to the stored positions, whatever happened between
two transactions. A record is written under a new row id each time it changes, so later rows are
newer, and its earlier rows are taken out completely in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from consumers.crashpoints import crashpoint
from consumers.search.document import Document, Mention
from consumers.search.engines.sqlite import vocabulary
from consumers.search.engines.sqlite.erasure import Eraser
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, open_to_write, rows
from consumers.search.tokens import NAME
from consumers.sink import Applied, Change, Progress, Removal, TopicPartition, is_stale
from recordbus.errors import Misconfigured, Retryable

_INSERT_RECORD = "INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_TEXT = "INSERT INTO record_text VALUES (?, ?, ?)"
_INSERT_MENTION = "INSERT INTO mention VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_TERMS = "INSERT INTO mention_terms (rowid, tokens) VALUES (?, ?)"
_INSERT_WORDS = "INSERT INTO record_words (rowid, narrative, words, filters) VALUES (?, ?, ?, ?)"
_DELETE_TERMS = "INSERT INTO mention_terms (mention_terms, rowid, tokens) VALUES ('delete', ?, ?)"
_DELETE_WORDS = (
    "INSERT INTO record_words (record_words, rowid, narrative, words, filters) "
    "VALUES ('delete', ?, ?, ?, ?)"
)
_FIND_HELD = (
    "SELECT id, origin, version, department FROM record WHERE record_key = ?1 "
    "UNION ALL SELECT NULL, origin, version, '' FROM removed WHERE record_key = ?1"
)
_NOTHING = (None, None)


class _Held(NamedTuple):
    """What the index holds of a key: its row id (None once removed), origin and version."""

    row_id: int | None
    origin: str
    version: int
    department: str


Counted = Callable[[str, int], None]


def _nobody(_department: str, _count: int) -> None:
    """Tell nobody."""


class SqliteIndex:
    """The writing side of an index file, a `Sink[Document]`. One at a time per file."""

    name = "index"

    def __init__(self, path: Path, counted: Counted = _nobody) -> None:
        """Open the index at `path`, making it when there is none.

        `counted` is told how many records of a department the index holds: of every department
        now, and of those that a transaction changed once it is committed. Raises Misconfigured
        for a file of another version or an old SQLite library.
        """
        self._connection = open_to_write(path)
        self._eraser = Eraser(self._connection)
        self._next_id = self._last_id() + 1
        self._counted = counted
        self._told: dict[str, int] = {}
        self._records = self._count()
        self._tell()

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this index has read."""
        stored = rows(self._connection, "SELECT topic, partition, next_offset FROM progress")
        return {(topic, partition): offset for topic, partition, offset in stored}

    def apply(
        self, changes: Sequence[Change[Document]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store changes and progress in one transaction; nothing is stored when it raises."""
        try:
            with _Immediate(self._connection):
                crashpoint("sink.transaction_begun")
                applied = self._store(changes)
                self._note(changes, progress)
                crashpoint("sink.transaction_filled")
        except (apsw.FullError, apsw.IOError, apsw.BusyError) as error:
            self._recover()
            raise _explained(error) from error
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

    def _recover(self) -> None:
        self._next_id = self._last_id() + 1
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

    def _last_id(self) -> int:
        return int(rows(self._connection, "SELECT coalesce(max(id), 0) FROM record")[0][0])

    def _store(self, changes: Sequence[Change[Document]]) -> Applied:
        before = self._held({change.key for change in changes})
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
        self._replace(last, before)
        documents = [each.payload for each in last.values() if isinstance(each.payload, Document)]
        stored = len(documents)
        self._records.update(document.department for document in documents)
        gone = (before[key] for key in last if key in before)
        self._records.subtract(each.department for each in gone if each.row_id is not None)
        return Applied(stored, len(last) - stored, stale, len(changes) - stale - len(last))

    def _replace(
        self, last: Mapping[bytes, Change[Document]], before: Mapping[bytes, _Held]
    ) -> None:
        """Put what is said now in the place of what was."""
        words: Counter[str] = Counter()
        rows_before = [before[key].row_id for key in last if key in before]
        gone = [row_id for row_id in rows_before if row_id is not None]
        self._take_out(gone, words)
        was_marked = [(key,) for key in last if key in before and before[key].row_id is None]
        self._connection.executemany("DELETE FROM removed WHERE record_key = ?", was_marked)
        marked = [
            (change.key, change.origin, change.version)
            for change in last.values()
            if change.payload is Removal.MARKER
        ]
        self._connection.executemany("INSERT INTO removed VALUES (?, ?, ?)", marked)
        self._put_in(last.values(), words)
        vocabulary.count_words(self._connection, words)

    def _held(self, keys: Iterable[bytes]) -> dict[bytes, _Held]:
        found: dict[bytes, _Held] = {}
        for key in keys:
            for row in self._connection.execute(_FIND_HELD, (key,)):
                found[key] = _Held(*row)
        return found

    def _take_out(self, row_ids: Sequence[int], words: Counter[str]) -> None:
        """Take records out of every table; what they said must be given to the full-text ones."""
        if not row_ids:
            return
        for row_id in row_ids:
            first, last = row_id << ORDINAL_BITS, (row_id + 1) << ORDINAL_BITS
            mentions = rows(
                self._connection,
                "SELECT id, tokens FROM mention WHERE id >= ? AND id < ? ORDER BY id",
                (first, last),
            )
            narrative, others = rows(
                self._connection,
                "SELECT narrative, words FROM record_text WHERE id = ?",
                (row_id,),
            )[0]
            filters = mentions[0][1]
            self._connection.executemany(_DELETE_TERMS, mentions)
            self._connection.execute(_DELETE_WORDS, (row_id, narrative, others, filters))
            self._connection.execute("DELETE FROM mention WHERE id >= ? AND id < ?", (first, last))
            words.subtract(_names_of(tokens for _, tokens in mentions))
            self._eraser.removed([*(tokens for _, tokens in mentions), narrative, others])
        ids = [(row_id,) for row_id in row_ids]
        self._connection.executemany("DELETE FROM record_text WHERE id = ?", ids)
        self._connection.executemany("DELETE FROM record WHERE id = ?", ids)

    def _put_in(self, changes: Iterable[Change[Document]], words: Counter[str]) -> None:
        records, texts, mentions, terms, filters = [], [], [], [], []
        for change in changes:
            document = change.payload
            if not isinstance(document, Document):
                continue
            row_id, self._next_id = self._next_id, self._next_id + 1
            records.append(_record_values(row_id, change, document))
            texts.append((row_id, document.narrative, document.words))
            own_tokens = document.mentions[0].tokens
            filters.append((row_id, document.narrative, document.words, own_tokens))
            for mention_id, mention in enumerate(document.mentions, row_id << ORDINAL_BITS):
                mentions.append(_mention_values(mention_id, mention))
                terms.append((mention_id, mention.tokens))
            words.update(document.names)
        self._connection.executemany(_INSERT_RECORD, records)
        self._connection.executemany(_INSERT_TEXT, texts)
        self._connection.executemany(_INSERT_MENTION, mentions)
        self._connection.executemany(_INSERT_TERMS, terms)
        self._connection.executemany(_INSERT_WORDS, filters)

    def _note(
        self, changes: Sequence[Change[Document]], progress: Mapping[TopicPartition, Progress]
    ) -> None:
        newest: dict[str, int] = {}
        for change in changes:
            if change.department is not None and change.published_us is not None:
                known = newest.get(change.department, 0)
                newest[change.department] = max(known, change.published_us)
        self._connection.executemany(
            "INSERT INTO freshness VALUES (?, ?) ON CONFLICT (department) "
            "DO UPDATE SET newest_us = max(newest_us, excluded.newest_us)",
            newest.items(),
        )
        self._connection.executemany(
            "INSERT INTO progress VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition) DO UPDATE "
            "SET next_offset = excluded.next_offset, "
            "complete_to_us = max(complete_to_us, excluded.complete_to_us)",
            ((*partition, *reached) for partition, reached in progress.items()),
        )


class _Immediate:
    """A transaction that takes the write lock at its start."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _record_values(row_id: int, change: Change[Document], document: Document) -> tuple[Any, ...]:
    return (
        row_id, change.key, change.origin, change.version, document.record_kind,
        document.department, document.owner_ori, document.occurred_us, document.published_us,
        document.bases, document.evidence, document.restricted,
    )  # fmt: skip


def _mention_values(mention_id: int, mention: Mention) -> tuple[Any, ...]:
    return (
        mention_id, int(mention.type), *(mention.born or _NOTHING), *(mention.age or _NOTHING),
        *(mention.height or _NOTHING), *(mention.weight or _NOTHING),
        mention.plate, mention.tokens, mention.shown,
    )  # fmt: skip


def _names_of(tokens: Iterable[str]) -> set[str]:
    """Give the distinct words of a record's names: each counts once per record."""
    start = len(NAME)
    return {token[start:] for row in tokens for token in row.split() if token.startswith(NAME)}


def _explained(error: apsw.Error) -> Retryable | Misconfigured:
    if isinstance(error, apsw.FullError):
        return Retryable("the index has no room left on its disk", hint="free some space")
    return Retryable(
        f"the index cannot be written now: {type(error).__name__}",
        hint="check its disk; nothing was stored, the same batch is read again",
    )
