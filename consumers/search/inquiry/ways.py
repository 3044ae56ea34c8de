"""The shortest ways between two entities, over ties that may be followed (pure).

Invariant: both directions give the same ways. The search always begins at the id that sorts first,
and looks no further than its limits, which it tells when it meets them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from consumers.search.inquiry.following import Following
from consumers.search.statements import Graph, StoredTie

MOST_STEPS: Final = 6
MOST_WAYS: Final = 5
MOST_LOOKED_AT: Final = 2_000
"""So many entities are looked at on the way."""
MOST_TIES: Final = 200
"""Nobody is led on through an entity with more ties than that: it ties everybody to everybody."""
MOST_TIES_OF_ENDS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way, and every tie that makes it."""

    start: str
    end: str
    ties: tuple[StoredTie, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest ways, each a row of steps; none when there is no way within the limits.

    `left_out` counts the ties that were met and not followed, by reason. `crowded` are entities
    with too many ties to lead on; `was_cut` says that the search gave up at its limit.
    """

    start: str
    end: str
    ways: tuple[tuple[Step, ...], ...]
    left_out: Mapping[str, int]
    crowded: tuple[str, ...]
    was_cut: bool
    more: bool


def ways(graph: Graph, start: str, end: str, following: Following) -> Ways:
    """Find the shortest ways from one entity to another."""
    first, last = sorted((start, end))
    search = _Search(graph, first, last, following)
    search.run()
    rows = search.rows()
    found = [tuple(search.steps(row)) for row in rows[:MOST_WAYS]]
    if first != start:
        found = [_turned(way) for way in found]
    return Ways(
        start, end, tuple(found), dict(search.left_out), tuple(sorted(search.crowded)),
        search.was_cut, len(rows) > MOST_WAYS,
    )  # fmt: skip


def _turned(way: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(Step(step.end, step.start, step.ties) for step in reversed(way))


@dataclass(slots=True)
class _Search:
    """Goes outwards ring by ring until the other end is met."""

    graph: Graph
    first: str
    last: str
    following: Following
    left_out: Counter[str] = field(default_factory=Counter)
    crowded: set[str] = field(default_factory=set)
    was_cut: bool = False
    _ties: dict[frozenset[str], dict[str, StoredTie]] = field(default_factory=dict)
    _before: dict[str, set[str]] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)

    def run(self) -> None:
        known, ring, looked_at = {self.first}, [self.first], 0
        for _ in range(MOST_STEPS):
            following: set[str] = set()
            for entity in ring:
                if looked_at >= MOST_LOOKED_AT:
                    self.was_cut = True
                    break
                looked_at += 1
                for other in self._neighbours(entity) - known:
                    self._before.setdefault(other, set()).add(entity)
                    following.add(other)
            if self.last in following or not following:
                return
            known |= following
            ring = sorted(following)

    def rows(self) -> list[list[str]]:
        """Give the shortest ways as rows of entities, in order; one more than are shown."""
        found: list[list[str]] = []
        waiting = [[self.last]] if self.last in self._before else []
        while waiting and len(found) <= MOST_WAYS:
            row = waiting.pop()
            if row[0] == self.first:
                found.append(row)
            else:
                waiting += [[each, *row] for each in sorted(self._before[row[0]], reverse=True)]
        return found

    def steps(self, row: Sequence[str]) -> list[Step]:
        pairs = itertools.pairwise(row)
        return [Step(a, b, self._between(a, b)) for a, b in pairs]

    def _between(self, a: str, b: str) -> tuple[StoredTie, ...]:
        found = self._ties[frozenset((a, b))].values()
        return tuple(sorted(found, key=lambda tie: tie.association_id))

    def _neighbours(self, entity: str) -> set[str]:
        is_end = entity in (self.first, self.last)
        limit = MOST_TIES_OF_ENDS if is_end else MOST_TIES
        ties = self.graph.ties(entity, limit)
        if len(ties) > limit:
            self.crowded.add(entity)
            if not is_end:
                return set()
        return {other for tie in ties if (other := self._followed(tie, entity)) is not None}

    def _followed(self, tie: StoredTie, entity: str) -> str | None:
        reason = self.following.barred(tie.told)
        if reason is not None:
            if tie.association_id not in self._counted:
                self._counted.add(tie.association_id)
                self.left_out[reason] += 1
            return None
        other = tie.other_end(entity)
        self._ties.setdefault(frozenset((entity, other)), {})[tie.association_id] = tie
        return other if other != entity else None
