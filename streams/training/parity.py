"""Our scorer held against Splink's, pair by pair (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from streams.resolution.comparison import compare
from streams.resolution.mentions import PersonMention
from streams.resolution.model import Model
from streams.training.model_file import uncapped


class Scored(Protocol):
    """A pair by its places among the mentions, and its bits as Splink gives them."""

    @property
    def a(self) -> int: ...
    @property
    def b(self) -> int: ...
    @property
    def bits(self) -> float: ...


def replay(mentions: Sequence[PersonMention], model: Model, scored: Iterable[Scored]) -> float:
    """Score pairs again, without caps, and give the largest difference in bits."""
    plain = uncapped(model)
    differences = (abs(plain.bits(*_seen(mentions, model, pair)) - pair.bits) for pair in scored)
    return max(differences, default=0.0)


def vectors_of(
    mentions: Sequence[PersonMention], model: Model, scored: Iterable[Scored]
) -> list[tuple[tuple[int, ...], tuple[float, ...], float]]:
    """Give levels, frequencies and Splink's bits of pairs, to be replayed without Splink."""
    return [(*_seen(mentions, model, pair), pair.bits) for pair in scored]


def _seen(
    mentions: Sequence[PersonMention], model: Model, pair: Scored
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    evidence = compare(mentions[pair.a], mentions[pair.b], model.terms)
    return evidence.levels, evidence.frequencies
