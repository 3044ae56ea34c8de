"""The rows of records: what an index holds of a key, and putting what is said now in its place.

Invariant: a record's earlier rows are taken out in the transaction that puts its new ones in. A
record keeps its row id for as long as it is there, so that what a correction leaves as it was can
stay in the full-text indexes; between records, later rows are newer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import apsw

from consumers.search.document import Document, Mention
from consumers.search.engines.sqlite import vocabulary
from consumers.search.engines.sqlite.classes import ClassesWritten
from consumers.search.engines.sqlite.erasure import Eraser
from consumers.search.engines.sqlite.full_texts import FullTexts, exchange
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, TYPE_SHIFT, rows
from consumers.search.engines.sqlite.vocabulary import Use
from consumers.sink import Change, Removal

_INSERT_RECORD = "INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_TEXT = "INSERT INTO record_text VALUES (?, ?, ?)"
_INSERT_MENTION = "INSERT INTO mention VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_FIND_HELD = (
    "SELECT id, origin, version, department, class_id FROM record WHERE record_key = ?1 "
    "UNION ALL SELECT NULL, origin, version, '', NULL FROM removed WHERE record_key = ?1"
)
_MENTIONS_OF = "SELECT id, tokens FROM mention WHERE id >= ? AND id < ? ORDER BY id"
_TEXTS_OF = "SELECT narrative, words FROM record_text WHERE id = ?"
_NOTHING = (None, None)


class Held(NamedTuple):
    """What the index holds of a key: its row id and class (None once removed), and version."""

    row_id: int | None
    origin: str
    version: int
    department: str
    class_id: int | None


class Records:
    """Writes within the transaction that its caller has open."""

    def __init__(
        self, connection: apsw.Connection, eraser: Eraser, classes: ClassesWritten
    ) -> None:
        self._connection, self._eraser, self._classes = connection, eraser, classes
        self._next_id = 1
        self.recall()

    def recall(self) -> None:
        """Find out which row id is the next: at the start, and when a transaction failed."""
        last = rows(self._connection, "SELECT coalesce(max(id), 0) FROM record")
        self._next_id = int(last[0][0]) + 1

    def held(self, keys: Iterable[bytes]) -> dict[bytes, Held]:
        """Give what is held of these keys; a key that is not known is left out."""
        found: dict[bytes, Held] = {}
        for key in keys:
            for row in self._connection.execute(_FIND_HELD, (key,)):
                found[key] = Held(*row)
        return found

    def replace(self, last: Mapping[bytes, Change[Document]], before: Mapping[bytes, Held]) -> None:
        """Put the last change of each key in the place of what was held `before`."""
        held = {key: before[key].row_id for key in last if key in before and before[key].row_id}
        classes = {each.row_id: each.class_id for each in before.values()}
        old = self._full_texts((at, classes[at]) for at in held.values())
        new = FullTexts()
        self._take_out(old)
        self._mark(last, [key for key in last if key in before and key not in held])
        words = self._put_in(last.values(), held, new)
        left = exchange(self._connection, old, new)
        if held:
            self._eraser.removed(left)
        words.subtract(old.names())
        vocabulary.count_words(self._connection, words)

    def _full_texts(self, held: Iterable[tuple[int | None, int | None]]) -> FullTexts:
        """Read what records say to the full-text indexes."""
        found = FullTexts()
        for row_id, class_id in held:
            if row_id is None or class_id is None:
                continue
            mentions = rows(self._connection, _MENTIONS_OF, _span(row_id))
            texts = rows(self._connection, _TEXTS_OF, (row_id,))
            found.add(row_id, class_id, mentions, *texts[0])
        return found

    def _mark(self, last: Mapping[bytes, Change[Document]], was_marked: list[bytes]) -> None:
        """Note which keys are removed; a marker stays ordered by its version."""
        self._connection.executemany(
            "DELETE FROM removed WHERE record_key = ?", ((key,) for key in was_marked)
        )
        marked = [
            (change.key, change.origin, change.version)
            for change in last.values()
            if change.payload is Removal.MARKER
        ]
        self._connection.executemany("INSERT INTO removed VALUES (?, ?, ?)", marked)

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
    ) -> Counter[Use]:
        """Put records into the plain tables, note in `new` what they say; give their names."""
        records, texts, mentions = [], [], []
        names: Counter[Use] = Counter()
        newest: dict[int, int] = {}
        for change in changes:
            document = change.payload
            if not isinstance(document, Document):
                continue
            row_id = held.get(change.key) or self._new_id()
            class_id = self._classes.id_of(document.items)
            newest[class_id] = max(newest.get(class_id, 0), document.published_us)
            records.append(_record_values(row_id, change, document, class_id))
            texts.append((row_id, document.narrative, document.words))
            numbered = list(_numbered(row_id, document.mentions))
            mentions += [_mention_values(at, mention) for at, mention in numbered]
            terms = [(at, mention.tokens) for at, mention in numbered]
            new.add(row_id, class_id, terms, document.narrative, document.words)
            names.update(Use(name, class_id) for name in document.names)
        self._connection.executemany(_INSERT_RECORD, records)
        self._connection.executemany(_INSERT_TEXT, texts)
        self._connection.executemany(_INSERT_MENTION, mentions)
        self._classes.note(newest)
        return names

    def _new_id(self) -> int:
        row_id, self._next_id = self._next_id, self._next_id + 1
        return row_id


def _record_values(
    row_id: int, change: Change[Document], document: Document, class_id: int
) -> tuple[Any, ...]:
    return (
        row_id, change.key, change.origin, change.version, document.record_kind,
        document.department, document.owner_ori, document.occurred_us, document.published_us,
        document.bases, document.evidence, class_id, *change.place,
    )  # fmt: skip


def _mention_values(mention_id: int, mention: Mention) -> tuple[Any, ...]:
    type_, tokens, shown, born, age, height, weight, plate, local_id = mention
    return (
        mention_id, type_, *(born or _NOTHING), *(age or _NOTHING), *(height or _NOTHING),
        *(weight or _NOTHING), plate, tokens, shown, local_id,
    )  # fmt: skip


def _numbered(row_id: int, mentions: Iterable[Mention]) -> Iterator[tuple[int, Mention]]:
    """Give the mentions of a record with their ids, which say of what type each is."""
    first = row_id << ORDINAL_BITS
    for ordinal, mention in enumerate(mentions):
        yield first + (mention.type << TYPE_SHIFT) + ordinal, mention


def _span(row_id: int) -> tuple[int, int]:
    """Give the mention ids that a record may have: from the first to below the second."""
    return row_id << ORDINAL_BITS, (row_id + 1) << ORDINAL_BITS
