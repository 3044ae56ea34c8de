"""The words of names in an index: counted, so that a word leaves with its last record.

Typing errors, nicknames, similar sounds and wildcards are resolved to words that are there.
The index then needs one token a word, and a hit can say which word it was found by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

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


def count_words(connection: apsw.Connection, changes: Counter[str]) -> None:
    """Add to (or take from) how often words are used; a word that is unused leaves."""
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

    def similar(self, word: str) -> Sequence[Word]:
        """Give the words that may mean `word`: itself, nicknames, misspellings, equal sounds."""
        levels = {word: Level.EXACT}
        for level, found in (
            (Level.NICKNAME, _nicknames(self._connection, word)),
            (Level.SPELLING, self._misspelt(word)),
            (Level.SOUND, _sounding(self._connection, word)),
        ):
            for other in _closest(word, [each for each in found if each not in levels]):
                levels[other] = level
        return [Word(each, level) for each, level in levels.items()]

    def like(self, pattern: str) -> Sequence[str]:
        """Give at most MOST_LIKE + 1 words that match a pattern of `*` and `?`, sorted."""
        start = pattern.replace("?", "*").partition("*")[0]
        found = self._connection.execute(
            "SELECT word FROM vocabulary WHERE word >= ? AND word < ? AND word GLOB ? "
            "ORDER BY word LIMIT ?",
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
        found = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=errors, limit=MOST_PER_LEVEL
        )
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


def _allowed_errors(word: str) -> int:
    if len(word) < _SHORTEST_WITH_ONE_ERROR or any(c.isdigit() for c in word):
        return 0
    return 2 if len(word) >= _SHORTEST_WITH_TWO_ERRORS else 1


def _closest(word: str, others: Sequence[str]) -> list[str]:
    ranked = sorted(others, key=lambda each: (-JaroWinkler.similarity(word, each), each))
    return ranked[:MOST_PER_LEVEL]
