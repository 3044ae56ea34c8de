"""The verdict on a pair of mentions (pure).

*same* joins, *possible* is a lead for people and joins nothing, *no* joins nothing. A judgement of
a person decides before any weight. The same evidence, model and defaults give the same verdict.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final, NamedTuple

from streams.resolution.evidence import Evidence
from streams.resolution.guards import GUARDS, settled, without
from streams.resolution.model import Model

SAME: Final = "same"
POSSIBLE: Final = "possible"
NO: Final = "no"
_CACHE_SIZE: Final = 1 << 17


class Verdict(NamedTuple):
    """What the evidence comes to; `fits` says that it is a link, or a rival of one.

    `is_kept` says that it is worth keeping: a link, a lead, or what a veto refused.

    `vetoes` and `holds` name the guards that spoke. A pair that fits but is not *same* joins
    nothing, yet a mention that it would join is ambiguous when it fits another entity as well.
    """

    outcome: str
    bits: float
    vetoes: tuple[str, ...]
    holds: tuple[str, ...]
    fits: bool
    is_kept: bool = True


class Judge:
    """Decides pairs under one model, remembering what it decided on equal evidence."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._guards = GUARDS[model.kind]
        self._decide = lru_cache(maxsize=_CACHE_SIZE)(self._decided)

    def verdict(self, evidence: Evidence, defaults: Collection[str] = ()) -> Verdict:
        """Give the verdict on a pair's evidence, under the default values known now."""
        levels = evidence.levels
        if evidence.shared and defaults:
            levels = settled(self.model.kind, evidence, defaults)
        return self._decide(levels, evidence.frequencies)

    def _decided(self, levels: tuple[int, ...], frequencies: tuple[float, ...]) -> Verdict:
        bits = self._bits(levels, frequencies)
        if bits < self.model.possible:
            return Verdict(NO, bits, (), (), fits=False, is_kept=False)
        vetoes = tuple(self._guards.vetoes(levels))
        if vetoes:
            return Verdict(NO, bits, vetoes, (), fits=False)
        holds = tuple(self._guards.holds(levels))
        is_same = bits >= self.model.same and not holds
        fits = bits >= self.model.same - self.model.ambiguity_bits
        return Verdict(SAME if is_same else POSSIBLE, bits, (), holds, fits)

    def _bits(self, levels: tuple[int, ...], frequencies: tuple[float, ...]) -> float:
        """Give the weight; a link in spite of a difference is among the last that join."""
        excused = self._guards.excused(levels)
        if not excused:
            return self.model.bits(levels, frequencies)
        bits = self.model.bits(without(excused, levels), frequencies)
        return min(bits, self.model.same) if self._guards.name in excused else bits

    def guards(self, levels: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give every veto and hold on a pair, also where its weight alone says no."""
        return tuple(self._guards.vetoes(levels)), tuple(self._guards.holds(levels))
