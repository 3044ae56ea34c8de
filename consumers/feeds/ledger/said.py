"""What the bus now says, by record key: the newest value of each part.

Invariant: a value is replaced by a newer one of its key only. A marker outlives its tombstone as
long as somebody holds anything of the record, for it tells why that must go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, cast

import apsw

from consumers.feeds.ledger.tables import rows
from consumers.feeds.presence import Presence
from consumers.feeds.saying import Part, Said
from consumers.sink import Change, Removal
from schemas.types import AssociationUpdate, Record, RecordVerifications

Decode = Callable[[bytes | None], object]

_PUT: Final = """
INSERT INTO said VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
ON CONFLICT (record_key, part, name) DO UPDATE SET origin = ?4, version = ?5, department = ?6,
    record_kind = ?7, entity = ?8, value = ?9, is_ended = 0 WHERE origin <> ?4 OR version < ?5
"""
_END: Final = "UPDATE said SET is_ended = 1 WHERE part = ?1 AND name = ?2"
_END_OF_RECORD: Final = f"{_END} AND record_key = ?3"
_FORGET: Final = """
DELETE FROM said WHERE record_key = ?1 AND is_ended = 1 AND NOT EXISTS (
    SELECT 1 FROM held WHERE record_key = ?1 AND (digest IS NOT NULL OR is_confirmed = 0))
"""
_NEVER: Final = -1
_MOST_KEPT: Final = 1000
_PARTS: Final = {part.name.lower(): part for part in Part}


class Touched(NamedTuple):
    """The keys of the records that changes are about.

    `said` are those of which something is said anew, `regrouped` those of which no more than the
    entities of their mentions is.
    """

    said: frozenset[str]
    regrouped: frozenset[str]


class SaidRows:
    """Reads and writes what the bus says within its caller's transaction."""

    def __init__(self, connection: apsw.Connection, decoders: Mapping[Part, Decode]) -> None:
        self._connection, self._decoders = connection, decoders
        self._looked_at: OrderedDict[str, Presence] = OrderedDict()
        self._written_at = _NEVER

    def store(self, changes: Sequence[Change[Said]]) -> Touched:
        """Store changes in order; tell which records they touch."""
        said: set[str] = set()
        regrouped: set[str] = set()
        for change in changes:
            if isinstance(change.payload, Removal):
                self._end(change.table, change.key.decode())
            else:
                self._put(change.payload, change.origin, change.version)
                is_regrouped = change.payload.part is Part.IDENTITY
                (regrouped if is_regrouped else said).add(change.payload.record_key)
        return Touched(frozenset(said), frozenset(regrouped - said))

    def presence(self, record_key: str) -> Presence:
        """Give all that the bus now says of a record; kept while many subscribers ask for it.

        Nothing is kept past a write of another process, which may have erased it.
        """
        written_at = int(self._connection.pragma("data_version"))  # moves when others write
        if written_at != self._written_at:
            self._looked_at.clear()
            self._written_at = written_at
        known = self._looked_at.get(record_key)
        if known is None:
            known = self._presence(record_key)
            while len(self._looked_at) >= _MOST_KEPT:
                self._looked_at.popitem(last=False)
            self._looked_at[record_key] = known
        return known

    def outline(self, record_key: str) -> tuple[str, str] | None:
        """Give a record's department and kind; None when the record itself was not heard of."""
        found = rows(
            self._connection,
            "SELECT department, record_kind FROM said WHERE record_key = ? AND part = 0",
            (record_key,),
        )
        return (found[0][0], found[0][1]) if found else None

    def entities_of(self, record_key: str) -> frozenset[str]:
        """Give the entities that a record names."""
        sql = "SELECT entity FROM said WHERE record_key = ? AND part = 2 AND entity IS NOT NULL"
        return frozenset(entity for (entity,) in rows(self._connection, sql, (record_key,)))

    def entity_of(self, mention_id: str) -> str | None:
        """Give the entity of a mention; None while it has none."""
        record_key, _, local_id = mention_id.partition(".")
        sql = "SELECT entity FROM said WHERE record_key = ? AND part = 2 AND name = ?"
        found = rows(self._connection, sql, (record_key, local_id))
        return found[0][0] if found else None

    def naming(self, entities: Iterable[str]) -> list[str]:
        """Give the keys of the records that name any of some entities."""
        sql = "SELECT DISTINCT record_key FROM said WHERE entity = ? ORDER BY record_key"
        found = (key for each in entities for (key,) in rows(self._connection, sql, (each,)))
        return list(dict.fromkeys(found))

    def records_of(self, association_id: str) -> list[str]:
        """Give the key of the record that an association rests on; none when it is unheard of."""
        sql = "SELECT record_key FROM said WHERE part = 1 AND name = ?"
        return [record_key for (record_key,) in rows(self._connection, sql, (association_id,))]

    def after(self, record_key: str, limit: int) -> list[tuple[str, str, str]]:
        """Give key, department and kind of the next records in the order of their keys."""
        found = rows(
            self._connection,
            "SELECT record_key, department, record_kind FROM said "
            "WHERE record_key > ? AND part = 0 ORDER BY record_key LIMIT ?",
            (record_key, limit),
        )
        return [(key, department, kind) for key, department, kind in found]

    def forget(self, record_key: str) -> None:
        """Let the ended keys of a record go once nobody holds anything of it."""
        self._looked_at.pop(record_key, None)
        self._connection.execute(_FORGET, (record_key,))

    def _presence(self, record_key: str) -> Presence:
        found = rows(
            self._connection,
            "SELECT part, name, entity, value FROM said WHERE record_key = ?", (record_key,),
        )  # fmt: skip
        record: Record | None = None
        associations: dict[str, AssociationUpdate] = {}
        entities: dict[str, str] = {}
        verifications: RecordVerifications | None = None
        for part, name, entity, value in found:
            if part == Part.RECORD:
                record = cast(Record, self._decoders[Part.RECORD](value))
            elif part == Part.ASSOCIATION:
                decoded = self._decoders[Part.ASSOCIATION](value)
                associations[name] = cast(AssociationUpdate, decoded)
            elif part == Part.VERIFICATION:
                asked = self._decoders[Part.VERIFICATION](value)
                verifications = cast(RecordVerifications, asked)
            elif entity is not None:
                entities[name] = entity
        return Presence(record_key, record, associations, entities, verifications)

    def _put(self, said: Said, origin: str, version: int) -> None:
        values = (
            said.record_key, int(said.part), said.name, origin, version, said.department,
            said.record_kind, said.entity, said.value,
        )  # fmt: skip
        self._connection.execute(_PUT, values)
        self._looked_at.pop(said.record_key, None)

    def _end(self, table: str, key: str) -> None:
        """Note that a key's writer ended it, and let it go unless a subscriber must still hear."""
        part = _PARTS[table]
        if part is Part.ASSOCIATION:
            record_keys = self.records_of(key)
            self._connection.execute(_END, (int(part), key))
        else:
            record_key, _, name = key.partition(".")
            self._connection.execute(_END_OF_RECORD, (int(part), name, record_key))
            record_keys = [record_key]
        for record_key in record_keys:
            self.forget(record_key)
