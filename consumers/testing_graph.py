"""Entities and ties in memory, for the contract suites: every answer looks at everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from consumers.search.answers import Answered, Answers, answered
from consumers.search.document import Document, MentionType
from consumers.search.sight import Sight
from consumers.search.statements import (
    Pointer,
    RecordLine,
    Statement,
    StoredTie,
    each_owner_once,
    pointer_of_tie,
    unmasked_tie,
)
from consumers.search.ties import DefaultValue, Identity, Judged, Tie
from consumers.search.tokens import NUMBER
from consumers.sink import Change, Place


class MemoryGraph:
    """What `Graph` promises of a sight, over the changes that are in force at the moment of asking.

    `seen` gives the document as a sight sees it, None when it does not.
    """

    def __init__(
        self, in_force: Callable[[], Iterable[Change[Any]]], sight: Sight,
        class_of: Callable[[str], int], seen: Callable[[Document], Document | None],
    ) -> None:  # fmt: skip
        self._in_force, self._sight = in_force, sight
        self._class_of, self._seen = class_of, seen

    def entities_like(self, start: str, limit: int) -> Sequence[str]:
        """Give the entities whose id begins so, sorted."""
        found = {each.entity_id for each in self._identities()}
        return sorted(each for each in found if each.startswith(start))[:limit]

    def mentions_like(self, start: str, local_id: str, limit: int) -> Sequence[str]:
        """Give the mention ids of this local id in records whose key begins so, sorted."""
        keys = (e.record_key.hex() for e in self._identities() if e.local_id == local_id)
        return sorted(f"{key}.{local_id}" for key in keys if key.startswith(start))[:limit]

    def entities_of(self, mention_ids: Collection[str]) -> Mapping[str, str]:
        """Give the entity of each mention; one that has none is left out."""
        known = {_mention_id(each): each.entity_id for each in self._identities()}
        return {each: known[each] for each in mention_ids if each in known}

    def statements(self, entity: str, limit: int) -> Sequence[Statement]:
        """Give what records say of an entity, the newest event first."""
        found = [self._statement(e) for e in self._identities() if e.entity_id == entity]
        found.sort(key=lambda each: each.mention_id.partition(".")[::2])
        found.sort(key=lambda each: -each.record.occurred_us)
        return found[:limit]

    def mentions_count(self, entity: str) -> int:
        """Give how many mentions an entity has."""
        return sum(each.entity_id == entity for each in self._identities())

    def ties(self, entity: str, limit: int) -> Sequence[StoredTie]:
        """Give the ties of an entity by record and id; more than `limit` if there are more."""
        known = {_mention_id(each): each.entity_id for each in self._all(Identity)}
        shown = self._sight.shown
        found = [
            self._tie(tie, known)
            for tie in self._all(Tie)
            if self._class_of(tie.items) in shown
            and entity in (known.get(each) for each in _mentions(tie))
        ]
        return sorted(found, key=lambda e: (e.record_key, e.association_id))[: limit + 2]

    def pointers(self, entity: str) -> Sequence[Pointer]:
        """Give whom to ask about what is not shown of an entity, each owner once."""
        return each_owner_once([*self._pointed_records(entity), *self._pointed_ties(entity)])

    def default_values(self) -> frozenset[str]:
        """Give the values that very many share."""
        return frozenset(each.value for each in self._all(DefaultValue) if each.is_default)

    def judgement(self, pair: str) -> Mapping[str, Any] | None:
        """Give what was decided of two mentions, `a~b` with a < b."""
        found = [orjson.loads(each.told) for each in self._all(Judged) if each.pair == pair]
        return found[0] if found else None

    def answered(self, record_keys: Collection[str]) -> Mapping[str, Answered]:
        """Give what owners answered about records, by key; what has no answer is left out."""
        found = {}
        for each in self._all(Answers):
            change = self._record(each.record_key)
            if change is not None and each.record_key.hex() in record_keys:
                assert isinstance(change.payload, Document)
                shown = change.payload.mentions[0].shown
                found[each.record_key.hex()] = answered(each.told, shown, change.version)
        return found

    def place_of(self, record_key: str) -> Place | None:
        """Give where in `records.v1` the message of a record is."""
        record = self._record(bytes.fromhex(record_key))
        return record.place if record and self._seen_of(record) else None

    def _all(self, kind: type[Any]) -> list[Any]:
        return [each.payload for each in self._in_force() if isinstance(each.payload, kind)]

    def _identities(self) -> Iterator[Identity]:
        """Give who the mentions are whose records are seen."""
        for each in self._all(Identity):
            change = self._record(each.record_key)
            if change is not None and self._seen_of(change) is not None:
                yield each

    def _record(self, key: bytes) -> Change[Document] | None:
        found = (e for e in self._in_force() if isinstance(e.payload, Document) and e.key == key)
        return next(found, None)

    def _seen_of(self, change: Change[Document]) -> Document | None:
        said = change.payload
        return self._seen(said) if isinstance(said, Document) else None

    def _is_pointed(self, items: str) -> bool:
        view = self._sight.pointers
        return view is not None and self._class_of(items) in view.classes

    def _pointed_records(self, entity: str) -> Iterator[Pointer]:
        named = {e.record_key for e in self._all(Identity) if e.entity_id == entity}
        for change in reversed(list(self._in_force())):
            said = change.payload
            if isinstance(said, Document) and change.key in named and self._is_pointed(said.items):
                contact = orjson.loads(said.mentions[0].shown).get("contact", {})
                yield Pointer(
                    said.department, said.owner_ori, contact, change.key.hex(), change.version,
                    said.items,
                )  # fmt: skip

    def _pointed_ties(self, entity: str) -> Iterator[Pointer]:
        known = {_mention_id(each): each.entity_id for each in self._all(Identity)}
        for tie in reversed(self._all(Tie)):
            is_of_it = entity in (known.get(each) for each in _mentions(tie))
            if is_of_it and self._is_pointed(tie.items):
                yield pointer_of_tie(tie.record_key.hex(), tie.items, orjson.loads(tie.told))

    def _statement(self, identity: Identity) -> Statement:
        change = self._record(identity.record_key)
        assert change is not None
        record = self._seen_of(change)
        assert record is not None
        assert isinstance(change.payload, Document)
        of_record = orjson.loads(record.mentions[0].shown)
        line = RecordLine(
            record.record_key.hex(), record.record_kind, of_record.get("number"),
            record.department, record.owner_ori, record.occurred_us, change.version,
            of_record.get("contact", {}), bool(of_record.get("disputed")),
            self._sight.decisions[record.items].reasons,
        )  # fmt: skip
        said = _said(change.payload, record, of_record, identity.local_id)
        return Statement(_mention_id(identity), identity.kind, identity.verdicts, line, said)

    def _tie(self, tie: Tie, known: Mapping[str, str]) -> StoredTie:
        change = self._record(tie.record_key)
        decision = self._sight.decisions[tie.items]
        return StoredTie(
            tie.association_id.hex(), tie.record_key.hex(),
            known.get(_mentions(tie)[0], tie.from_entity),
            known.get(_mentions(tie)[1], tie.to_entity),
            unmasked_tie(orjson.loads(tie.told), decision.masked), self._number(change),
            decision.reasons,
        )  # fmt: skip

    def _number(self, change: Change[Document] | None) -> str | None:
        if change is None or not isinstance(change.payload, Document):
            return None
        view = self._sight.view_of(self._class_of(change.payload.items))
        if view is None or not view.sees(NUMBER, MentionType.RECORD):
            return None
        number: str | None = orjson.loads(change.payload.mentions[0].shown).get("number")
        return number


def _mention_id(identity: Identity) -> str:
    return f"{identity.record_key.hex()}.{identity.local_id}"


def _mentions(tie: Tie) -> tuple[str, str]:
    key = tie.record_key.hex()
    return f"{key}.{tie.from_local}", f"{key}.{tie.to_local}"


def _said(
    whole: Document, record: Document, of_record: Mapping[str, Any], local_id: str
) -> Mapping[str, Any]:
    for mention in record.mentions[1:]:
        if mention.local_id == local_id:
            shown = orjson.loads(mention.shown)
            return {name: value for name, value in shown.items() if name != "gated"}
    if any(mention.local_id == local_id for mention in whole.mentions[1:]):
        return {}
    matter = of_record.get("matters", {}).get(local_id)
    return {"caption": matter} if matter else {}
