"""What every search engine offers, so that callers never see which one they have.

One process writes (`consumers.sink.Sink[Document]`), any number read. A reader sees each
transaction of the writer whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from consumers.search.document import MentionType
from consumers.search.plan import Level, Plan
from consumers.search.statements import Graph


class TooSlow(Exception):
    """The search was stopped because it ran into its time limit."""


class HitMention(NamedTuple):
    """A mention of a hit; `is_match` when a group of the plan found it."""

    type: MentionType
    tokens: frozenset[str]
    shown: bytes
    is_match: bool
    local_id: str = ""


class Hit(NamedTuple):
    """A record that was found, with all its mentions; the record itself is not among them."""

    record_key: str
    record_kind: str
    department: str
    owner_ori: str
    occurred_us: int
    published_us: int
    version: int
    bases: tuple[str, ...]
    evidence: tuple[str, ...]
    restricted: bool
    level: Level
    narrative: str
    words: str
    shown: bytes
    mentions: tuple[HitMention, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits with what was counted over all of them.

    `total` stops at HITS_COUNTED, and then `total_is_exact` is False. `facets` maps a facet's
    name to value and number of hits.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How complete the index is: the time up to which nothing is missing, None before any.

    `newest_us` gives the newest publication by department. `associations_to_us` is the time up to
    which who is who and what ties them is complete; it moves with the bus's ticks.
    """

    complete_to_us: int | None
    newest_us: Mapping[str, int]
    associations_to_us: int | None = None


class Word(NamedTuple):
    """A word of the names in the index that is like a word that was asked for."""

    word: str
    level: Level


class SearchEngine(Protocol):
    """Reads an index."""

    @property
    def graph(self) -> Graph:
        """Give the reader of entities and ties."""

    def search(self, plan: Plan, timeout_seconds: float) -> Found:
        """Find what a plan asks for. Raises TooSlow when the time is up."""

    def similar_names(self, word: str) -> Sequence[Word]:
        """Give the words of names that may mean this folded word, itself first, best first."""

    def names_like(self, pattern: str) -> Sequence[str]:
        """Give the words of names that match a folded pattern with `*` and `?`, sorted."""

    def plates_like(self, pattern: str) -> Sequence[str]:
        """Give the folded plates that match a pattern with `*` and `?`, sorted."""

    def has_described_person(self, number: str) -> bool:
        """Tell whether a record with this compact number describes an unidentified person."""

    def freshness(self) -> Freshness:
        """Tell how complete the index is."""

    def count(self) -> int:
        """Give how many records the index holds."""

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds; none has no entry."""

    def close(self) -> None:
        """Let the index go; safe to call twice."""
