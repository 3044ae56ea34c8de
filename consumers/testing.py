"""What tests of consumers need: an index in memory that means what a plan means, and a sink.

`MemoryIndex` looks at every row of every record with `matching`, without any index. The contract
suites run on it and on the real engine, and compare them on plans that nobody thought of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any, NamedTuple, cast

import orjson
from fastavro import parse_schema, schemaless_reader
from rapidfuzz.distance import OSA

from consumers.search import tokens as t
from consumers.search.document import Document, Mention, MentionType, Span
from consumers.search.documents import document, microseconds
from consumers.search.engines.interface import (
    Found,
    Freshness,
    Hit,
    HitMention,
    SearchEngine,
    Seen,
    Word,
)
from consumers.search.matching import Texts, group_level, text_level
from consumers.search.plan import Atom, Clause, Column, Group, Level, Plan, Sort
from consumers.search.sight import Sight, View, everything
from consumers.search.statements import Pointer, each_owner_once
from consumers.search.ties import Tie
from consumers.search.visible import WORDS, unmasked
from consumers.sink import Applied, Change, Progress, Removal, TopicPartition, is_stale
from consumers.testing_graph import MemoryGraph
from recordbus.kafka.wire import unframe
from recordbus.normalize import given_names, phonetic
from schemas import catalog
from schemas.types import Record

_RECORD = parse_schema(catalog.avro_schema("recordbus.v1.Record"))


def decoded(framed: bytes | None) -> Record:
    """Give the record in a framed message of `records.v1`."""
    _, payload = unframe(framed)
    return cast(Record, schemaless_reader(BytesIO(bytes(payload)), _RECORD, None))


def change_of(record: Record, origin: str = "intake/0") -> Change[Document]:
    """Give the change that a record makes in the index."""
    payload = document(record) if record["status"] == "live" else Removal.MARKER
    return Change(
        bytes.fromhex(record["record_key"]), origin, record["version"], payload,
        record["department"], microseconds(record["published_at"]),
    )  # fmt: skip


class _Kept(NamedTuple):
    """A key's latest change, and when it came."""

    change: Change[Any]
    arrival: int


