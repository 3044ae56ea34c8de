"""Answers plans from an index file.

Invariant: each answer comes from one snapshot of the file, and no statement runs past its time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import apsw

from consumers.search import tokens as t
from consumers.search.document import MentionType, Span
from consumers.search.engines.interface import Found, Freshness, Hit, HitMention, TooSlow, Word
from consumers.search.engines.sqlite import vocabulary
from consumers.search.engines.sqlite.graph import SqliteGraph, versions_beside
from consumers.search.engines.sqlite.statements import ROWS_READ, quoted, statement
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, open_to_read, problems, rows
from consumers.search.matching import group_level
from consumers.search.plan import HITS_COUNTED, Column, Level, Plan, Sort

MOST_PLATES = 64
_STEPS_BETWEEN_LOOKS = 2000
_COMPLETE = "SELECT min(complete_to_us) FROM progress WHERE topic = 'records.v1'"
_TIED = (
    "SELECT min(complete_to_us) FROM progress WHERE topic IN ('identities.v1', 'associations.v1')"
)
_SPANS = "born_low, born_high, age_low, age_high, height_low, height_high, weight_low, weight_high"


_Row = tuple[int, int, str, str, str, str, int]
"""Row id, level, department, record kind, bases, evidence, time of the event in microseconds."""
_ROW_ID, _LEVEL, _DEPARTMENT, _KIND, _BASES, _EVIDENCE, _OCCURRED = range(7)


class SqliteSearch:
    """The reading side of an index file; for one thread."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Open the index at `path`; raises Retryable when there is none yet."""
        self._connection = open_to_read(path)
        self._monotonic = monotonic
        self._names = vocabulary.Names(self._connection, monotonic)
        self.graph = SqliteGraph(self._connection)

    def search(self, plan: Plan, timeout_seconds: float) -> Found:
        """Find what a plan asks for. Raises TooSlow when the time is up."""
        asked = statement(plan)
        with self._limited(timeout_seconds), self._connection:
            read = rows(self._connection, *asked)
            found = _distinct(read)
            is_exact = len(found) <= HITS_COUNTED and len(read) < ROWS_READ
            found = _sorted(found[:HITS_COUNTED], plan.sort)
            page = found[plan.offset : plan.offset + plan.limit]
            hits = tuple(self._hit(plan, row) for row in page)
        return Found(hits, len(found), is_exact, _facets(found))

    def similar_names(self, word: str) -> Sequence[Word]:
        """Give the words of names that may mean this folded word, itself first, best first."""
        return self._names.similar(word)

    def names_like(self, pattern: str) -> Sequence[str]:
        """Give the words of names that match a folded pattern with `*` and `?`, sorted."""
        return self._names.like(pattern)

    def plates_like(self, pattern: str) -> Sequence[str]:
        """Give the folded plates that match a pattern with `*` and `?`, sorted."""
        runs = pattern.replace("?", "*").split("*")
        grams = [gram for run in runs for gram in t.plate_grams(run)]
        if not grams:
            return ()
        found = rows(
            self._connection,
            "SELECT DISTINCT plate FROM mention WHERE id IN "
            "(SELECT rowid FROM mention_terms WHERE mention_terms MATCH ?) "
            "AND plate GLOB ? ORDER BY plate LIMIT ?",
            (" AND ".join(map(quoted, grams)), pattern, MOST_PLATES),
        )
        return [plate for (plate,) in found]

    def has_described_person(self, number: str) -> bool:
        """Tell whether a record with this compact number describes an unidentified person."""
        numbered = rows(
            self._connection,
            "SELECT rowid >> 16 FROM mention_terms WHERE mention_terms MATCH ?",
            (f"{quoted(t.NUMBER + number)} AND {quoted(t.RECORD_ROW)}",),
        )
        for (row_id,) in numbered:
            for _, tokens, *_ in self._mentions(row_id):
                if t.DESCRIBED in tokens.split():
                    return True
        return False

    def freshness(self) -> Freshness:
        """Tell how complete the index is; the slowest partition counts."""
        complete = rows(self._connection, _COMPLETE)[0][0]
        newest = rows(self._connection, "SELECT department, newest_us FROM freshness")
        return Freshness(complete, dict(newest), rows(self._connection, _TIED)[0][0])

    def positions(self) -> dict[tuple[str, int], int]:
        """Give the next offset that the writer will read of each partition."""
        stored = rows(self._connection, "SELECT topic, partition, next_offset FROM progress")
        return {(topic, partition): offset for topic, partition, offset in stored}

    def contents(self) -> tuple[dict[tuple[str, int], int], dict[str, int]]:
        """Give the positions, and the version of all that is there at them, by key.

        Keys are those of `consumers.search.verify.named`.
        """
        with self._connection:
            positions = self.positions()
            versions = rows(self._connection, "SELECT record_key, version FROM record")
            beside = dict(versions_beside(self._connection))
        return positions, {key.hex(): version for key, version in versions} | beside

    def problems(self) -> list[str]:
        """Check the file itself; give what is wrong with it, nothing when it is sound."""
        return problems(self._connection)

    def count(self) -> int:
        """Give how many records the index holds."""
        return int(rows(self._connection, "SELECT count(*) FROM record")[0][0])

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds; none has no entry."""
        sql = "SELECT department, count(*) FROM record GROUP BY department"
        return {str(name): int(count) for name, count in rows(self._connection, sql)}

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._connection.close()

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

    def _mentions(self, row_id: int) -> list[tuple[Any, ...]]:
        return rows(
            self._connection,
            f"SELECT type, tokens, shown, local_id, {_SPANS} FROM mention "  # noqa: S608 - our columns
            "WHERE id >= ? AND id < ? ORDER BY id",
            (row_id << ORDINAL_BITS, (row_id + 1) << ORDINAL_BITS),
        )

    def _hit(self, plan: Plan, row: _Row) -> Hit:
        row_id, level, department, kind, bases, evidence, occurred_us = row
        key, version, ori, published_us, restricted = rows(
            self._connection,
            "SELECT record_key, version, owner_ori, published_us, restricted FROM record "
            "WHERE id = ?",
            (row_id,),
        )[0]
        narrative, words = rows(
            self._connection, "SELECT narrative, words FROM record_text WHERE id = ?", (row_id,)
        )[0]
        first, *others = self._mentions(row_id)
        return Hit(
            key.hex(), kind, department, ori, occurred_us, published_us, version,
            tuple(bases.split()), tuple(evidence.split()), bool(restricted), Level(level),
            narrative, words, first[2], tuple(_mention(plan, other) for other in others),
        )  # fmt: skip


def _mention(plan: Plan, row: tuple[Any, ...]) -> HitMention:
    kind, text, shown, local_id, *spans = row
    tokens = frozenset(text.split())
    of_column: Mapping[Column, Span | None] = {
        column: None if spans[2 * n] is None else Span(spans[2 * n], spans[2 * n + 1])
        for n, column in enumerate(Column)
    }
    is_match = any(group_level(group, tokens, of_column) is not None for group in plan.groups)
    return HitMention(MentionType(kind), tokens, shown, is_match, local_id)


def _distinct(found: list[tuple[Any, ...]]) -> list[_Row]:
    """Give one row for each record; several mentions of one may have been found."""
    return list({row[_ROW_ID]: row for row in found}.values())


def _sorted(found: list[_Row], sort: Sort) -> list[_Row]:
    is_oldest_first = sort is Sort.OLDEST
    found = sorted(found, key=itemgetter(_OCCURRED, _ROW_ID), reverse=not is_oldest_first)
    return sorted(found, key=itemgetter(_LEVEL)) if sort is Sort.BEST else found


def _facets(found: Sequence[_Row]) -> Mapping[str, Mapping[str, int]]:
    """Count hits by value; a record with two bases counts for both."""
    return {
        "department": Counter(map(itemgetter(_DEPARTMENT), found)),
        "record_kind": Counter(map(itemgetter(_KIND), found)),
        "basis": _of_many(Counter(map(itemgetter(_BASES), found))),
        "evidence": _of_many(Counter(map(itemgetter(_EVIDENCE), found))),
    }


def _of_many(counted: Counter[str]) -> Counter[str]:
    total: Counter[str] = Counter()
    for values, count in counted.items():
        for value in values.split():
            total[value] += count
    return total
