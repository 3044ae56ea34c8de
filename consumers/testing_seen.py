"""What a sight sees of an index in memory: each record without what is hidden, then looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Protocol

import orjson

from consumers.search import tokens as t
from consumers.search.document import Document, Mention, MentionType
from consumers.search.engines.interface import Found, Freshness, Word
from consumers.search.plan import Column, Level, Plan
from consumers.search.sight import Sight, View
from consumers.search.statements import Pointer, each_owner_once
from consumers.search.visible import WORDS, unmasked
from consumers.testing_graph import MemoryGraph
from consumers.testing_hits import Kept, facets, hit, level_of, likeness, place


class Holdings(Protocol):
    """What an index holds, whatever a sight sees of it."""

    def kept(self) -> list[Kept]:
        """Give the latest change of every key, the oldest first."""

    def class_of(self, items: str) -> int:
        """Give the number of a class."""

    def freshness(self) -> Freshness:
        """Tell how complete the index is."""


class MemorySeen:
    """What a sight sees: each record is copied without what it does not see, then looked at."""

    def __init__(self, index: Holdings, sight: Sight) -> None:
        self._index, self._sight = index, sight
        self._known: dict[int, tuple[Document, Document | None]] = {}
        self._shown = [
            (kept, left)
            for kept in index.kept()
            if isinstance(kept.change.payload, Document)
            if (left := self._left(kept.change.payload)) is not None
        ]
        self.graph = MemoryGraph(
            lambda: [kept.change for kept in index.kept()], sight, index.class_of, self._left
        )

    def _left(self, found: Document) -> Document | None:
        """Give what is seen of a document, worked out once; it is kept so that its id stays its."""
        known = self._known.get(id(found))
        if known is None:
            known = self._known[id(found)] = (found, _left(found, self._sight, self._index))
        return known[1]

    def freshness(self) -> Freshness:
        """Tell how complete the index is; of departments, by the records that are shown."""
        newest: dict[str, int] = {}
        for _, found in self._shown:
            known = newest.get(found.department, 0)
            newest[found.department] = max(known, found.published_us)
        return replace(self._index.freshness(), newest_us=newest)

    def search(self, plan: Plan, timeout_seconds: float) -> Found:  # noqa: ARG002 - never slow
        """Find what a plan asks for by looking at everything."""
        found = [
            (level, kept, document)
            for kept, document in self._shown
            if (level := self._level(plan, document)) is not None
        ]
        found.sort(key=lambda each: place(plan.sort, *each))
        page = found[plan.offset : plan.offset + plan.limit]
        return Found(
            tuple(hit(plan, *each) for each in page), len(found), True,
            facets([document for _, _, document in found]), self._pointers(plan),
        )  # fmt: skip

    def _level(self, plan: Plan, seen: Document) -> Level | None:
        view = self._sight.view_of(self._index.class_of(seen.items))
        return level_of(plan, seen, is_whole=view is None or view.is_whole)

    def _pointers(self, plan: Plan) -> tuple[Pointer, ...]:
        asks_more = plan.record_kinds or plan.from_us is not None or plan.until_us is not None
        if self._sight.pointers is None or asks_more:
            return ()
        found = []
        for kept in reversed(self._index.kept()):
            said = kept.change.payload
            if isinstance(said, Document) and self._is_pointed(said):
                left = _seen_by(self._sight.pointers, said)
                if level_of(plan, left, is_whole=False) is not None:
                    contact = orjson.loads(said.mentions[0].shown).get("contact", {})
                    key, version = said.record_key.hex(), kept.change.version
                    owner = said.department, said.owner_ori
                    found.append(Pointer(*owner, contact, key, version, said.items))
        return each_owner_once(found)

    def _is_pointed(self, said: Document) -> bool:
        view = self._sight.pointers
        return view is not None and self._index.class_of(said.items) in view.classes

    def similar_names(self, word: str) -> Sequence[Word]:
        """Give the words of names that may mean this folded word, itself first."""
        others = [(likeness(word, each), each) for each in self._names() if each != word]
        ranked = sorted((level, each) for level, each in others if level is not None)
        return [Word(word, Level.EXACT), *(Word(each, level) for level, each in ranked)]

    def names_like(self, pattern: str) -> Sequence[str]:
        """Give the words of names that match a folded pattern with `*` and `?`, sorted."""
        return sorted(each for each in self._names() if fnmatchcase(each, pattern))

    def plates_like(self, pattern: str) -> Sequence[str]:
        """Give the folded plates that match a pattern with `*` and `?`, sorted."""
        plates = {mention.plate for _, found in self._shown for mention in found.mentions}
        return sorted(plate for plate in plates if plate and fnmatchcase(plate, pattern))

    def has_described_person(self, number: str) -> bool:
        """Tell whether a record with this compact number describes an unidentified person."""
        return any(
            t.NUMBER + number in found.mentions[0].tokens.split()
            and any(t.DESCRIBED in mention.tokens.split() for mention in found.mentions)
            for _, found in self._shown
        )

    def _names(self) -> set[str]:
        return {word for _, found in self._shown for word in found.names}


def _left(found: Document, sight: Sight, index: Holdings) -> Document | None:
    """Give what a sight sees of a document; None when nothing."""
    view = sight.view_of(index.class_of(found.items))
    if view is None:
        return None
    return found if view.is_whole else _seen_by(view, found)


def _seen_by(view: View, found: Document) -> Document:
    """Give a document without what a view does not see, made anew part by part."""
    mentions = tuple(
        _mention_seen(view, mention) for mention in found.mentions if view.sees_rows(mention.type)
    )
    words = sorted({
        word for mention in mentions for prefix, _, word in
        (token.partition(":") for token in mention.tokens.split()) if f"{prefix}:" in WORDS
    })  # fmt: skip
    names = found.names if view.sees(t.NAME, MentionType.PERSON) else ()
    bases = (found.bases, found.evidence) if view.sees_relations else ("", "")
    return found._replace(
        mentions=mentions, words=" ".join(words), names=names, bases=bases[0], evidence=bases[1],
        narrative=found.narrative if view.sees_narrative else "",
    )  # fmt: skip


def _mention_seen(view: View, mention: Mention) -> Mention:
    spans: dict[str, Any] = {
        column.value: getattr(mention, column.value) if view.sees_column(column) else None
        for column in Column
    }
    tokens = [token for token in mention.tokens.split() if view.sees(token, mention.type)]
    shown = orjson.dumps(unmasked(view.masked, mention.type, orjson.loads(mention.shown)))
    plate = mention.plate if view.sees(t.PLATE_PART, mention.type) else None
    left = mention._replace(tokens=" ".join(tokens), shown=shown, plate=plate)
    return left._replace(**spans)
