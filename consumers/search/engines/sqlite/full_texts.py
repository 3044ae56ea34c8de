"""What records say to the full-text indexes, so that old and new can be compared.

What a correction leaves as it was stays where it is: that costs nothing now, and nothing when the
erasure writes the index anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import apsw

from consumers.search.engines.sqlite.tables import ORDINAL_BITS
from consumers.search.engines.sqlite.vocabulary import Use
from consumers.search.tokens import NAME

_DELETE_TERMS = "DELETE FROM mention_terms WHERE rowid = ?"
_DELETE_WORDS = "DELETE FROM record_words WHERE rowid = ?"
_INSERT_TERMS = "INSERT INTO mention_terms (rowid, tokens) VALUES (?, ?)"
_INSERT_WORDS = "INSERT INTO record_words (rowid, narrative, words, filters) VALUES (?, ?, ?, ?)"


@dataclass(slots=True)
class FullTexts:
    """What records say to the full-text indexes: tokens by mention, words by record."""

    terms: dict[int, str] = field(default_factory=dict)
    words: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    classes: dict[int, int] = field(default_factory=dict)

    def add(
        self, row_id: int, class_id: int, mentions: Sequence[tuple[int, str]], narrative: str,
        words: str,
    ) -> None:  # fmt: skip
        """Add one record; its first mention's tokens are its filters."""
        self.terms.update(mentions)
        self.classes[row_id] = class_id
        self.words[row_id] = (narrative, words, mentions[0][1])

    def names(self) -> Counter[Use]:
        """Count the distinct words of each record's names, by the record's class."""
        by_record: dict[int, list[str]] = {}
        for at, tokens in self.terms.items():
            by_record.setdefault(at >> ORDINAL_BITS, []).append(tokens)
        return Counter(
            Use(name, self.classes[row_id])
            for row_id, tokens in by_record.items()
            for name in _names_of(tokens)
        )


def _names_of(tokens: Iterable[str]) -> set[str]:
    """Give the distinct words of a record's names: each counts once per record."""
    start = len(NAME)
    return {token[start:] for row in tokens for token in row.split() if token.startswith(NAME)}


def exchange(connection: apsw.Connection, old: FullTexts, new: FullTexts) -> list[str]:
    """Take out what is no longer said and put in what is new; give the tables something left.

    In the order of row ids: FTS5 begins a segment of its own at every step back.
    """
    terms_gone = _ids_without(old.terms, new.terms)
    words_gone = _ids_without(old.words, new.words)
    connection.executemany(_DELETE_TERMS, terms_gone)
    connection.executemany(_DELETE_WORDS, words_gone)
    terms = [each for each in new.terms.items() if old.terms.get(each[0]) != each[1]]
    words = [(at, *said) for at, said in new.words.items() if old.words.get(at) != said]
    connection.executemany(_INSERT_TERMS, sorted(terms))
    connection.executemany(_INSERT_WORDS, sorted(words))
    left = (("mention_terms", terms_gone), ("record_words", words_gone))
    return [table for table, gone in left if gone]


def _ids_without(old: Mapping[int, object], new: Mapping[int, object]) -> list[tuple[int]]:
    return [(at,) for at in sorted(old) if new.get(at) != old[at]]
