"""The words of names in an index: counted, so that a word leaves with its last record.

Typing errors, nicknames, similar sounds and wildcards are resolved to words that are there.
The index then needs one token a word, and a hit can say which word it was found by.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import apsw
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from consumers.search.engines.interface import Word
from consumers.search.engines.sqlite.tables import rows
from consumers.search.plan import Level
from recordbus.normalize import given_names, phonetic

MOST_PER_LEVEL = 32
LONGEST_KEPT_SECONDS = 1.0
MOST_LIKE = 256
_SHORTEST_WITH_ONE_ERROR = 4
_SHORTEST_WITH_TWO_ERRORS = 8


class Use(NamedTuple):
    """A word in the name of somebody whom a record of a class names."""

    word: str
    class_id: int


def count_words(connection: apsw.Connection, uses: Counter[Use]) -> None:
    """Add to (or take from) how often words are used; a word that is unused leaves."""
    _count_by_class(connection, uses)
    changes: Counter[str] = Counter()
    for use, by in uses.items():
        changes[use.word] += by
    more = [(word, by, *_sounds(word)) for word, by in changes.items() if by > 0]
    less = [(by, word) for word, by in changes.items() if by < 0]
    connection.executemany(
        "INSERT INTO vocabulary VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (word) DO UPDATE SET uses = uses + excluded.uses",
        more,
    )
    if less:
        connection.executemany("UPDATE vocabulary SET uses = uses + ? WHERE word = ?", less)
        connection.executemany(
            "DELETE FROM vocabulary WHERE word = ? AND uses <= 0", ((word,) for _, word in less)
        )


def _count_by_class(connection: apsw.Connection, uses: Counter[Use]) -> None:
    more = [(*use, by) for use, by in uses.items() if by > 0]
    less = [(by, *use) for use, by in uses.items() if by < 0]
    connection.executemany(
        "INSERT INTO spoken VALUES (?, ?, ?) "
        "ON CONFLICT (word, class_id) DO UPDATE SET uses = uses + excluded.uses",
        more,
    )
    if less:
        where = "WHERE word = ? AND class_id = ?"
        connection.executemany(f"UPDATE spoken SET uses = uses + ? {where}", less)  # noqa: S608 - ours
        connection.executemany(
            f"DELETE FROM spoken {where} AND uses <= 0",  # noqa: S608 - ours
            ((word, class_id) for _, word, class_id in less),
        )


class Names:
    """The words as a reader looks them up.

    To find misspellings all words are kept in memory, for at most LONGEST_KEPT_SECONDS when the
    index changes; a word that came or went within that time is missed or finds nothing.
    """

    def __init__(self, connection: apsw.Connection, monotonic: Callable[[], float]) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._by_length: dict[int, list[str]] = {}
        self._change = -1
        self._read_at = 0.0

    def similar(self, word: str, classes: str) -> Sequence[Word]:
        """Give the words that may mean `word`: itself, nicknames, misspellings, equal sounds.

        Words that no record of `classes` says are as if they were not there, before any limit.
        """
        levels = {word: Level.EXACT}
        for level, found in (
            (Level.NICKNAME, _nicknames(self._connection, word)),
            (Level.SPELLING, self._misspelt(word)),
            (Level.SOUND, _sounding(self._connection, word)),
        ):
            others = [each for each in found if each not in levels]
            for other in _closest(word, _said(self._connection, others, classes)):
                levels[other] = level
        return [Word(each, level) for each, level in levels.items()]

    def like(self, pattern: str, classes: str) -> Sequence[str]:
        """Give at most MOST_LIKE + 1 words that match a pattern and that `classes` say, sorted."""
        start = pattern.replace("?", "*").partition("*")[0]
        found = self._connection.execute(
            "SELECT word FROM vocabulary WHERE word >= ? AND word < ? AND word GLOB ? "  # noqa: S608 - ours
            "AND EXISTS (SELECT 1 FROM spoken s WHERE s.word = vocabulary.word "
            f"AND s.class_id IN ({classes})) ORDER BY word LIMIT ?",
            (start, start + "\U0010ffff", pattern, MOST_LIKE + 1),
        )
        return [word for (word,) in found]

    def _misspelt(self, word: str) -> Iterable[str]:
        errors = _allowed_errors(word)
        if errors == 0:
            return ()
        self._read()
        lengths = range(len(word) - errors, len(word) + errors + 1)
        choices = [each for length in lengths for each in self._by_length.get(length, ())]
        found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=errors, limit=None)
        return (each for each, _, _ in found)

    def _read(self) -> None:
        now = self._monotonic()
        if self._by_length and now - self._read_at < LONGEST_KEPT_SECONDS:
            return
        self._read_at = now
        change = self._connection.pragma("data_version")
        if change != self._change:
            self._change = change
            self._by_length = {}
            for word, length in rows(self._connection, "SELECT word, length(word) FROM vocabulary"):
                self._by_length.setdefault(length, []).append(word)


@lru_cache(maxsize=65_536)
def _sounds(word: str) -> tuple[str, str, str]:
    upper = word.upper()
    codes = (*phonetic.codes(upper), "", "")
    return given_names.canonical(upper), codes[0], codes[1]


def _nicknames(connection: apsw.Connection, word: str) -> Iterable[str]:
    formal = given_names.canonical(word.upper())
    found = rows(connection, "SELECT word FROM vocabulary WHERE formal = ?", (formal,))
    return (each for (each,) in found)


def _sounding(connection: apsw.Connection, word: str) -> Iterable[str]:
    _, sound, other = _sounds(word)
    wanted = (sound, other or sound)
    if not sound:
        return ()
    found = rows(
        connection,
        "SELECT word FROM vocabulary WHERE sound IN (?, ?) "
        "UNION SELECT word FROM vocabulary WHERE other_sound <> '' AND other_sound IN (?, ?)",
        (*wanted, *wanted),
    )
    return (each for (each,) in found)


def _said(connection: apsw.Connection, words: Sequence[str], classes: str) -> list[str]:
    """Give those of some words that a record of some classes says, in their order."""
    known = rows(
        connection,
        "SELECT DISTINCT word FROM spoken WHERE word IN (SELECT value FROM json_each(?)) "  # noqa: S608 - numbers
        f"AND class_id IN ({classes})",
        (json.dumps(words),),
    )
    said = {word for (word,) in known}
    return [word for word in words if word in said]


def _allowed_errors(word: str) -> int:
    if len(word) < _SHORTEST_WITH_ONE_ERROR or any(c.isdigit() for c in word):
        return 0
    return 2 if len(word) >= _SHORTEST_WITH_TWO_ERRORS else 1


def _closest(word: str, others: Sequence[str]) -> list[str]:
    ranked = sorted(others, key=lambda each: (-JaroWinkler.similarity(word, each), each))
    return ranked[:MOST_PER_LEVEL]
