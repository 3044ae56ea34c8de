"""Names that may stand in no schema: what people must not be sorted by is never on the bus."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schemas.files import read_yaml

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class ForbiddenTopic:
    """Something that no name may speak of, and how it is recognised."""

    name: str
    says: str
    words: tuple[tuple[str, ...], ...]
    anywhere: tuple[str, ...]

    def is_spoken_of(self, words: tuple[str, ...]) -> bool:
        """Say whether a name, as lower-case words, speaks of this."""
        letters = "".join(words)
        return any(part in letters for part in self.anywhere) or any(
            words[start : start + len(phrase)] == phrase
            for phrase in self.words
            for start in range(len(words))
        )


@cache
def forbidden_topics() -> Mapping[str, ForbiddenTopic]:
    """Give everything that no name may speak of."""
    entries = read_yaml("forbidden_fields.yaml")
    return MappingProxyType(
        {
            name: ForbiddenTopic(
                name,
                entry["says"],
                tuple(words_of(phrase) for phrase in entry["words"]),
                tuple(entry["anywhere"]),
            )
            for name, entry in entries.items()
        }
    )


def words_of(name: str) -> tuple[str, ...]:
    """Split a name into lower-case words at underscores, other signs, digits and capitals."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def forbidden_in(name: str) -> ForbiddenTopic | None:
    """Give what a name speaks of although it must not, or None."""
    words = words_of(name)
    return next((t for t in forbidden_topics().values() if t.is_spoken_of(words)), None)
