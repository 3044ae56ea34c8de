"""The verdicts that are kept, as a graph of mentions (pure).

Only links and rivals connect; leads and refusals are kept for people and for the vetoes between
clusters. The graph holds nothing of a mention that is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from streams.resolution.components import Component, Member
from streams.resolution.judgements import Judgement, Pair, pair
from streams.resolution.verdicts import SAME, Verdict

_NONE: Final[Mapping[str, Verdict]] = {}


class Graph:
    """Verdicts by mention, and the judgements on live pairs.

    `_same` holds the links, `_rivals` what fits but does not join, `_others` leads and refusals.
    """

    def __init__(self) -> None:
        self._same: dict[str, dict[str, Verdict]] = {}
        self._rivals: dict[str, dict[str, Verdict]] = {}
        self._others: dict[str, dict[str, Verdict]] = {}
        self._judged: dict[str, dict[str, Judgement]] = {}

    def _index(self, verdict: Verdict) -> dict[str, dict[str, Verdict]]:
        if not verdict.fits:
            return self._others
        return self._same if verdict.outcome == SAME else self._rivals

    def get(self, a: str, b: str) -> Verdict | None:
        """Give the verdict that is kept of a pair."""
        for index in (self._same, self._rivals, self._others):
            if a in index and b in index[a]:
                return index[a][b]
        return None

    def add(self, a: str, b: str, verdict: Verdict) -> None:
        """Keep a verdict on a pair of which none is kept."""
        index = self._index(verdict)
        for x, y in ((a, b), (b, a)):
            if x in index:
                index[x][y] = verdict
            else:
                index[x] = {y: verdict}

    def drop(self, a: str, b: str, verdict: Verdict) -> None:
        """Drop the verdict that is kept of a pair."""
        index = self._index(verdict)
        for x, y in ((a, b), (b, a)):
            del index[x][y]
            if not index[x]:
                del index[x]

    def kept(self, mention_id: str) -> set[str]:
        """Give the mentions with which a verdict is kept."""
        indexes = (self._same, self._rivals, self._others)
        return {each for index in indexes for each in index.get(mention_id, ())}

    def fitting(self, mention_id: str) -> dict[str, Verdict]:
        """Give the links and rivals of a mention."""
        return self._same.get(mention_id, {}) | self._rivals.get(mention_id, {})

    def links_of(self, mention_id: str) -> Mapping[str, Verdict]:
        """Give the links of a mention; what is given changes with the graph."""
        return self._same.get(mention_id, _NONE)

    def near(self, mention_id: str) -> list[str]:
        """Give those whom links, rivals and must-links connect with a mention, unless judged apart.

        What they connect is never larger than what `component` gives, and makes the same entities.
        """
        found = [*self._same.get(mention_id, ()), *self._rivals.get(mention_id, ())]
        judged = self._judged.get(mention_id)
        if judged is None:
            return found
        together = [other for other, said in judged.items() if said.is_same]
        return together + [other for other in found if other not in judged]

    def is_alone(self, mention_id: str) -> bool:
        """Tell quickly whether nothing can connect a mention with another."""
        return not (
            mention_id in self._same or mention_id in self._rivals or mention_id in self._judged
        )

    def of(self, mentions: Iterable[str]) -> dict[Pair, Verdict]:
        """Give the verdicts that are kept on these mentions, by pair in order."""
        indexes = (self._same, self._rivals, self._others)
        return {
            pair(each, other): verdict
            for each in mentions
            for index in indexes
            if each in index
            for other, verdict in index[each].items()
        }

    def judge(self, judgement: Judgement) -> None:
        """Let a judgement count."""
        a, b = judgement.pair
        self._judged.setdefault(a, {})[b] = judgement
        self._judged.setdefault(b, {})[a] = judgement

    def unjudge(self, a: str, b: str) -> None:
        """Let a judgement count no more."""
        for x, y in ((a, b), (b, a)):
            row = self._judged.get(x, {})
            row.pop(y, None)
            if not row:
                self._judged.pop(x, None)

    def judgement(self, a: str, b: str) -> Judgement | None:
        """Give the judgement that counts on a pair."""
        return self._judged.get(a, {}).get(b)

    def judged(self, mention_id: str) -> list[str]:
        """Give the mentions with which a judgement counts."""
        return list(self._judged.get(mention_id, ()))

    def component(self, start: str) -> set[str]:
        """Give all mentions that links, rivals and must-links connect with one."""
        found, left = {start}, [start]
        while left:
            each = left.pop()
            for index in (self._same, self._rivals):
                if each in index:
                    self._reach(index[each], found, left)
            if each in self._judged:
                self._reach_by_judgement(each, found, left)
        return found

    @staticmethod
    def _reach(row: Iterable[str], found: set[str], left: list[str]) -> None:
        near = set(row) - found
        found |= near
        left += near

    def _reach_by_judgement(self, each: str, found: set[str], left: list[str]) -> None:
        judged = self._judged[each].items()
        self._reach([other for other, said in judged if said.is_same], found, left)

    def are_plainly_linked(self, members: set[str]) -> bool:
        """Tell whether links alone connect a component, and no guard or person spoke in it."""
        if not (
            self._others.keys().isdisjoint(members) and self._rivals.keys().isdisjoint(members)
        ):
            return False
        if self._judged and not self._judged.keys().isdisjoint(members):
            return False
        left = set(members)
        edge = [left.pop()]
        while edge and left:
            found = left.intersection(self._same.get(edge.pop(), ()))
            left -= found
            edge += found
        return not left

    def within(self, members: Mapping[str, Member]) -> Component:
        """Give everything that is known between the members of a component."""
        ids = set(members)
        return Component(
            members,
            self.links(ids),
            self.vetoed(ids),
            self.judgements(ids, is_same=True),
            self.judgements(ids, is_same=False),
        )

    def links(self, members: set[str]) -> dict[Pair, Verdict]:
        """Give the verdicts that connect members of a component, but for pairs judged apart."""
        found: dict[Pair, Verdict] = {}
        for a in members:
            judged = self._judged.get(a, {})
            for b, verdict in self.fitting(a).items():
                if a < b and b in members and (b not in judged or judged[b].is_same):
                    found[a, b] = verdict
        return found

    def vetoed(self, members: set[str]) -> frozenset[Pair]:
        """Give the pairs of a component that a guard refused."""
        return frozenset(
            pair(a, b)
            for a in members
            if a in self._others
            for b, verdict in self._others[a].items()
            if b in members and verdict.vetoes
        )

    def is_vetoed(self, mention_id: str, members: Collection[str]) -> bool:
        """Tell whether a guard refused a pair of a mention with any of these."""
        row = self._others.get(mention_id)
        if row is None:
            return False
        both = [each for each in members if each in row] if len(members) < len(row) else row
        return any(row[each].vetoes and each in members for each in both)

    def is_judged(self, members: Collection[str]) -> bool:
        """Tell whether a judgement counts on any of these."""
        return bool(self._judged) and not self._judged.keys().isdisjoint(members)

    def judgements(self, members: set[str], *, is_same: bool) -> frozenset[Pair]:
        """Give the pairs of a component that people judged the same, or different."""
        if not self._judged:
            return frozenset()
        return frozenset(
            judgement.pair
            for a in members
            for b, judgement in self._judged.get(a, {}).items()
            if b in members and judgement.is_same == is_same
        )

    def verdicts(self) -> dict[Pair, Verdict]:
        """Give every verdict that is kept, by pair."""
        rows = (*self._same.items(), *self._rivals.items(), *self._others.items())
        return {(a, b): v for a, row in rows for b, v in row.items() if a < b}

    def rows(self) -> tuple[dict[str, dict[str, Verdict]] | dict[str, dict[str, Judgement]], ...]:
        """Give all that is kept, by mention, for whoever takes it over."""
        return self._same, self._rivals, self._others, self._judged

    def is_empty(self) -> bool:
        """Tell whether nothing is kept."""
        return not (self._same or self._rivals or self._others or self._judged)
