"""What records say to the full-text indexes, so that old and new can be compared.

Taking words out of an FTS5 index securely costs far more than putting them in: what a correction
leaves as it was must stay where it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from consumers.search.engines.sqlite.tables import ORDINAL_BITS
from consumers.search.tokens import NAME


@dataclass(slots=True)
class FullTexts:
    """What records say to the full-text indexes: tokens by mention, words by record."""

    terms: dict[int, str] = field(default_factory=dict)
    words: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    def add(
        self, row_id: int, mentions: Sequence[tuple[int, str]], narrative: str, words: str
    ) -> None:
        """Add one record; its first mention's tokens are its filters."""
        self.terms.update(mentions)
        self.words[row_id] = (narrative, words, mentions[0][1])

    def names(self) -> Counter[str]:
        """Count the distinct words of each record's names."""
        by_record: dict[int, list[str]] = {}
        for at, tokens in self.terms.items():
            by_record.setdefault(at >> ORDINAL_BITS, []).append(tokens)
        return Counter(name for tokens in by_record.values() for name in _names_of(tokens))


def _names_of(tokens: Iterable[str]) -> set[str]:
    """Give the distinct words of a record's names: each counts once per record."""
    start = len(NAME)
    return {token[start:] for row in tokens for token in row.split() if token.startswith(NAME)}
