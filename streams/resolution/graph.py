"""The verdicts that are kept, as a graph of mentions (pure).

Only links and rivals connect; leads and refusals are kept for people and for the vetoes between
clusters. The graph holds nothing of a mention that is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.resolution.judgements import Judgement, Pair, pair
from streams.resolution.verdicts import Verdict


class Graph:
    """Verdicts by mention, and the judgements on live pairs."""

    def __init__(self) -> None:
        self._links: dict[str, dict[str, Verdict]] = {}
        self._others: dict[str, dict[str, Verdict]] = {}
        self._judged: dict[str, dict[str, Judgement]] = {}

    def get(self, a: str, b: str) -> Verdict | None:
        """Give the verdict that is kept of a pair."""
        return self._links.get(a, {}).get(b) or self._others.get(a, {}).get(b)

    def put(self, a: str, b: str, verdict: Verdict | None) -> None:
        """Keep a verdict, or drop the one that was kept."""
        self._drop(self._links, a, b)
        self._drop(self._others, a, b)
        if verdict is not None:
            index = self._links if verdict.fits else self._others
            index.setdefault(a, {})[b] = verdict
            index.setdefault(b, {})[a] = verdict

    @staticmethod
    def _drop(index: dict[str, dict[str, Verdict]], a: str, b: str) -> None:
        for x, y in ((a, b), (b, a)):
            row = index.get(x)
            if row is not None and row.pop(y, None) is not None and not row:
                del index[x]

    def kept(self, mention_id: str) -> list[str]:
        """Give the mentions with which a verdict is kept."""
        return [*self._links.get(mention_id, ()), *self._others.get(mention_id, ())]

    def fitting(self, mention_id: str) -> dict[str, Verdict]:
        """Give the links and rivals of a mention."""
        return self._links.get(mention_id, {})

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
        """Give all mentions that links and must-links connect with one."""
        found, left = {start}, [start]
        while left:
            near = self._neighbours(left.pop()) - found
            found |= near
            left += near
        return found

    def _neighbours(self, mention_id: str) -> set[str]:
        near = set(self._links.get(mention_id, ()))
        for other, judgement in self._judged.get(mention_id, {}).items():
            (near.add if judgement.is_same else near.discard)(other)
        return near

    def links(self, members: Iterable[str]) -> dict[Pair, Verdict]:
        """Give the verdicts that connect members of a component, but for pairs judged apart."""
        found: dict[Pair, Verdict] = {}
        for a in members:
            judged = self._judged.get(a, {})
            for b, verdict in self._links.get(a, {}).items():
                if a < b and (b not in judged or judged[b].is_same):
                    found[a, b] = verdict
        return found

    def vetoed(self, members: set[str]) -> frozenset[Pair]:
        """Give the pairs of a component that a guard refused."""
        return frozenset(
            pair(a, b)
            for a in members
            for b, verdict in self._others.get(a, {}).items()
            if b in members and verdict.vetoes
        )

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
        rows = (*self._links.items(), *self._others.items())
        return {(a, b): v for a, row in rows for b, v in row.items() if a < b}

    def is_empty(self) -> bool:
        """Tell whether nothing is kept."""
        return not (self._links or self._others or self._judged)
