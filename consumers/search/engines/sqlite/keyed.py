"""The rows of the tables that stand beside the records: identities, ties, judgements and so on.

Invariant: of each key there is one row, of the newest version its writer said. A retraction leaves
the row as a marker, key and version without content, so that nothing older comes back; a tombstone
ends it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import apsw

from consumers.search.answers import ANSWERS, Answers
from consumers.search.engines.sqlite.classes import ClassesWritten
from consumers.search.engines.sqlite.erasure import Eraser
from consumers.search.ties import (
    DEFAULT_VALUES,
    IDENTITIES,
    JUDGEMENTS,
    TIES,
    DefaultValue,
    Identity,
    Judged,
    Tie,
)
from consumers.sink import Applied, Change, Removal, is_stale

Values = tuple[Any, ...]


class Keyed(NamedTuple):
    """One table: the columns of its key and of its content, and how a change fills them."""

    name: str
    key: tuple[str, ...]
    content: tuple[str, ...]
    key_of: Callable[[Change[Any]], Values]
    values_of: Callable[[Any], Values]

    @property
    def blank(self) -> Values:
        """Give the content of a marker."""
        return (None,) * len(self.content)

    @property
    def insert(self) -> str:
        """Give the statement that puts a row in unless its key is there."""
        count = len(self.key) + 2 + len(self.content)
        places = ", ".join("?" * count)
        columns = ", ".join((*self.key, "origin", "version", *self.content))
        return f"INSERT OR IGNORE INTO {self.name} ({columns}) VALUES ({places})"  # noqa: S608 - ours

    @property
    def update(self) -> str:
        """Give the statement that changes a row unless it is as new; same values as `insert`."""
        names = (*self.key, "origin", "version", *self.content)
        at = {name: number for number, name in enumerate(names, 1)}
        sets = ", ".join(f"{name} = ?{at[name]}" for name in names[len(self.key) :])
        keys = " AND ".join(f"{name} = ?{at[name]}" for name in self.key)
        older = f"(origin <> ?{at['origin']} OR version < ?{at['version']})"
        return f"UPDATE {self.name} SET {sets} WHERE {keys} AND {older}"  # noqa: S608 - ours

    @property
    def delete(self) -> str:
        """Give the statement that ends a key."""
        keys = " AND ".join(f"{name} = ?" for name in self.key)
        return f"DELETE FROM {self.name} WHERE {keys}"  # noqa: S608 - ours


def packed(entity_id: str) -> bytes | str:
    """Give an entity's id in half the room when it is hexadecimal, as nearly all are."""
    try:
        found = bytes.fromhex(entity_id)
    except ValueError:
        return entity_id
    return found if found.hex() == entity_id else entity_id


def unpacked(stored: bytes | str) -> str:
    """Give the id that was packed."""
    return stored.hex() if isinstance(stored, bytes) else stored


def mention_key(mention_id: str) -> Values:
    """Give record key and local id of a mention's id."""
    record_key, _, local_id = mention_id.partition(".")
    try:
        return bytes.fromhex(record_key), local_id
    except ValueError:
        return record_key.encode(), local_id


def _mention_of(change: Change[Any]) -> Values:
    said = change.payload
    if isinstance(said, Identity):
        return said.record_key, said.local_id
    return mention_key(_text(change))


def _identity(said: Identity) -> Values:
    return said.kind, packed(said.entity_id), " ".join(said.verdicts) or None


def _tie(said: Tie) -> Values:
    ends = packed(said.from_entity), packed(said.to_entity)
    return said.from_local, said.to_local, *ends, said.told, said.items


def _text(change: Change[Any]) -> str:
    return change.key.decode("utf-8", "replace")


def _default(said: DefaultValue) -> Values:
    return (int(said.is_default),)


def _judged(said: Judged) -> Values:
    return (said.told,)


def _answers(said: Answers) -> Values:
    return (said.told,)


