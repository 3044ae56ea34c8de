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
from consumers.search.sight import Sight
from consumers.search.statements import Graph, Pointer


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
    """A record that was found, with the mentions of it that are seen; it is not among them itself.

    Of what a mask takes away there is nothing in it, tokens and words included. `items` is what is
    decided about, as `consumers.search.classes` writes it.
    """

    record_key: str
    record_kind: str
    department: str
    owner_ori: str
    occurred_us: int
    published_us: int
    version: int
    bases: tuple[str, ...]
    evidence: tuple[str, ...]
    items: str
    level: Level
    narrative: str
    words: str
    shown: bytes
    mentions: tuple[HitMention, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits with what was counted over all of them.

    `total` stops at HITS_COUNTED, and then `total_is_exact` is False. `facets` maps a facet's
    name to value and number of hits. `pointers` are in no page and no count: each owner once,
    sorted by name.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    facets: Mapping[str, Mapping[str, int]]
    pointers: tuple[Pointer, ...] = ()


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


class Seen(Protocol):
    """Reads what one sight sees of an index; to everything else it is as if it were not there."""

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
        """Tell how complete the index is; of departments, by the records that are shown."""


class SearchEngine(Protocol):
    """Reads an index."""

    def classes(self) -> Mapping[int, str]:
        """Give what decisions depend on, by the number of each class of records and ties."""

    def seen(self, sight: Sight) -> Seen:
        """Give the reader of what a sight sees; a sight sees classes that were known when made."""

    def freshness(self) -> Freshness:
        """Tell how complete the index is, for those who keep it."""

    def count(self) -> int:
        """Give how many records the index holds."""

    def count_by_department(self) -> dict[str, int]:
        """Give how many records of each department the index holds; none has no entry."""

    def close(self) -> None:
        """Let the index go; safe to call twice."""
