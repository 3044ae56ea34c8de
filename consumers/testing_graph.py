"""Entities and ties in memory, for the contract suites: every answer looks at everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson

from consumers.search.document import Document
from consumers.search.statements import RecordLine, Statement, StoredTie
from consumers.search.ties import DefaultValue, Identity, Judged, Tie
from consumers.sink import Change, Place


class MemoryGraph:
    """What `Graph` promises, over the changes that are in force at the moment of asking."""

    def __init__(self, in_force: Callable[[], Iterable[Change[Any]]]) -> None:
        self._in_force = in_force

    def entities_like(self, start: str, limit: int) -> Sequence[str]:
        """Give the entities whose id begins so, sorted."""
        found = {each.entity_id for each in self._all(Identity)}
        return sorted(each for each in found if each.startswith(start))[:limit]

    def mentions_like(self, start: str, local_id: str, limit: int) -> Sequence[str]:
        """Give the mention ids of this local id in records whose key begins so, sorted."""
        keys = (each.record_key.hex() for each in self._all(Identity) if each.local_id == local_id)
        return sorted(f"{key}.{local_id}" for key in keys if key.startswith(start))[:limit]

    def entities_of(self, mention_ids: Collection[str]) -> Mapping[str, str]:
        """Give the entity of each mention; one that has none is left out."""
        known = {_mention_id(each): each.entity_id for each in self._all(Identity)}
        return {each: known[each] for each in mention_ids if each in known}

    def statements(self, entity: str, limit: int) -> Sequence[Statement]:
        """Give what records say of an entity, the newest event first."""
        found = [self._statement(e) for e in self._all(Identity) if e.entity_id == entity]
        found.sort(key=lambda each: each.mention_id.partition(".")[::2])
        found.sort(key=lambda each: -each.record.occurred_us if each.record else 1 << 62)
        return found[:limit]

    def mentions_count(self, entity: str) -> int:
        """Give how many mentions an entity has."""
        return sum(each.entity_id == entity for each in self._all(Identity))

    def ties(self, entity: str, limit: int) -> Sequence[StoredTie]:
        """Give the ties of an entity by record and id; more than `limit` if there are more."""
        known = {_mention_id(each): each.entity_id for each in self._all(Identity)}
        found = [
            self._tie(tie, known)
            for tie in self._all(Tie)
            if entity in (known.get(each) for each in _mentions(tie))
        ]
        return sorted(found, key=lambda e: (e.record_key, e.association_id))[: limit + 2]

    def default_values(self) -> frozenset[str]:
        """Give the values that very many share."""
        return frozenset(each.value for each in self._all(DefaultValue) if each.is_default)

    def judgement(self, pair: str) -> Mapping[str, Any] | None:
        """Give what was decided of two mentions, `a~b` with a < b."""
        found = [orjson.loads(each.told) for each in self._all(Judged) if each.pair == pair]
        return found[0] if found else None

    def place_of(self, record_key: str) -> Place | None:
        """Give where in `records.v1` the message of a record is."""
        record = self._record(bytes.fromhex(record_key))
        return record.place if record else None

    def _all(self, kind: type[Any]) -> list[Any]:
        return [each.payload for each in self._in_force() if isinstance(each.payload, kind)]

    def _record(self, key: bytes) -> Change[Document] | None:
        found = (e for e in self._in_force() if isinstance(e.payload, Document) and e.key == key)
        return next(found, None)

    def _statement(self, identity: Identity) -> Statement:
        mention_id = _mention_id(identity)
        change = self._record(identity.record_key)
        if change is None or not isinstance(change.payload, Document):
            return Statement(mention_id, identity.kind, identity.verdicts, None, {})
        record = change.payload
        of_record = orjson.loads(record.mentions[0].shown)
        line = RecordLine(
            record.record_key.hex(), record.record_kind,
            None if record.restricted else of_record.get("number"), record.department,
            record.owner_ori, record.occurred_us, change.version, of_record.get("contact", {}),
            record.restricted, bool(of_record.get("disputed")),
        )  # fmt: skip
        said = {} if record.restricted else _said(record, of_record, identity.local_id)
        return Statement(mention_id, identity.kind, identity.verdicts, line, said)

    def _tie(self, tie: Tie, known: Mapping[str, str]) -> StoredTie:
        change = self._record(tie.record_key)
        shown = orjson.loads(change.payload.mentions[0].shown) if change else {}  # type: ignore[union-attr]
        return StoredTie(
            tie.association_id.hex(), tie.record_key.hex(),
            known.get(_mentions(tie)[0], tie.from_entity),
            known.get(_mentions(tie)[1], tie.to_entity),
            orjson.loads(tie.told), shown.get("number"),
        )  # fmt: skip


def _mention_id(identity: Identity) -> str:
    return f"{identity.record_key.hex()}.{identity.local_id}"


def _mentions(tie: Tie) -> tuple[str, str]:
    key = tie.record_key.hex()
    return f"{key}.{tie.from_local}", f"{key}.{tie.to_local}"


def _said(record: Document, of_record: Mapping[str, Any], local_id: str) -> Mapping[str, Any]:
    for mention in record.mentions[1:]:
        if mention.local_id == local_id:
            shown = orjson.loads(mention.shown)
            return {name: value for name, value in shown.items() if name != "gated"}
    matter = of_record.get("matters", {}).get(local_id)
    return {"caption": matter} if matter else {}