TIE_TABLE: Final = "tie"
END_MARKER: Final = "DELETE FROM tie WHERE association_id = ? AND told IS NULL"
END_WHATEVER_IS_THERE: Final = (
    "DELETE FROM tie WHERE lower(hex(association_id)) IN (SELECT value FROM json_each(?))"
)
TABLES: Final = {
    IDENTITIES: Keyed("identity", ("record_key", "local_id"), ("kind", "entity", "verdicts"),
                      _mention_of, _identity),
    TIES: Keyed(TIE_TABLE, ("record_key", "association_id"),
                ("from_local", "to_local", "from_entity", "to_entity", "told", "class_id"),
                lambda change: (change.within, change.key), _tie),
    DEFAULT_VALUES: Keyed("default_value", ("value",), ("is_default",),
                          lambda change: (_text(change),), _default),
    JUDGEMENTS: Keyed("judgement", ("pair",), ("told",),
                      lambda change: (_text(change),), _judged),
    ANSWERS: Keyed("answer", ("record_key",), ("told",),
                   lambda change: (bytes.fromhex(_text(change)),), _answers),
}  # fmt: skip


class KeyedRows:
    """Writes one table within the transaction that its caller has open."""

    def __init__(
        self, connection: apsw.Connection, eraser: Eraser, table: Keyed, classes: ClassesWritten
    ) -> None:
        self._classes = classes
        self._connection, self._eraser, self._table = connection, eraser, table
        self._insert, self._update, self._blank = table.insert, table.update, table.blank

    def store(self, changes: Sequence[Change[Any]]) -> Applied:
        """Put the last change of each key in the place of what is there, unless that is newer."""
        last: dict[bytes, Change[Any]] = {}
        ended: dict[bytes, Change[Any]] = {}
        stale = 0
        for change in changes:
            before = last.get(change.key)
            if change.payload is Removal.TOMBSTONE:
                ended[change.key] = change
            elif (
                before is not None
                and before.payload is not Removal.TOMBSTONE
                and is_stale((before.origin, before.version), change.origin, change.version)
            ):
                stale += 1
                continue
            last[change.key] = change
        self._end(list(ended.values()))
        live = [self._row(each) for each in last.values() if not isinstance(each.payload, Removal)]
        gone = [self._row(each) for each in last.values() if each.payload is Removal.MARKER]
        stored, removed = self._put(live), self._put(gone)
        tombstones = sum(each.payload is Removal.TOMBSTONE for each in last.values())
        late = len(last) - tombstones - stored - removed
        replaced = len(changes) - stale - len(last)
        return Applied(stored, removed + tombstones, stale + late, replaced)

    def _row(self, change: Change[Any]) -> Values:
        key_of, values_of, payload = self._table.key_of, self._table.values_of, change.payload
        content = self._blank if isinstance(payload, Removal) else values_of(payload)
        if isinstance(payload, Tie):
            content = (*content[:-1], self._classes.id_of(payload.items))
        return (*key_of(change), change.origin, change.version, *content)

    def _put(self, rows: Sequence[Values]) -> int:
        """Put rows in; give how many were news. What they replace is left to the eraser."""
        execute, changes = self._connection.cursor().execute, self._connection.changes
        known: list[Values] = []
        for row in rows:
            execute(self._insert, row)
            if not changes():
                known.append(row)
        updated = self._changed(self._update, known) if known else 0
        if updated:
            self._eraser.removed(())
        return len(rows) - len(known) + updated

    def _end(self, changes: Sequence[Change[Any]]) -> None:
        if not changes:
            return
        if self._table.name == TIE_TABLE:
            gone = self._end_ties([change.key for change in changes])
        else:
            keys = [self._table.key_of(change) for change in changes]
            gone = self._changed(self._table.delete, keys)
        if gone:
            self._eraser.removed(())

    def _end_ties(self, keys: Sequence[bytes]) -> int:
        """End ties: a tombstone does not say of which record, so only markers have an index.

        A tombstone follows the marker it ends. What has none is looked for once for all of them.
        """
        ended = self._changed(END_MARKER, [(key,) for key in keys])
        if ended < len(keys):
            wanted = json.dumps([key.hex() for key in keys])
            ended += self._changed(END_WHATEVER_IS_THERE, [(wanted,)])
        return ended

    def _changed(self, statement: str, rows: Sequence[Values]) -> int:
        before = self._connection.total_changes()
        self._connection.executemany(statement, rows)
        return self._connection.total_changes() - before
