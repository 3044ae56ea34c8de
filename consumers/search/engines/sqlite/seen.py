"""Answers plans from an index file, for one sight.

Invariant: each answer comes from one snapshot of the file, no statement runs past its time, and
none gives a row of a class that the sight does not see: what is not seen takes no place on a page,
in a count, or before a limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import apsw
import orjson

from consumers.search import tokens as t
from consumers.search.document import MentionType, Span
from consumers.search.engines.interface import (
    Found,
    Freshness,
    Hit,
    HitMention,
    TooSlow,
    Word,
)
from consumers.search.engines.sqlite.graph import SqliteGraph
from consumers.search.engines.sqlite.sources import numbers, quoted
from consumers.search.engines.sqlite.statements import ROWS_READ, pointers_statement, statement
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, rows
from consumers.search.engines.sqlite.vocabulary import Names
from consumers.search.matching import group_level
from consumers.search.plan import HITS_COUNTED, Column, Level, Plan, Sort
from consumers.search.sight import Sight, View
from consumers.search.statements import Pointer
from consumers.search.visible import WORDS, unmasked

MOST_PLATES = 64
_STEPS_BETWEEN_LOOKS = 2000
_SPANS = "born_low, born_high, age_low, age_high, height_low, height_high, weight_low, weight_high"
_OF_RECORD = (
    "SELECT record_key, version, owner_ori, published_us, "
    "(SELECT items FROM class WHERE id = class_id) FROM record WHERE id = ?"
)
_NEWEST = (
    "SELECT json_extract(items, '$[0][0]'), max(newest_us) FROM class "
    "WHERE newest_us > 0 AND id IN ({}) GROUP BY 1"
)


class _Row(NamedTuple):
    """A record that was found; the time of its event in microseconds."""

    row_id: int
    level: int
    department: str
    kind: str
    bases: str
    evidence: str
    occurred_us: int
    class_id: int


class SqliteSeen:
    """What one sight sees of an index file; shares the connection of its reader."""

    def __init__(
        self, connection: apsw.Connection, names: Names, sight: Sight,
        freshness: Callable[[], Freshness], monotonic: Callable[[], float],
    ) -> None:  # fmt: skip
        self._connection, self._names, self._sight = connection, names, sight
        self._freshness, self._monotonic = freshness, monotonic
        self._named = numbers(_classes(sight, t.NAME, MentionType.PERSON))
        self.graph = SqliteGraph(connection, sight)

    def search(self, plan: Plan, timeout_seconds: float) -> Found:
        """Find what a plan asks for. Raises TooSlow when the time is up."""
        with self._limited(timeout_seconds), self._connection:
            found, is_exact = self._found(plan)
            found = _sorted(found, plan.sort)
            page = found[plan.offset : plan.offset + plan.limit]
            hits = tuple(self._hit(plan, row) for row in page)
            pointers = tuple(self._pointers(plan))
        return Found(hits, len(found), is_exact, _facets(found), pointers)

    def similar_names(self, word: str) -> Sequence[Word]:
        """Give the words of names that may mean this folded word, itself first, best first."""
        return self._names.similar(word, self._named)

    def names_like(self, pattern: str) -> Sequence[str]:
        """Give the words of names that match a folded pattern with `*` and `?`, sorted."""
        return self._names.like(pattern, self._named)

    def plates_like(self, pattern: str) -> Sequence[str]:
        """Give the folded plates that match a pattern with `*` and `?`, sorted."""
        runs = pattern.replace("?", "*").split("*")
        grams = [gram for run in runs for gram in t.plate_grams(run)]
        if not grams:
            return ()
        classes = numbers(_classes(self._sight, t.PLATE_PART, MentionType.VEHICLE))
        found = rows(
            self._connection,
            "SELECT DISTINCT m.plate FROM mention m "  # noqa: S608 - our numbers
            f"JOIN record r ON r.id = m.id >> {ORDINAL_BITS} AND r.class_id IN ({classes}) "
            "WHERE m.id IN (SELECT rowid FROM mention_terms WHERE mention_terms MATCH ?) "
            "AND m.plate GLOB ? ORDER BY m.plate LIMIT ?",
            (" AND ".join(map(quoted, grams)), pattern, MOST_PLATES),
        )
        return [plate for (plate,) in found]

    def has_described_person(self, number: str) -> bool:
        """Tell whether a record with this compact number describes an unidentified person."""
        numbered = _classes(self._sight, t.NUMBER, MentionType.RECORD)
        described = _classes(self._sight, t.DESCRIBED, MentionType.PERSON)
        records = rows(
            self._connection,
            "SELECT r.id FROM mention_terms f "  # noqa: S608 - our numbers
            f"CROSS JOIN record r ON r.id = f.rowid >> {ORDINAL_BITS} "
            f"AND r.class_id IN ({numbers(numbered & described)}) WHERE mention_terms MATCH ?",
            (f"{quoted(t.NUMBER + number)} AND {quoted(t.RECORD_ROW)}",),
        )
        for (row_id,) in records:
            for _, tokens, *_ in self._mentions(row_id):
                if t.DESCRIBED in tokens.split():
                    return True
        return False

    def freshness(self) -> Freshness:
        """Tell how complete the index is; of departments, by the records that are shown."""
        newest = rows(self._connection, _NEWEST.format(numbers(self._sight.shown)))
        return replace(self._freshness(), newest_us=dict(newest))

    @contextmanager
    def _limited(self, timeout_seconds: float) -> Iterator[None]:
        deadline = self._monotonic() + timeout_seconds
        self._connection.set_progress_handler(
            lambda: self._monotonic() > deadline, _STEPS_BETWEEN_LOOKS
        )
        try:
            yield
        except apsw.InterruptError as error:
            raise TooSlow from error
        finally:
            self._connection.set_progress_handler(None)

    def _found(self, plan: Plan) -> tuple[list[_Row], bool]:
        """Give what the views find, each by itself, the best first; and whether that is all."""
        found: dict[int, tuple[Any, ...]] = {}
        is_exact = True
        for view in self._sight.views:
            read = rows(self._connection, *statement(plan, view))
            is_exact = is_exact and len(read) < ROWS_READ
            hits = {row[0]: row for row in read}
            found |= hits if view.sees_relations else _without_grounds(hits)
            is_exact = is_exact and len(hits) <= HITS_COUNTED
        newest = sorted(found.values(), key=itemgetter(0), reverse=True)
        best = sorted(newest, key=itemgetter(1))[:HITS_COUNTED]
        return [_Row._make(row) for row in best], is_exact and len(found) <= HITS_COUNTED

    def _pointers(self, plan: Plan) -> Iterator[Pointer]:
        view = self._sight.pointers
        if view is None:
            return
        for row_id, department, ori in sorted(
            rows(self._connection, *pointers_statement(plan, view)), key=itemgetter(1, 2)
        ):
            key, version, _, _, items = rows(self._connection, _OF_RECORD, (row_id,))[0]
            first, *_ = self._mentions(row_id)
            contact = orjson.loads(first[2]).get("contact", {})
            yield Pointer(department, ori, contact, key.hex(), version, items)

    def _mentions(self, row_id: int) -> list[tuple[Any, ...]]:
        return rows(
            self._connection,
            f"SELECT type, tokens, shown, local_id, {_SPANS} FROM mention "  # noqa: S608 - our columns
            "WHERE id >= ? AND id < ? ORDER BY id",
            (row_id << ORDINAL_BITS, (row_id + 1) << ORDINAL_BITS),
        )

    def _hit(self, plan: Plan, row: _Row) -> Hit:
        view = self._sight.view_of(row.class_id)
        assert view is not None, "a row of a class that is not seen was read"
        key, version, ori, published_us, items = rows(self._connection, _OF_RECORD, (row.row_id,))[
            0
        ]
        narrative, words = rows(
            self._connection, "SELECT narrative, words FROM record_text WHERE id = ?", (row.row_id,)
        )[0]
        first, *others = self._mentions(row.row_id)
        seen = [each for each in others if view.sees_rows(MentionType(each[0]))]
        mentions = tuple(_mention(plan, view, each) for each in seen)
        if not view.is_whole:
            narrative = narrative if view.sees_narrative else ""
            words = _words([_tokens(view, first), *(each.tokens for each in mentions)])
        return Hit(
            key.hex(), row.kind, row.department, ori, row.occurred_us, published_us, version,
            tuple(row.bases.split()), tuple(row.evidence.split()), items, Level(row.level),
            narrative, words, _shown(view, first), mentions,
        )  # fmt: skip


def _classes(sight: Sight, token: str, kind: MentionType) -> frozenset[int]:
    """Give the classes of records by whose tokens of a kind something may be found."""
    seen = (view.classes for view in sight.views if view.sees(token, kind))
    return frozenset().union(*seen)


def _without_grounds(found: Mapping[int, tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """Give rows by their ids without the grounds that their view does not see."""
    return {
        row_id: _Row._make(row)._replace(bases="", evidence="") for row_id, row in found.items()
    }


def _tokens(view: View, row: Sequence[Any]) -> frozenset[str]:
    kind = MentionType(row[0])
    return frozenset(token for token in row[1].split() if view.sees(token, kind))


def _words(tokens: Sequence[frozenset[str]]) -> str:
    """Give the words that tokens say, as `statements` asks for them."""
    pairs = (token.partition(":") for row in tokens for token in row)
    return " ".join(sorted({word for prefix, _, word in pairs if f"{prefix}:" in WORDS}))


def _shown(view: View, row: Sequence[Any]) -> bytes:
    if view.is_whole:
        return bytes(row[2])
    return orjson.dumps(unmasked(view.masked, MentionType(row[0]), orjson.loads(row[2])))


def _mention(plan: Plan, view: View, row: tuple[Any, ...]) -> HitMention:
    kind, text, _, local_id, *spans = row
    tokens = frozenset(text.split()) if view.is_whole else _tokens(view, row)
    of_column: Mapping[Column, Span | None] = {
        column: None
        if spans[2 * n] is None or not view.sees_column(column)
        else Span(spans[2 * n], spans[2 * n + 1])
        for n, column in enumerate(Column)
    }
    is_match = any(group_level(group, tokens, of_column) is not None for group in plan.groups)
    return HitMention(MentionType(kind), tokens, _shown(view, row), is_match, local_id)


def _sorted(found: list[_Row], sort: Sort) -> list[_Row]:
    is_oldest_first = sort is Sort.OLDEST
    by_time = sorted(found, key=attrgetter("occurred_us", "row_id"), reverse=not is_oldest_first)
    return sorted(by_time, key=attrgetter("level")) if sort is Sort.BEST else by_time


def _facets(found: Sequence[_Row]) -> Mapping[str, Mapping[str, int]]:
    """Count hits by value; a record with two bases counts for both."""
    return {
        "department": Counter(map(attrgetter("department"), found)),
        "record_kind": Counter(map(attrgetter("kind"), found)),
        "basis": _of_many(Counter(map(attrgetter("bases"), found))),
        "evidence": _of_many(Counter(map(attrgetter("evidence"), found))),
    }


def _of_many(counted: Counter[str]) -> Counter[str]:
    total: Counter[str] = Counter()
    for values, count in counted.items():
        for value in values.split():
            total[value] += count
    return total