class MemoryIndex:
    """A sink and search engine without a file; the meaning of both, at the price of speed."""

    name = "memory"

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], _Kept] = {}
        self._progress: dict[TopicPartition, Progress] = {}
        self._newest: dict[str, int] = {}
        self._arrivals = 0
        self._classes: dict[str, int] = {}

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this index has read."""
        return {at: reached.next_offset for at, reached in self._progress.items()}

    def apply(
        self, changes: Sequence[Change[Any]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store changes and progress; nothing here can fail half-way."""
        touched: dict[tuple[str, bytes], Change[Any]] = {}
        places = {  # a batch is one step: whoever stood before it keeps its place
            key: kept.arrival
            for key, kept in self._kept.items()
            if not isinstance(kept.change.payload, Removal)
        }
        stale = 0
        for change in changes:
            if change.department is not None and change.published_us is not None:
                newest = max(self._newest.get(change.department, 0), change.published_us)
                self._newest[change.department] = newest
            key = (change.table, change.key)
            held = self._kept.get(key)
            known = (held.change.origin, held.change.version) if held else None
            if change.payload is Removal.TOMBSTONE:
                self._kept.pop(key, None)
            elif is_stale(known, change.origin, change.version):
                stale += 1
                continue
            else:
                self._arrivals += 1
                self._kept.pop(key, None)
                self._kept[key] = _Kept(change, places.setdefault(key, self._arrivals))
            if isinstance(change.payload, Document | Tie):
                self._classes.setdefault(change.payload.items, len(self._classes) + 1)
            touched[key] = change
        for at, reached in progress.items():
            before = self._progress.get(at, reached).complete_to_us
            latest = max(before, reached.complete_to_us)
            self._progress[at] = Progress(reached.next_offset, latest)
        stored = sum(not isinstance(change.payload, Removal) for change in touched.values())
        replaced = len(changes) - stale - len(touched)
        return Applied(stored, len(touched) - stored, stale, replaced)

    def settle(self) -> bool:
        """There is nothing to erase."""
        return True

    def close(self) -> None:
        """There is nothing to let go."""

    def count(self) -> int:
        """Give how many records the index holds."""
        return sum(1 for _ in self._documents())

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds."""
        return dict(Counter(document.department for _, document in self._documents()))

    def freshness(self) -> Freshness:
        """Tell how complete the index is; the slowest partition counts."""
        records = self._complete_to("records.v1")
        tied = self._complete_to("identities.v1", "associations.v1")
        return Freshness(records, dict(self._newest), tied)

    def _complete_to(self, *topics: str) -> int | None:
        times = (
            reached.complete_to_us
            for (topic, _), reached in self._progress.items()
            if topic in topics
        )
        return min(times, default=None)

    def classes(self) -> Mapping[int, str]:
        """Give what decisions depend on, by the number of each class."""
        return {number: items for items, number in self._classes.items()}

    def seen(self, sight: Sight) -> MemorySeen:
        """Give the reader of what a sight sees."""
        return MemorySeen(self, sight)

    def kept(self) -> list[_Kept]:
        """Give the latest change of every key, the oldest first."""
        return list(self._kept.values())

    def class_of(self, items: str) -> int:
        """Give the number of a class."""
        return self._classes[items]

    def _documents(self) -> Iterator[tuple[_Kept, Document]]:
        for kept in self._kept.values():
            if isinstance(kept.change.payload, Document):
                yield kept, kept.change.payload


class MemorySeen:
    """What a sight sees: each record is copied without what it does not see, then looked at."""

    def __init__(self, index: MemoryIndex, sight: Sight) -> None:
        self._index, self._sight = index, sight
        self._shown = [
            (kept, left)
            for kept in index.kept()
            if isinstance(kept.change.payload, Document)
            if (left := _left(kept.change.payload, sight, index)) is not None
        ]
        self.graph = MemoryGraph(
            lambda: [kept.change for kept in index.kept()], sight, index.class_of,
            lambda found: _left(found, sight, index),
        )  # fmt: skip

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
            if (level := _level(plan, document)) is not None
        ]
        found.sort(key=lambda each: _place(plan.sort, *each))
        page = found[plan.offset : plan.offset + plan.limit]
        return Found(
            tuple(_hit(plan, *each) for each in page), len(found), True,
            _facets([document for _, _, document in found]), self._pointers(plan),
        )  # fmt: skip

    def _pointers(self, plan: Plan) -> tuple[Pointer, ...]:
        asks_more = plan.record_kinds or plan.from_us is not None or plan.until_us is not None
        if self._sight.pointers is None or asks_more:
            return ()
        found = []
        for kept in reversed(self._index.kept()):
            said = kept.change.payload
            if isinstance(said, Document) and self._is_pointed(said):
                left = _seen_by(self._sight.pointers, said)
                if _level(plan, left) is not None:
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
        others = [(_likeness(word, each), each) for each in self._names() if each != word]
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


def _left(found: Document, sight: Sight, index: MemoryIndex) -> Document | None:
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


def seen_whole(engine: SearchEngine) -> Seen:
    """Give the reader of all that an index holds; for tests of indexes, not of answers."""
    return engine.seen(everything(engine.classes()))


def _likeness(word: str, other: str) -> Level | None:
    if given_names.canonical(word.upper()) == given_names.canonical(other.upper()):
        return Level.NICKNAME
    errors = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not any(c.isdigit() for c in word) and OSA.distance(word, other) <= errors:
        return Level.SPELLING
    if set(phonetic.codes(word.upper())) & set(phonetic.codes(other.upper())):
        return Level.SOUND
    return None


def _spans(mention: Mention) -> Mapping[Column, Span | None]:
    return {
        Column.BORN: mention.born,
        Column.AGE: mention.age,
        Column.HEIGHT: mention.height,
        Column.WEIGHT: mention.weight,
    }


def _level(plan: Plan, found: Document) -> Level | None:
    """Give the level of a record as a hit, or None when it is none."""
    if not _passes(plan, found):
        return None
    texts = Texts(found.narrative, found.words)
    levels = [text_level(clause, texts) for clause in plan.text]
    for group in plan.groups:
        answers = [_answer(group, mention) for mention in found.mentions]
        levels.append(min((level for level in answers if level is not None), default=None))
    worst = Level.EXACT
    for level in levels:
        if level is None:
            return None
        worst = max(worst, level)
    return None if any(texts.has(atom) for atom in plan.without) else worst


def _answer(group: Group, mention: Mention) -> Level | None:
    return group_level(group, set(mention.tokens.split()), _spans(mention))


def _passes(plan: Plan, found: Document) -> bool:
    return (
        (not plan.departments or found.department in plan.departments)
        and (not plan.record_kinds or found.record_kind in plan.record_kinds)
        and (plan.from_us is None or found.occurred_us >= plan.from_us)
        and (plan.until_us is None or found.occurred_us < plan.until_us)
    )


def _place(sort: Sort, level: Level, kept: _Kept, found: Document) -> tuple[int, int, int]:
    if sort is Sort.OLDEST:
        return (0, found.occurred_us, kept.arrival)
    return (level if sort is Sort.BEST else 0, -found.occurred_us, -kept.arrival)


def _hit(plan: Plan, level: Level, kept: _Kept, found: Document) -> Hit:
    mentions = tuple(
        HitMention(
            mention.type, frozenset(mention.tokens.split()), mention.shown,
            any(_answer(group, mention) is not None for group in plan.groups), mention.local_id,
        )
        for mention in found.mentions[1:]
    )  # fmt: skip
    return Hit(
        found.record_key.hex(), found.record_kind, found.department, found.owner_ori,
        found.occurred_us, found.published_us, kept.change.version, tuple(found.bases.split()),
        tuple(found.evidence.split()), found.items, level, found.narrative, found.words,
        found.mentions[0].shown, mentions,
    )  # fmt: skip


def _facets(found: Sequence[Document]) -> Mapping[str, Mapping[str, int]]:
    return {
        "department": Counter(each.department for each in found),
        "record_kind": Counter(each.record_kind for each in found),
        "basis": Counter(basis for each in found for basis in each.bases.split()),
        "evidence": Counter(kind for each in found for kind in each.evidence.split()),
    }


def clause(*tokens: str) -> Clause:
    """Give a clause that any of these tokens answers exactly."""
    return Clause(tuple(Atom(token) for token in tokens))
