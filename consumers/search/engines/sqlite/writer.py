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
from consumers.search.engines.sqlite.full_texts import FullTexts
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, open_to_write, rows
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
_MENTIONS_OF = "SELECT id, tokens FROM mention WHERE id >= ? AND id < ? ORDER BY id"
_TEXTS_OF = "SELECT narrative, words FROM record_text WHERE id = ?"
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
        """Put what is said now in the place of what was.

        A corrected record keeps its row id, so that what a correction leaves as it was need not
        leave the full-text indexes and come back: taking words out securely is what costs.
        """
        held = {key: before[key].row_id for key in last if key in before and before[key].row_id}
        old = self._full_texts(row_id for row_id in held.values() if row_id is not None)
        new = FullTexts()
        self._take_out(old)
        was_marked = [(key,) for key in last if key in before and key not in held]
        self._connection.executemany("DELETE FROM removed WHERE record_key = ?", was_marked)
        marked = [
            (change.key, change.origin, change.version)
            for change in last.values()
            if change.payload is Removal.MARKER
        ]
        self._connection.executemany("INSERT INTO removed VALUES (?, ?, ?)", marked)
        words = self._put_in(last.values(), held, new)
        self._exchange(old, new)
        words.subtract(old.names())
        vocabulary.count_words(self._connection, words)

    def _full_texts(self, row_ids: Iterable[int]) -> FullTexts:
        """Read what records say to the full-text indexes."""
        found = FullTexts()
        for row_id in row_ids:
            mentions = rows(self._connection, _MENTIONS_OF, _span(row_id))
            texts = rows(self._connection, _TEXTS_OF, (row_id,))
            found.add(row_id, mentions, *texts[0])
        return found

    def _exchange(self, old: FullTexts, new: FullTexts) -> None:
        """Take out of the full-text indexes what is no longer said, and put in what is new."""
        terms_gone = [each for each in old.terms.items() if new.terms.get(each[0]) != each[1]]
        words_gone = [each for each in old.words.items() if new.words.get(each[0]) != each[1]]
        self._connection.executemany(_DELETE_TERMS, terms_gone)
        self._connection.executemany(_DELETE_WORDS, [(at, *texts) for at, texts in words_gone])
        if terms_gone or words_gone:
            self._eraser.removed(tokens for _, tokens in terms_gone)
            self._eraser.removed(text for _, texts in words_gone for text in texts)
        terms = [each for each in new.terms.items() if old.terms.get(each[0]) != each[1]]
        words = [each for each in new.words.items() if old.words.get(each[0]) != each[1]]
        self._connection.executemany(_INSERT_TERMS, terms)
        self._connection.executemany(_INSERT_WORDS, [(at, *texts) for at, texts in words])

    def _held(self, keys: Iterable[bytes]) -> dict[bytes, _Held]:
        found: dict[bytes, _Held] = {}
        for key in keys:
            for row in self._connection.execute(_FIND_HELD, (key,)):
                found[key] = _Held(*row)
        return found

    def _take_out(self, old: FullTexts) -> None:
        """Take records out of the plain tables."""
        spans = [_span(row_id) for row_id in old.words]
        ids = [(row_id,) for row_id in old.words]
        self._connection.executemany("DELETE FROM mention WHERE id >= ? AND id < ?", spans)
        self._connection.executemany("DELETE FROM record_text WHERE id = ?", ids)
        self._connection.executemany("DELETE FROM record WHERE id = ?", ids)

    def _put_in(
        self,
        changes: Iterable[Change[Document]],
        held: Mapping[bytes, int | None],
        new: FullTexts,
    ) -> Counter[str]:
        """Put records into the plain tables, note in `new` what they say; give their names."""
        records, texts, mentions = [], [], []
        names: Counter[str] = Counter()
        for change in changes:
            document = change.payload
            if not isinstance(document, Document):
                continue
            row_id = held.get(change.key) or self._new_id()
            records.append(_record_values(row_id, change, document))
            texts.append((row_id, document.narrative, document.words))
            numbered = list(enumerate(document.mentions, row_id << ORDINAL_BITS))
            mentions += [_mention_values(at, mention) for at, mention in numbered]
            terms = [(at, mention.tokens) for at, mention in numbered]
            new.add(row_id, terms, document.narrative, document.words)
            names.update(document.names)
        self._connection.executemany(_INSERT_RECORD, records)
        self._connection.executemany(_INSERT_TEXT, texts)
        self._connection.executemany(_INSERT_MENTION, mentions)
        return names

    def _new_id(self) -> int:
        row_id, self._next_id = self._next_id, self._next_id + 1
        return row_id

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


def _span(row_id: int) -> tuple[int, int]:
    """Give the mention ids that a record may have: from the first to below the second."""
    return row_id << ORDINAL_BITS, (row_id + 1) << ORDINAL_BITS


def _explained(error: apsw.Error) -> Retryable | Misconfigured:
    if isinstance(error, apsw.FullError):
        return Retryable("the index has no room left on its disk", hint="free some space")
    return Retryable(
        f"the index cannot be written now: {type(error).__name__}",
        hint="check its disk; nothing was stored, the same batch is read again",
    )
