"""Reads entities, ties, default values, judgements and answers from an index file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import apsw
import orjson

from consumers.search.answers import ANSWERS, Answered, answered
from consumers.search.document import MentionType
from consumers.search.engines.sqlite.keyed import mention_key, packed, unpacked
from consumers.search.engines.sqlite.sources import numbers
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, rows
from consumers.search.sight import Sight, View
from consumers.search.statements import (
    Pointer,
    RecordLine,
    Statement,
    StoredTie,
    each_owner_once,
    pointer_of_tie,
    unmasked_tie,
)
from consumers.search.ties import DEFAULT_VALUES, IDENTITIES, JUDGEMENTS, TIES
from consumers.search.tokens import NUMBER
from consumers.search.visible import unmasked
from consumers.sink import Place

_HEX = 16
_STATEMENTS = f"""
    SELECT i.record_key, i.local_id, i.kind, i.verdicts, r.record_kind, r.department, r.owner_ori,
        r.occurred_us, r.version, r.class_id, (SELECT items FROM class WHERE id = r.class_id),
        (SELECT shown FROM mention WHERE id = r.id << {ORDINAL_BITS}),
        (SELECT shown FROM mention WHERE id > r.id << {ORDINAL_BITS}
            AND id < (r.id + 1) << {ORDINAL_BITS} AND local_id = i.local_id),
        (SELECT type FROM mention WHERE id > r.id << {ORDINAL_BITS}
            AND id < (r.id + 1) << {ORDINAL_BITS} AND local_id = i.local_id)
    FROM identity i CROSS JOIN record r ON r.record_key = i.record_key WHERE i.entity = ?
        AND r.class_id IN ({{}})
    ORDER BY r.occurred_us DESC, i.record_key, i.local_id LIMIT ?"""  # noqa: S608 - our number
_TIES = f"""
    SELECT t.association_id, t.record_key, coalesce(a.entity, t.from_entity),
        coalesce(b.entity, t.to_entity), t.told, (SELECT items FROM class WHERE id = t.class_id),
        (SELECT m.shown FROM record r JOIN mention m ON m.id = r.id << {ORDINAL_BITS}
            WHERE r.record_key = t.record_key AND r.class_id IN ({{numbered}}))
    FROM identity i CROSS JOIN tie t ON t.record_key = i.record_key
        AND i.local_id IN (t.from_local, t.to_local) AND t.told IS NOT NULL
        AND t.class_id IN ({{shown}})
    LEFT JOIN identity a ON a.record_key = t.record_key AND a.local_id = t.from_local
    LEFT JOIN identity b ON b.record_key = t.record_key AND b.local_id = t.to_local
    WHERE i.entity = ? ORDER BY i.record_key, t.association_id LIMIT ?"""  # noqa: S608 - our number
_POINTED_RECORDS = f"""
    SELECT r.department, r.owner_ori, r.record_key, r.version,
        (SELECT items FROM class WHERE id = r.class_id),
        (SELECT shown FROM mention WHERE id = r.id << {ORDINAL_BITS}), max(r.id)
    FROM identity i CROSS JOIN record r ON r.record_key = i.record_key
    WHERE i.entity = ? AND r.class_id IN ({{}}) GROUP BY 1, 2"""  # noqa: S608 - our number
_POINTED_TIES = """
    SELECT t.record_key, (SELECT items FROM class WHERE id = t.class_id), t.told, max(t.id)
    FROM identity i CROSS JOIN tie t ON t.record_key = i.record_key
        AND i.local_id IN (t.from_local, t.to_local) AND t.told IS NOT NULL
        AND t.class_id IN ({})
    WHERE i.entity = ? GROUP BY t.told -> '$.source.department', t.told -> '$.source.owner_ori'"""

_ANSWERED = f"""
    SELECT a.record_key, a.told, (SELECT shown FROM mention WHERE id = r.id << {ORDINAL_BITS}),
        r.version
    FROM json_each(?) k CROSS JOIN answer a ON a.record_key = unhex(k.value)
        AND a.told IS NOT NULL CROSS JOIN record r ON r.record_key = a.record_key"""  # noqa: S608 - our number


class SqliteGraph:
    """What a sight sees of the tables beside the records; shares its reader's connection."""

    def __init__(self, connection: apsw.Connection, sight: Sight) -> None:
        self._connection, self._sight = connection, sight
        self._shown = numbers(sight.shown)
        self._pointed = numbers(sight.pointers.classes if sight.pointers else ())
        seeing = [v.classes for v in sight.views if v.sees(NUMBER, MentionType.RECORD)]
        self._numbered = numbers(frozenset().union(*seeing))

    def entities_like(self, start: str, limit: int) -> Sequence[str]:
        """Give the entities whose id begins so, sorted."""
        found = {
            unpacked(entity)
            for low, high in _ranges(start)
            for (entity,) in rows(
                self._connection,
                "SELECT DISTINCT i.entity FROM identity i "  # noqa: S608 - our numbers
                "CROSS JOIN record r ON r.record_key = i.record_key "
                f"AND r.class_id IN ({self._shown}) WHERE i.entity >= ? AND i.entity < ? "
                "ORDER BY i.entity LIMIT ?",
                (low, high, limit),
            )
        }
        return sorted(each for each in found if each.startswith(start))[:limit]

    def mentions_like(self, start: str, local_id: str, limit: int) -> Sequence[str]:
        """Give the mention ids of this local id in records whose key begins so, sorted."""
        found = [
            key
            for low, high in _ranges(start)
            if isinstance(low, bytes)
            for (key,) in rows(
                self._connection,
                "SELECT i.record_key FROM identity i "  # noqa: S608 - our numbers
                "CROSS JOIN record r ON r.record_key = i.record_key "
                f"AND r.class_id IN ({self._shown}) WHERE i.record_key >= ? AND i.record_key < ? "
                "AND i.local_id = ? AND i.entity IS NOT NULL ORDER BY i.record_key LIMIT ?",
                (low, high, local_id, limit),
            )
        ]
        return [f"{key.hex()}.{local_id}" for key in found if key.hex().startswith(start)]

    def entities_of(self, mention_ids: Collection[str]) -> Mapping[str, str]:
        """Give the entity of each mention; one that has none is left out."""
        found = {}
        for mention_id in mention_ids:
            for (entity,) in self._connection.execute(
                "SELECT i.entity FROM identity i "  # noqa: S608 - our numbers
                "CROSS JOIN record r ON r.record_key = i.record_key "
                f"AND r.class_id IN ({self._shown}) "
                "WHERE i.record_key = ? AND i.local_id = ? AND i.entity IS NOT NULL",
                mention_key(mention_id),
            ):
                found[mention_id] = unpacked(entity)
        return found

    def statements(self, entity: str, limit: int) -> Sequence[Statement]:
        """Give what records say of an entity, the newest event first."""
        sql = _STATEMENTS.format(self._shown)
        return [self._statement(row) for row in rows(self._connection, sql,
                                                     (packed(entity), limit))]  # fmt: skip

    def mentions_count(self, entity: str) -> int:
        """Give how many mentions an entity has."""
        sql = (
            "SELECT count(*) FROM identity i CROSS JOIN record r "  # noqa: S608 - our numbers
            f"ON r.record_key = i.record_key AND r.class_id IN ({self._shown}) WHERE i.entity = ?"
        )
        return int(rows(self._connection, sql, (packed(entity),))[0][0])

    def ties(self, entity: str, limit: int) -> Sequence[StoredTie]:
        """Give the ties of an entity by record and id; more than `limit` if there are more."""
        sql = _TIES.format(numbered=self._numbered, shown=self._shown)
        found = rows(self._connection, sql, (packed(entity), limit + 2))
        return list({row[0]: self._tie(row) for row in found}.values())

    def pointers(self, entity: str) -> Sequence[Pointer]:
        """Give whom to ask about what is not shown of an entity, each owner once."""
        if not self._pointed:
            return ()
        found = [
            Pointer(
                department, ori, orjson.loads(shown).get("contact", {}), key.hex(), version, items
            )
            for department, ori, key, version, items, shown, _ in rows(
                self._connection, _POINTED_RECORDS.format(self._pointed), (packed(entity),)
            )
        ]
        for key, items, told, _ in rows(
            self._connection, _POINTED_TIES.format(self._pointed), (packed(entity),)
        ):
            found.append(pointer_of_tie(key.hex(), items, orjson.loads(told)))
        return each_owner_once(found)

    def default_values(self) -> frozenset[str]:
        """Give the values that very many share."""
        sql = "SELECT value FROM default_value WHERE is_default = 1"
        return frozenset(value for (value,) in rows(self._connection, sql))

    def judgement(self, pair: str) -> Mapping[str, Any] | None:
        """Give what was decided of two mentions, `a~b` with a < b."""
        sql = "SELECT told FROM judgement WHERE pair = ? AND told IS NOT NULL"
        found = rows(self._connection, sql, (pair,))
        return dict(orjson.loads(found[0][0])) if found else None

    def answered(self, record_keys: Collection[str]) -> Mapping[str, Answered]:
        """Give what owners answered about records, by key; what has no answer is left out."""
        wanted = orjson.dumps(sorted(record_keys)).decode()
        return {
            key.hex(): answered(told, shown, version)
            for key, told, shown, version in rows(self._connection, _ANSWERED, (wanted,))
        }

    def place_of(self, record_key: str) -> Place | None:
        """Give where in `records.v1` the message of a record is."""
        sql = (
            "SELECT log_partition, log_offset FROM record "  # noqa: S608 - our numbers
            f"WHERE record_key = ? AND class_id IN ({self._shown})"
        )
        found = rows(self._connection, sql, (bytes.fromhex(record_key),))
        return (found[0][0], found[0][1]) if found else None

    def _statement(self, row: tuple[Any, ...]) -> Statement:
        key, local_id, kind, verdicts, record_kind, department, ori, occurred, version, *rest = row
        class_id, items, record_shown, shown, type_ = rest
        view = self._sight.view_of(class_id)
        assert view is not None, "a row of a class that is not seen was read"
        of_record = unmasked(view.masked, MentionType.RECORD, orjson.loads(record_shown))
        line = RecordLine(
            key.hex(), record_kind, of_record.get("number"), department, ori, occurred, version,
            of_record.get("contact", {}), bool(of_record.get("disputed")),
            self._sight.decisions[items].reasons,
        )  # fmt: skip
        says = _said(view, of_record, local_id, shown, type_)
        named = tuple((verdicts or "").split())
        return Statement(f"{key.hex()}.{local_id}", kind, named, line, says)

    def _tie(self, row: tuple[Any, ...]) -> StoredTie:
        association, record_key, start, end, told, items, shown = row
        decision = self._sight.decisions[items]
        number = orjson.loads(shown).get("number") if shown else None
        return StoredTie(
            association.hex(), record_key.hex(), unpacked(start), unpacked(end),
            unmasked_tie(orjson.loads(told), decision.masked), number, decision.reasons,
        )  # fmt: skip


