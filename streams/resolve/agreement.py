"""How well links agree with a truth, pair by pair, with the interval that the counts allow (pure).

A pair is right when both say one person. Counted by groups, not by pairs, so that a million
records take a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

_Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


class Share(NamedTuple):
    """`part` of `of`, with the 95 % Wilson interval of the share behind it."""

    part: int
    of: int

    @property
    def value(self) -> float:
        """The share itself; 1 when there was nothing to be wrong about."""
        return self.part / self.of if self.of else 1.0

    def interval(self) -> tuple[float, float]:
        """Give the Wilson score interval at 95 %: Wilson (1927), in its form without continuity."""
        if not self.of:
            return 0.0, 1.0
        n, p, z2 = self.of, self.part / self.of, _Z * _Z
        middle = p + z2 / (2 * n)
        half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
        return (0.0 if self.part == 0 else max(low, 0.0)), (1.0 if self.part == n else high)


class Agreement(NamedTuple):
    """Pairs that both say, that the links say, and that the truth says."""

    right: int
    linked: int
    true: int
    records: int

    @property
    def precision(self) -> Share:
        """Of the linked pairs, those that are one person in truth."""
        return Share(self.right, self.linked)

    @property
    def recall(self) -> Share:
        """Of the pairs that are one person in truth, those that are linked."""
        return Share(self.right, self.true)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        said = self.linked + self.true
        return 2 * self.right / said if said else 1.0


def agreement(records: Iterable[tuple[str, str]]) -> Agreement:
    """Compare (entity id, true id) of every record that both know."""
    both = Counter(records)
    linked, true = Counter[str](), Counter[str]()
    for (entity, person), count in both.items():
        linked[entity] += count
        true[person] += count
    return Agreement(_pairs(both), _pairs(linked), _pairs(true), linked.total())


def _pairs(groups: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(size * (size - 1) // 2 for size in groups.values())
