"""The words of names in an index: counted, so that a word leaves with its last record.

Typing errors, nicknames, similar sounds and wildcards are resolved to words that are there.
The index then needs one token a word, and a hit can say which word it was found by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import apsw
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from consumers.search.engines.interface import Word
from consumers.search.plan import Level
from recordbus.normalize import given_names, phonetic

MOST_PER_LEVEL = 64
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


def similar(connection: apsw.Connection, word: str) -> Sequence[Word]:
    """Give the words that may mean `word`: itself, nicknames, misspellings, equal sounds."""
    levels = {word: Level.EXACT}
    for level, found in (
        (Level.NICKNAME, _nicknames(connection, word)),
        (Level.SPELLING, _misspelt(connection, word)),
        (Level.SOUND, _sounding(connection, word)),
    ):
        for other in _closest(word, [each for each in found if each not in levels]):
            levels[other] = level
    return [Word(each, level) for each, level in levels.items()]


def like(connection: apsw.Connection, pattern: str) -> Sequence[str]:
    """Give at most MOST_LIKE + 1 words that match a pattern of `*` and `?`, sorted."""
    start = pattern.replace("?", "*").partition("*")[0]
    rows = connection.execute(
        "SELECT word FROM vocabulary WHERE word >= ? AND word < ? AND word GLOB ? "
        "ORDER BY word LIMIT ?",
        (start, start + "\U0010ffff", pattern, MOST_LIKE + 1),
    )
    return [word for (word,) in rows]


def _sounds(word: str) -> tuple[str, str, str]:
    upper = word.upper()
    codes = (*phonetic.codes(upper), "", "")
    return given_names.canonical(upper), codes[0], codes[1]


def _nicknames(connection: apsw.Connection, word: str) -> Iterable[str]:
    formal = given_names.canonical(word.upper())
    rows = connection.execute("SELECT word FROM vocabulary WHERE formal = ?", (formal,))
    return (each for (each,) in rows)


def _sounding(connection: apsw.Connection, word: str) -> Iterable[str]:
    _, sound, other = _sounds(word)
    wanted = (sound, other or sound)
    if not sound:
        return ()
    rows = connection.execute(
        "SELECT word FROM vocabulary WHERE sound IN (?, ?) "
        "UNION SELECT word FROM vocabulary WHERE other_sound <> '' AND other_sound IN (?, ?)",
        (*wanted, *wanted),
    )
    return (each for (each,) in rows)


def _misspelt(connection: apsw.Connection, word: str) -> Iterable[str]:
    errors = _allowed_errors(word)
    if errors == 0:
        return ()
    rows = connection.execute(
        "SELECT word FROM vocabulary WHERE length(word) BETWEEN ? AND ?",
        (len(word) - errors, len(word) + errors),
    )
    choices = [each for (each,) in rows]
    found = process.extract(
        word, choices, scorer=OSA.distance, score_cutoff=errors, limit=MOST_PER_LEVEL
    )
    return (each for each, _, _ in found)


def _allowed_errors(word: str) -> int:
    if len(word) < _SHORTEST_WITH_ONE_ERROR or any(c.isdigit() for c in word):
        return 0
    return 2 if len(word) >= _SHORTEST_WITH_TWO_ERRORS else 1


def _closest(word: str, others: Sequence[str]) -> list[str]:
    ranked = sorted(others, key=lambda each: (-JaroWinkler.similarity(word, each), each))
    return ranked[:MOST_PER_LEVEL]