def versions_beside(connection: apsw.Connection) -> Iterator[tuple[str, int]]:
    """Yield the version of everything that is there beside the records, by what it is called."""
    for key, local_id, version in connection.execute(
        "SELECT record_key, local_id, version FROM identity WHERE entity IS NOT NULL"
    ):
        yield f"{IDENTITIES} {key.hex()}.{local_id}", version
    for key, version in connection.execute(
        "SELECT association_id, version FROM tie WHERE told IS NOT NULL"
    ):
        yield f"{TIES} {key.hex()}", version
    for value, version in connection.execute(
        "SELECT value, version FROM default_value WHERE is_default IS NOT NULL"
    ):
        yield f"{DEFAULT_VALUES} {value}", version
    for pair, version in connection.execute(
        "SELECT pair, version FROM judgement WHERE told IS NOT NULL"
    ):
        yield f"{JUDGEMENTS} {pair}", version
    for key, version in connection.execute(
        "SELECT record_key, version FROM answer WHERE told IS NOT NULL"
    ):
        yield f"{ANSWERS} {key.hex()}", version


def _ranges(start: str) -> Iterator[tuple[bytes | str, bytes | str]]:
    """Give between which stored ids all are that begin so: as bytes when packed, and as text."""
    yield start, start + "\U0010ffff"
    try:
        number = int(start, _HEX)
    except ValueError:
        return
    odd = len(start) % 2
    width = (len(start) + odd) // 2
    low = number << 4 if odd else number
    high = low + (16 if odd else 1)
    limit = 1 << (8 * width)
    top = b"\xff" * 65 if high >= limit else high.to_bytes(width, "big")
    yield low.to_bytes(width, "big"), top


def _said(
    view: View, of_record: Mapping[str, Any], local_id: str, shown: bytes | None, type_: int | None
) -> Mapping[str, Any]:
    """Give what a record says of a mention, never what R-12 gates or a mask takes away."""
    if shown is None or type_ is None:
        matter = of_record.get("matters", {}).get(local_id)
        return {"caption": matter} if matter else {}
    kind = MentionType(type_)
    if not view.sees_rows(kind):
        return {}
    left = unmasked(view.masked, kind, orjson.loads(shown))
    return {name: value for name, value in left.items() if name != "gated"}
